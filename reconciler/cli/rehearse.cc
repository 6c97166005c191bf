#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/cli/progress.h"
#include "reconciler/cli/render.h"

namespace bough::cli {

int rehearse(const Globals& globals, const RehearseArguments& arguments) {
  stop_in_order();
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  Arguments asked = arguments_of(arguments.target);
  asked.put("data", arguments.data);
  const auto show = [&](const nlohmann::ordered_json& rehearsal) {
    fmt::print("{}", arguments.markdown ? rehearsal_markdown(rehearsal)
                                        : "\n" + rehearsal_text(rehearsal));
  };
  if (!arguments.markdown) return carry_out(globals, **client, "rehearse", asked, show);
  auto outcome = (*client)->call("rehearse", asked, [](std::string_view) {});
  if (!outcome) return complain(outcome.error());
  show(nlohmann::ordered_json::parse(outcome->document));
  return outcome->exit;
}

}  // namespace bough::cli
