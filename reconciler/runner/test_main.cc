#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>

#include "reconciler/runner/process.h"

namespace {

// A bough that runs a command until it is killed, and prints the command's output.
int drive(char** argv) {
  bough::ProcessRequest request;
  request.command = argv[2];
  request.root = argv[3];
  request.sandbox =
      std::strcmp(argv[4], "off") == 0 ? bough::Sandbox::off : bough::Sandbox::required;
  const auto show = [](std::string_view line) {
    std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
    std::fflush(stdout);
  };
  return bough::run_process(request, show, {}) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::strcmp(argv[1], "__drive") == 0) return drive(argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
