#pragma once

#include <deque>
#include <optional>

#include "reconciler/installation.h"

namespace bough {

/// A database that bough looks after.
struct Looked {
  InstanceName instance;
  Mark mark;
};

/// The databases in use on the instances that answer.
std::vector<Looked> databases_in_use(Installation& installation);

/// Looks into one database (its size, whether its password works) and keeps that in the journal.
Result<Checkup> check_up(Installation& installation, const Looked& database);

/// What a check-up means for plans; pure. Two that mean the same need no new plan.
enum class Finding { fine, over, locked, shut_out };
Finding meaning_of(const Checkup& checkup, const std::optional<long long>& budget);

/// Looks into all databases in turn, one at a time, since that is dear. Not thread-safe.
class Checkups {
 public:
  explicit Checkups(Installation& installation) : installation_(installation) {}

  /// Looks into the next one, if one is due; its repository when plans may come out otherwise now.
  std::optional<RepositoryName> next(Instant now);

 private:
  void begin_round(Instant now);

  Installation& installation_;
  std::deque<Looked> round_;
  std::optional<Instant> begun_;
  std::map<DatabaseKey, Finding> last_;
};

}  // namespace bough
