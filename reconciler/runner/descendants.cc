#include "reconciler/runner/descendants.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "reconciler/runner/fd.h"
#include "spec/handle.h"

namespace bough::runner {
namespace {

using Folder = Handle<DIR, closedir>;

// Its parent; 0 when it is gone or a zombie.
pid_t living_parent(pid_t process) {
  const Fd file(open(("/proc/" + std::to_string(process) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return 0;
  const auto text = all_of(file);
  // The name before it may itself hold any bytes, brackets too.
  const auto name_end = text.rfind(')');
  char state = 0;
  int parent = 0;
  if (name_end == std::string::npos) return 0;
  if (std::sscanf(text.c_str() + name_end + 1, " %c %d", &state, &parent) != 2) return 0;
  return state == 'Z' || state == 'X' ? 0 : parent;
}

std::multimap<pid_t, pid_t> children_by_parent() {
  std::multimap<pid_t, pid_t> children;
  const Folder proc(opendir("/proc"));
  if (!proc) return children;
  while (const auto* entry = readdir(proc.get())) {
    const auto process = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    if (process <= 0) continue;
    if (const auto parent = living_parent(process)) children.emplace(parent, process);
  }
  return children;
}

}  // namespace

std::vector<pid_t> descendants(pid_t process) {
  const auto children = children_by_parent();
  std::vector<pid_t> found{process};
  std::set<pid_t> seen{process};
  for (std::size_t at = 0; at < found.size(); ++at) {
    const auto [first, last] = children.equal_range(found[at]);
    for (auto child = first; child != last; ++child) {
      if (seen.insert(child->second).second) found.push_back(child->second);
    }
  }
  found.erase(found.begin());
  return found;
}

void kill_descendants(pid_t process) {
  // Stopped first: killing makes room for a fork bomb to go on, and what is stopped cannot fork.
  std::set<pid_t> stopped;
  for (bool more = true; more;) {
    more = false;
    for (const auto found : descendants(process)) {
      if (!stopped.insert(found).second) continue;
      more = true;
      kill(found, SIGSTOP);
    }
  }
  for (const auto found : stopped) kill(found, SIGKILL);
}

}  // namespace bough::runner
