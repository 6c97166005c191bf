#include "reconciler/runner/inside.h"

#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "reconciler/runner/seccomp.h"

namespace bough::runner {

std::vector<std::string> inside_arguments(int most_threads, const std::string& command) {
  return {inside_word, std::to_string(most_threads), command};
}

int run_inside(int count, char** arguments) {
  constexpr int could_not = 125;
  if (count != 4) return could_not;
  const auto most = static_cast<rlim_t>(std::strtoul(arguments[2], nullptr, 10));
  const rlimit threads{most, most};
  setrlimit(RLIMIT_NPROC, &threads);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (const auto trouble = give_up_system_calls()) {
    std::fprintf(stderr, "bough: %s\n", trouble->c_str());
    return could_not;
  }
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  char shell[] = "/bin/sh";
  char option[] = "-c";
  char* words[] = {shell, option, arguments[3], nullptr};
  execv(shell, words);
  std::fprintf(stderr, "bough: starting /bin/sh: %s\n", std::strerror(errno));
  return could_not;
}

}  // namespace bough::runner
