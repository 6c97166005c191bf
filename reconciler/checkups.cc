#include "reconciler/checkups.h"

namespace bough {
namespace {

constexpr std::chrono::minutes kRound(15);

std::optional<long long> budget_of(const Installation& installation, const RepositoryName& name) {
  const RepositoryConfig* repository = installation.repository(name.text());
  return repository ? repository->limits.size_bytes : std::nullopt;
}

}  // namespace

std::vector<Looked> databases_in_use(Installation& installation) {
  std::vector<Looked> all;
  for (const InstanceName& instance : installation.instances()) {
    const SeenInstance seen = installation.observe(instance);
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases)
      if (database.mark && std::holds_alternative<Active>(database.mark->standing))
        all.push_back({instance, *database.mark});
  }
  return all;
}

Result<Checkup> check_up(Installation& installation, const Looked& database) {
  auto journal = installation.journal();
  if (!journal) return journal.error();
  auto server = installation.server(database.instance);
  if (!server) return server.error();
  auto checkup = (*server)->check_up(database.mark);
  if (!checkup || !*journal) return checkup;
  auto kept = (*journal)->keep({database.instance, database.mark.name}, *checkup);
  return kept ? checkup : Result<Checkup>(kept.error());
}

Finding meaning_of(const Checkup& checkup, const std::optional<long long>& budget) {
  if (checkup.let_in == false) return Finding::shut_out;
  if (!budget || checkup.bytes * 100 < *budget * 95) return Finding::fine;
  return checkup.bytes * 100 > *budget * 120 ? Finding::locked : Finding::over;
}

void Checkups::begin_round(Instant now) {
  if (begun_ && now - *begun_ < kRound) return;
  begun_ = now;
  for (Looked& database : databases_in_use(installation_)) round_.push_back(std::move(database));
}

std::optional<RepositoryName> Checkups::next(Instant now) {
  if (round_.empty()) begin_round(now);
  if (round_.empty()) return std::nullopt;
  const Looked database = std::move(round_.front());
  round_.pop_front();
  const auto checkup = check_up(installation_, database);
  // It may be gone since the round began; what does not answer is told by others.
  if (!checkup) return std::nullopt;
  const RepositoryName& repository = database.mark.place.home.repository;
  const Finding finding = meaning_of(*checkup, budget_of(installation_, repository));
  const auto [entry, fresh] = last_.try_emplace({database.instance, database.mark.name}, finding);
  const Finding before = fresh ? Finding::fine : std::exchange(entry->second, finding);
  return before == finding && finding != Finding::shut_out ? std::nullopt
                                                           : std::optional(repository);
}

}  // namespace bough
