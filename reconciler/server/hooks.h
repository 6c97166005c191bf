#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "git/forges/receiver.h"
#include "reconciler/installation.h"
#include "reconciler/metrics.h"
#include "reconciler/server/http.h"
#include "reconciler/server/rate.h"
#include "reconciler/webhook.h"
#include "spec/reported_build.h"

namespace bough::server {

/// What hooks do. All may be called from several threads.
struct HookEffects {
  /// A push was announced; does not block.
  std::function<void(const RepositoryName&)> announce;
  /// Makes the repository due at once, whatever its refs; does not block.
  std::function<void(const RepositoryName&)> want;
  /// Keeps a build's end; durable when it returns.
  std::function<Result<void>(const ReportedBuild&)> report;
  /// Something a person should see, about a repository.
  std::function<void(const RepositoryName&, const std::string&)> say;
  /// Has work that may block done elsewhere.
  std::function<void(std::function<void()>)> later;
  std::function<Instant()> clock;
};

/// The part of the site below `/hooks/`.
class Hooks : public Site {
 public:
  Hooks(std::vector<Hook> hooks, HookEffects effects, Metrics& metrics,
        Rate rate = {10'000, 20'000});
  Beginning begin(const Head& head) override;

 private:
  friend class HookExchange;
  struct Entry {
    Hook hook;
    Bucket bucket;
    std::deque<std::string> order;  ///< the deliveries that were accepted last
    std::set<std::string> seen;
  };
  bool repeated(Entry& entry, const std::string& id);
  void count(const Entry& entry, const char* result);

  std::map<std::string, Entry> entries_;
  HookEffects effects_;
  Metrics& metrics_;
  Rate rate_;
};

}  // namespace bough::server
