#include "reconciler/adoption.h"

#include <fmt/format.h>

namespace bough {
namespace {

Error refuse(std::string reason) {
  return {Fault::refused, std::move(reason)};
}

/// The database that the place has already, wherever.
std::optional<std::string> present(const Observed& observed, const Place& place) {
  for (const auto& [instance, seen] : observed.instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases)
      if (database.mark && database.mark->place == place && in_place(database.mark->standing))
        return printable(name) + " on " + instance.text();
  }
  return std::nullopt;
}

std::string because(const Adoption& wish, const Mark& mark) {
  std::string text = "bough adopt";
  if (!mark.owner.empty())
    text += fmt::format("; it stays {}'s, as whom its login acts", printable(mark.owner));
  else if (wish.reown)
    text += "; what is in it changes its owner";
  else
    text += "; its login gets another password";
  return text;
}

}  // namespace

Result<Step> adoption(const Adoption& wish, const Observed& observed) {
  const std::string name = printable(wish.name.text());
  const auto server = observed.instances.find(wish.instance);
  const auto* contents =
      server == observed.instances.end() ? nullptr : std::get_if<Contents>(&server->second);
  if (!contents)
    return Error{Fault::unavailable, "instance " + wish.instance.text() + " does not answer"};
  const auto found = contents->databases.find(wish.name.text());
  if (found == contents->databases.end())
    return Error{Fault::missing,
                 fmt::format("there is no database {} on {}", name, wish.instance.text())};
  const SeenDatabase& database = found->second;
  if (database.mark)
    return refuse(fmt::format("{} belongs to {}", name, address(database.mark->place)));
  if (const auto other = present(observed, wish.place))
    return refuse(fmt::format("{} has a database already: {}", address(wish.place), *other));
  const bool owns = database.owner == wish.name.text();
  const bool role = contents->roles.contains(wish.name.text());
  if (role && !owns)
    return refuse(
        fmt::format("role {} exists and does not own the database ({} does); rename it, "
                    "or make it the owner",
                    name, printable(database.owner)));
  Mark mark{wish.place, wish.name, 1, Active{}, std::nullopt};
  mark.adopted = true;
  mark.opened = true;
  const bool reown = wish.reown && !owns;
  if (!owns && !reown) mark.owner = database.owner;
  return Step{AdoptDatabase{{wish.instance, wish.place, wish.name}, mark, reown},
              because(wish, mark), false};
}

}  // namespace bough
