#include "spec/schema.h"

#include <fmt/format.h>

#include "reconciler/cli/commands.h"

namespace bough::cli {

int schema(const std::string& of) {
  fmt::print("{}", of == "app" ? app_schema() : config_schema());
  return kOk;
}

}  // namespace bough::cli
