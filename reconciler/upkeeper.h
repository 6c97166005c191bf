#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "reconciler/leases.h"
#include "reconciler/stock.h"

namespace bough {

/// Keeps templates and spares ready while the daemon has nothing better to do: one step at a time.
class Upkeeper {
 public:
  struct Surroundings {
    std::function<bool()> busy;  ///< whether work waits or is under way that comes first
    std::function<std::set<RepositoryName>()> repositories;
    std::function<void(const Step&, const std::optional<Error>&)> tell;
    std::function<std::chrono::milliseconds()> interval;
  };
  Upkeeper(Installation& installation, Leases& leases, Surroundings surroundings);

  /// Works until stop().
  void run();
  void stop();
  /// What a repository wants from now on.
  void want(const RepositoryName& repository, std::vector<WantedStock> stock);
  /// Repositories may have gone.
  void clear();

 private:
  bool keep_one();
  std::vector<Step> steps(bool clearing);
  bool stopping();
  bool failed_lately(const Step& step);
  void note_failure(const Step& step);

  Installation& installation_;
  Leases& leases_;
  const Surroundings around_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool due_ = true;
  bool clearing_ = true;
  std::map<RepositoryName, std::vector<WantedStock>> wanted_;
  std::map<std::string, Instant> failed_;  ///< what is tried again later: by description
};

}  // namespace bough
