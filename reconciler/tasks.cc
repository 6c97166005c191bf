#include "reconciler/tasks.h"

#include <algorithm>

namespace bough {

void Tasks::add(Task task) {
  const bool waits =
      task.peek && std::find(waiting_.begin(), waiting_.end(), task) != waiting_.end();
  if (!waits) waiting_.push_back(std::move(task));
}

bool Tasks::may(const Task& task) const {
  if (task.host.empty()) return true;
  const auto found = in_hand_.find(task.host);
  const int in_hand = found == in_hand_.end() ? 0 : found->second;
  return in_hand < (failing_.contains(task.host) ? 1 : std::max(1, workers_ - 1));
}

bool Tasks::ready() const {
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [this](const Task& task) { return may(task); });
}

std::optional<Task> Tasks::take() {
  const auto next = std::find_if(waiting_.begin(), waiting_.end(),
                                 [this](const Task& task) { return may(task); });
  if (next == waiting_.end()) return std::nullopt;
  Task task = std::move(*next);
  waiting_.erase(next);
  if (!task.host.empty()) ++in_hand_[task.host];
  return task;
}

void Tasks::done(const Task& task, bool succeeded) {
  if (task.host.empty()) return;
  if (--in_hand_[task.host] == 0) in_hand_.erase(task.host);
  if (succeeded || task.answered)
    failing_.erase(task.host);
  else
    failing_.insert(task.host);
}

}  // namespace bough
