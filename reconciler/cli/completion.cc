#include <fmt/format.h>

#include <string_view>

#include "reconciler/cli/line.h"

namespace bough::cli {
namespace {

// The scripts know no commands: they ask the bough that is there.
constexpr std::string_view kBash = R"(_bough() {
  mapfile -t COMPREPLY < <(bough __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _bough bough
)";

constexpr std::string_view kZsh = R"(#compdef bough
_bough() {
  local -a found
  found=("${(@f)$(bough __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _bough bough
)";

constexpr std::string_view kFish = R"(function __bough_complete
    set -l words (commandline -opc) (commandline -ct)
    bough __complete $words[2..-1] 2>/dev/null
end
complete -c bough -a '(__bough_complete)'
)";

}  // namespace

int completion(const std::string& shell) {
  fmt::print("{}", shell == "bash" ? kBash : shell == "zsh" ? kZsh : kFish);
  return kOk;
}

}  // namespace bough::cli
