#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "spec/names.h"
#include "spec/time.h"

namespace bough {

/// How often repositories are looked at.
struct Pace {
  std::chrono::milliseconds poll{60'000};
  std::chrono::milliseconds first_retry{750};
  std::chrono::milliseconds longest_retry{15 * 60'000};
  std::chrono::milliseconds longest_poll{10 * 60'000};  ///< unless `poll` itself is longer
  /// Between looks that webhooks ask for, once several found nothing.
  std::chrono::milliseconds vain{1000};
};

/// Which repositories are due. Those whose webhooks announced the last changes, and those where
/// nothing changed for days, are polled less often. A value: no threads, no clock; `chance` in [0,
/// 1) spreads the times. A repository is with one worker at most; a want that comes meanwhile makes
/// it due again.
class Backlog {
 public:
  Backlog(Pace pace, const std::vector<RepositoryName>& repositories, Instant now);

  /// Goes on with these repositories and this pace; new ones are due, the others keep their times.
  void reconfigure(Pace pace, const std::vector<RepositoryName>& repositories, Instant now);

  /// Makes the repository due at once. `announced`: by a webhook, which proves that it works when a
  /// change is found, and has to wait a moment after several looks in vain.
  void want(const RepositoryName& repository, Instant now, bool announced = false);
  /// A due repository that nobody works on, the longest waiting first; it is then worked on.
  std::optional<RepositoryName> take(Instant now);
  /// The work is over: next at the poll interval, or after a growing pause when it failed.
  void done(const RepositoryName& repository, bool succeeded, Instant now, double chance);
  /// The work is over, and the host asks for a pause: nobody makes it due before.
  void rest(const RepositoryName& repository, Instant until);
  /// While working on it, a change of its branches was found.
  void changed(const RepositoryName& repository, Instant now);
  /// When it is due; nothing for one that is being worked on or not known.
  std::optional<Instant> due(const RepositoryName& repository) const;
  /// When the next repository will be due; nothing while all are being worked on.
  std::optional<Instant> next() const;
  /// Repositories being worked on whose poll interval has passed.
  std::vector<RepositoryName> overdue(Instant now) const;
  /// Such a repository was listed: it is overdue again one interval later.
  void peeked(const RepositoryName& repository, Instant now);

 private:
  struct Entry {
    Instant due;
    Instant taken;
    Instant resting;  ///< until then, whoever wants it
    Instant changed;  ///< when a change was last found
    int failures = 0;
    bool busy = false;
    bool wanted_again = false;
    bool hurried = false;    ///< wanted again for another reason than a webhook
    bool announced = false;  ///< by a webhook that was not looked after yet
    int announcements = 0;   ///< changes in a row that a webhook announced
    bool found = false;      ///< a change, while it was worked on last
    int vain = 0;            ///< looks in a row that found none
    Instant looked{};        ///< when the last one ended
  };
  std::chrono::milliseconds interval(const Entry& entry, Instant now) const;
  Instant soonest(const Entry& entry, Instant now) const;

  void release(const RepositoryName& repository, Entry& entry, Instant due);

  Pace pace_;
  std::map<RepositoryName, Entry> entries_;
  std::set<std::pair<Instant, RepositoryName>> queue_;  ///< those that nobody works on, by `due`
  std::set<RepositoryName> busy_;
};

}  // namespace bough
