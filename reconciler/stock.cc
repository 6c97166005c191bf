#include "reconciler/stock.h"

#include <fmt/format.h>

#include <algorithm>

namespace bough {
namespace {

bool is_ready(const SeenStock& seen, const Stock& stock, StockState state) {
  return seen.mark.stock == stock && seen.mark.state == state && !seen.busy;
}

Step drop(const InstanceName& instance, const StockMark& mark, std::string because) {
  return {DropStock{{instance, mark.name, mark.stock}}, std::move(because), false};
}

/// One instance's part of the upkeep of one stock.
class Upkeep {
 public:
  Upkeep(const WantedStock& wanted, const Observed& observed, const Contents& contents)
      : wanted_(wanted), observed_(observed), contents_(contents) {}

  std::vector<Step> steps(Instant now, Refresh refresh) {
    drop_useless();
    const bool filling = wanted_.stock.what != Copy::none && fill(now, refresh);
    make_spares(filling);
    return std::move(steps_);
  }

 private:
  void drop_useless();
  bool fill(Instant now, Refresh refresh);
  void make_spares(bool anew);
  DatabaseName free_name(DatabaseName (*name)(const Stock&, int)) const;

  const WantedStock& wanted_;
  const Observed& observed_;
  const Contents& contents_;
  std::set<std::string> claimed_;
  std::vector<Step> steps_;
};

DatabaseName Upkeep::free_name(DatabaseName (*name)(const Stock&, int)) const {
  for (int number = 1;; ++number) {
    DatabaseName one = name(wanted_.stock, number);
    if (is_free(&contents_, one) && !claimed_.contains(one.text())) return one;
  }
}

void Upkeep::drop_useless() {
  const StockMark* newest = newest_template(contents_, wanted_.stock);
  const auto fresh = fresh_spares(contents_, wanted_.stock);
  int kept = 0;
  for (const auto& [name, seen] : contents_.stock) {
    if (seen.mark.stock != wanted_.stock || seen.busy) continue;
    if (seen.mark.state == StockState::unfinished)
      steps_.push_back(drop(wanted_.instance, seen.mark, "its making was interrupted"));
    if (seen.mark.state == StockState::ready_template && newest && seen.mark.name != newest->name)
      steps_.push_back(drop(wanted_.instance, seen.mark, "a newer one is there"));
    if (seen.mark.state != StockState::spare) continue;
    if (std::find(fresh.begin(), fresh.end(), seen.mark) == fresh.end())
      steps_.push_back(drop(wanted_.instance, seen.mark, "its template was refreshed"));
    else if (++kept > wanted_.spares)
      steps_.push_back(drop(wanted_.instance, seen.mark, "fewer spares are wanted"));
  }
}

bool Upkeep::fill(Instant now, Refresh refresh) {
  const StockMark* newest = newest_template(contents_, wanted_.stock);
  const bool due = newest == nullptr || newest->read + wanted_.refresh <= now;
  if (!due && refresh == Refresh::due) return false;
  const auto source = source_of(observed_, wanted_.production);
  if (!source || source->version > contents_.version) return false;
  const DatabaseName name = free_name(template_name);
  claimed_.insert(name.text());
  steps_.push_back({FillTemplate{{wanted_.instance, name, wanted_.stock},
                                 source->instance,
                                 source->mark,
                                 wanted_.masking,
                                 now},
                    newest ? fmt::format("the last copy of {} is of {}", source->mark.name.text(),
                                         rfc3339(newest->read))
                           : "new databases begin with it",
                    false});
  return true;
}

/// With a template that is just being filled all of them are to be made anew: the next upkeep does.
void Upkeep::make_spares(bool anew) {
  if (anew) return;
  if (wanted_.stock.what != Copy::none && !newest_template(contents_, wanted_.stock)) return;
  const auto there = static_cast<int>(fresh_spares(contents_, wanted_.stock).size());
  for (int count = there; count < wanted_.spares; ++count) {
    const DatabaseName name = free_name(spare_name);
    claimed_.insert(name.text());
    steps_.push_back({MakeSpare{{wanted_.instance, name, wanted_.stock}},
                      fmt::format("{} of {} spares are there", count, wanted_.spares), false});
  }
}

const Contents* contents_of(const Observed& observed, const InstanceName& instance) {
  const auto seen = observed.instances.find(instance);
  return seen == observed.instances.end() ? nullptr : std::get_if<Contents>(&seen->second);
}

}  // namespace

std::vector<WantedStock> wanted_stock(const Desired& desired) {
  std::vector<WantedStock> result;
  for (const WantedHome& home : desired.homes)
    for (const Wanted& wanted : home.databases) {
      const Place& place = wanted.place;
      if (wanted.copies.what == Copy::none && wanted.copies.spares == 0) continue;
      WantedStock one{
          wanted.instance,
          stock_of(place.home.repository, place.home.app, place.component, wanted.copies),
          wanted.copies.masking,
          wanted.copies.refresh,
          wanted.copies.spares,
          {{place.home.repository, place.home.app, Production{}}, place.component}};
      if (std::find(result.begin(), result.end(), one) == result.end())
        result.push_back(std::move(one));
    }
  return result;
}

const StockMark* newest_template(const Contents& contents, const Stock& stock) {
  const StockMark* newest = nullptr;
  for (const auto& [name, seen] : contents.stock)
    if (is_ready(seen, stock, StockState::ready_template) &&
        (newest == nullptr || newest->read < seen.mark.read))
      newest = &seen.mark;
  return newest;
}

std::vector<StockMark> fresh_spares(const Contents& contents, const Stock& stock) {
  const StockMark* source = newest_template(contents, stock);
  std::vector<StockMark> result;
  if (stock.what != Copy::none && source == nullptr) return result;
  for (const auto& [name, seen] : contents.stock)
    if (is_ready(seen, stock, StockState::spare) &&
        (source == nullptr || seen.mark.read == source->read))
      result.push_back(seen.mark);
  return result;
}

bool is_free(const Contents* contents, const DatabaseName& name) {
  if (!contents) return true;
  const auto seen = contents->stock.find(name.text());
  if (seen != contents->stock.end())
    return seen->second.mark.state == StockState::unfinished && !seen->second.busy;
  return !contents->databases.contains(name.text()) && !contents->roles.contains(name.text());
}

std::optional<CopySource> source_of(const Observed& observed, const Place& production) {
  for (const auto& [instance, seen] : observed.instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases)
      if (database.mark && database.mark->place == production && !database.broken &&
          std::holds_alternative<Active>(database.mark->standing))
        return CopySource{instance, *database.mark, contents->version};
  }
  return std::nullopt;
}

std::vector<Step> upkeep(const std::vector<WantedStock>& wanted, const Observed& observed,
                         Instant now, Refresh refresh) {
  std::vector<Step> steps;
  for (const WantedStock& one : wanted)
    if (const Contents* contents = contents_of(observed, one.instance))
      for (Step& step : Upkeep(one, observed, *contents).steps(now, refresh))
        steps.push_back(std::move(step));
  return steps;
}

std::vector<Step> clearance(const std::set<RepositoryName>& repositories,
                            const Observed& observed) {
  std::vector<Step> steps;
  for (const auto& [instance, seen] : observed.instances)
    if (const auto* contents = std::get_if<Contents>(&seen))
      for (const auto& [name, stock] : contents->stock)
        if (!stock.busy && !repositories.contains(stock.mark.stock.repository))
          steps.push_back(drop(instance, stock.mark, "its repository is not watched any more"));
  return steps;
}

}  // namespace bough
