#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "spec/names.h"

namespace bough {

/// A look at a repository that waits for a worker.
struct Task {
  RepositoryName repository;
  bool peek = false;      ///< a listing only, while its plan is being carried out
  std::string host{};     ///< that the look may wait for; empty: there is none
  bool answered = false;  ///< the host did just now: what fails is not its fault
  bool operator==(const Task&) const = default;
};

/// Which look comes next: the longest waiting, but never so many of one host that a silent one
/// could keep every worker, and one at a time of a host where the last look failed. A value: no
/// threads, no clock.
class Tasks {
 public:
  explicit Tasks(int workers) : workers_(workers) {}

  /// A peek at a repository that waits for one already is left out.
  void add(Task task);
  std::size_t waiting() const { return waiting_.size(); }
  /// Whether take() gives one.
  bool ready() const;
  /// The next one; it is then in hand until done().
  std::optional<Task> take();
  void done(const Task& task, bool succeeded);

 private:
  bool may(const Task& task) const;

  const int workers_;
  std::deque<Task> waiting_;
  std::map<std::string, int> in_hand_;  ///< by host
  std::set<std::string> failing_;
};

}  // namespace bough
