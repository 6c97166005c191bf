#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "reconciler/cli/commands.h"
#include "reconciler/documents.h"
#include "spec/findings.h"
#include "spec/ruling.h"

namespace bough::cli {
namespace {

Error unknown(std::string_view code) {
  const std::vector<Ruling> all = rulings();
  std::vector<std::string_view> codes;
  for (const Ruling& ruling : all) codes.push_back(ruling.code);
  return {Fault::invalid,
          fmt::format("there is no code {} ({})", in_quotes(code), choice_fix(code, codes))};
}

std::string indented(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    result += fmt::format("    {}\n", printable(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace

int explain(const Globals& globals, const std::string& code) {
  const Ruling* ruling = find_ruling(code);
  if (!ruling) return complain(unknown(code));
  if (globals.json) {
    const nlohmann::ordered_json document{{"format_version", kFormatVersion},
                                          {"code", ruling->code},
                                          {"severity", word_of(ruling->severity)},
                                          {"rule", ruling->rule},
                                          {"because", ruling->because},
                                          {"fix", ruling->fix},
                                          {"example", ruling->example}};
    fmt::print("{}\n", document.dump(2));
    return kOk;
  }
  fmt::print("{} ({})\n\nRule:    {}\nBecause: {}\nFix:     {}\n", ruling->code,
             word_of(ruling->severity), ruling->rule, ruling->because, ruling->fix);
  if (!ruling->example.empty()) fmt::print("\nExample:\n{}", indented(ruling->example));
  return kOk;
}

}  // namespace bough::cli
