#include <fmt/format.h>

#include <algorithm>

#include "reconciler/planner_parts.h"
#include "reconciler/stock.h"

namespace bough::planner {
namespace {

/// A name that neither the server nor this plan has.
DatabaseName claim(const Target& at, DatabaseName (*name)(const Stock&, int), const Stock& stock,
                   const Sight& sight, Draft& draft) {
  for (int number = 1;; ++number) {
    DatabaseName one = name(stock, number);
    if (!is_free(sight.contents(at.instance), one)) continue;
    if (draft.names.emplace(std::pair(at.instance, one.text()), at.place).second) return one;
  }
}

std::optional<FromStock> from_spare(const Target& at, const Stock& stock, const Sight& sight,
                                    Draft& draft) {
  const Contents* contents = sight.contents(at.instance);
  if (!contents) return std::nullopt;
  for (const StockMark& spare : fresh_spares(*contents, stock))
    if (draft.names.emplace(std::pair(at.instance, spare.name.text()), at.place).second)
      return FromStock{stock, spare.name,
                       stock.what == Copy::none
                           ? "from a warm spare"
                           : fmt::format("from a warm spare with {} of {}",
                                         description_of(stock.what), rfc3339(spare.read))};
  return std::nullopt;
}

bool silent_somewhere(const Sight& sight) {
  const auto& instances = sight.observed().instances;
  return std::any_of(instances.begin(), instances.end(), [](const auto& entry) {
    return std::holds_alternative<Unreachable>(entry.second);
  });
}

/// The version that the server has, or will have once it is started.
int version_of(const SeenInstance* seen) {
  if (const auto* contents = seen ? std::get_if<Contents>(seen) : nullptr) return contents->version;
  const auto* absent = seen ? std::get_if<NotCreated>(seen) : nullptr;
  return absent ? absent->version : 0;
}

/// Why production cannot be copied to there, if so.
std::optional<Origin> obstacle(const Wanted& wanted, const Target& at,
                               const std::optional<CopySource>& source, const Sight& sight) {
  if (!source && silent_somewhere(sight))
    return NoOrigin{
        "it begins with a copy of production, and a server that may hold it does not "
        "answer"};
  if (!source) return FromNothing{"it begins empty: production has no such database in use yet"};
  if (!wanted.migrations.empty() && !source->mark.migrated)
    return FromNothing{"it begins empty: production was not migrated yet"};
  const int version = version_of(sight.instance(at.instance));
  if (source->version <= version) return std::nullopt;
  return NoOrigin{fmt::format(
      "it begins with a copy of production, which is of version {}, and {} is of version {}: give "
      "the repository an instance of version {} or newer, or say copy: none",
      source->version, at.instance.text(), version, source->version)};
}

}  // namespace

Origin origin_of(const Wanted& wanted, const Target& at, const Sight& sight, Draft& draft) {
  const Place& place = at.place;
  if (is_production(place.home.environment)) return FromNothing{};
  const Stock stock =
      stock_of(place.home.repository, place.home.app, place.component, wanted.copies);
  if (auto spare = from_spare(at, stock, sight, draft)) return *std::move(spare);
  if (stock.what == Copy::none) return FromNothing{};
  const auto from = [&](std::string because) {
    return FromStock{stock, claim(at, spare_name, stock, sight, draft), std::move(because)};
  };
  const Contents* contents = sight.contents(at.instance);
  if (const StockMark* source = contents ? newest_template(*contents, stock) : nullptr)
    return from(
        fmt::format("it begins with {} of {}", description_of(stock.what), rfc3339(source->read)));
  const Place production{{place.home.repository, place.home.app, Production{}}, place.component};
  const auto source = source_of(sight.observed(), production);
  if (auto none = obstacle(wanted, at, source, sight)) return *std::move(none);
  const std::pair key(at.instance, stock);
  if (!draft.fills.contains(key))
    draft.fills.emplace(
        key, Step{FillTemplate{{at.instance, claim(at, template_name, stock, sight, draft), stock},
                               source->instance,
                               source->mark,
                               wanted.copies.masking,
                               draft.now},
                  fmt::format("databases of branches begin with {}", description_of(stock.what)),
                  false});
  return from(fmt::format("it begins with {}", description_of(stock.what)));
}

void plan_stock_departures(const Desired& desired, const Sight& sight, Draft& draft) {
  const std::vector<WantedStock> wanted = wanted_stock(desired);
  const auto unwanted = [&](const InstanceName& instance, const StockMark& mark) {
    const auto found = std::find_if(wanted.begin(), wanted.end(), [&](const WantedStock& one) {
      return one.instance == instance && one.stock == mark.stock;
    });
    if (found == wanted.end()) return true;
    return mark.state == StockState::spare && found->spares == 0;
  };
  for (const auto& [instance, seen] : sight.observed().instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, stock] : contents->stock) {
      const RepositoryName& repository = stock.mark.stock.repository;
      if (stock.busy || !desired.speaks_for.contains(repository)) continue;
      // What a branch asks for that could not be read is not known.
      if (desired.unreadable.contains(repository) || !unwanted(instance, stock.mark)) continue;
      draft.add(DropStock{{instance, stock.mark.name, stock.mark.stock}},
                "no database of a branch begins with it any more");
    }
  }
}

}  // namespace bough::planner
