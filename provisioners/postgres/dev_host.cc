#include "provisioners/postgres/dev_host.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "provisioners/postgres/files.h"

namespace bough::postgres {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "dev-pg";
constexpr std::chrono::seconds kPatience(120);

std::string absolute(const std::string& path) {
  std::error_code wrong;
  const fs::path full = fs::weakly_canonical(fs::absolute(path, wrong), wrong);
  std::string text = full.empty() ? path : full.string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

std::vector<std::string> all_absolute(std::vector<std::string> paths) {
  for (std::string& path : paths) path = absolute(path);
  return paths;
}

/// Something that can be part of an instance's name, for versions that are none.
std::string cleaned(std::string_view version) {
  std::string text(version.substr(0, 40));
  for (char& c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'))
      c = '-';
  return text;
}

std::string version_part(const InstanceName& instance) {
  return instance.text().substr(kPrefix.size());
}

}  // namespace

Host::Host(const DevHostRequest& request)
    : folder_(absolute(request.folder)),
      key_(request.key),
      configured_(all_absolute(request.binaries)),
      user_(geteuid() == 0 ? request.user : std::nullopt) {}

const std::vector<Programs>& Host::programs() const {
  const std::lock_guard lock(mutex_);
  if (!programs_) programs_ = find_programs(configured_, user_);
  return *programs_;
}

std::optional<std::string> Host::binaries(int version) const {
  for (const Programs& one : programs())
    if (one.version == version) return one.folder;
  return std::nullopt;
}

Cluster Host::cluster(int version) const {
  return Cluster(folder_, version, user_, key_);
}

std::vector<int> Host::installed() const {
  std::vector<int> versions;
  for (const Programs& one : programs()) versions.push_back(one.version);
  return versions;
}

InstanceName Host::instance_for(std::string_view version) const {
  const auto number = major_version(version);
  std::string part = number ? std::to_string(*number) : cleaned(version);
  if (version.empty() && !programs().empty()) part = std::to_string(programs().front().version);
  return *InstanceName::parse(std::string(kPrefix) + part);
}

bool Host::owns(const InstanceName& instance) const {
  return instance.text().starts_with(kPrefix);
}

Unavailable Host::not_installed(std::string_view version) const {
  std::string there;
  for (const int one : installed()) there += (there.empty() ? "" : ", ") + std::to_string(one);
  if (there.empty()) there = "none";
  if (version.empty())
    return {
        "no PostgreSQL server programs are installed; install postgresql-15 or name their "
        "folder under dev.binaries"};
  if (!major_version(version))
    return {fmt::format("{} is no PostgreSQL version; installed: {}", version, there)};
  return {
      fmt::format("version {} is not installed; installed: {}; install postgresql-{} or name "
                  "its folder under dev.binaries",
                  version, there, version)};
}

std::optional<SeenInstance> Host::absent(const InstanceName& instance) const {
  const std::string part = version_part(instance);
  const auto version = major_version(part);
  if (!version) return not_installed(part);
  const Cluster here = cluster(*version);
  if (here.exists() && (here.ready() || binaries(*version))) return std::nullopt;
  if (binaries(*version)) return NotCreated{*version};
  return not_installed(part);
}

Result<ServerAccess> Host::ensure(const InstanceName& instance) {
  const auto version = major_version(version_part(instance));
  if (!version) return Error{Fault::invalid, not_installed(version_part(instance)).reason};
  const Cluster here = cluster(*version);
  if (runs(here, *version)) return here.access();
  if (auto up = bring_up(here, *version); !up) return within(instance.text(), up.error());
  return here.access();
}

/// Whether its server is known to answer. Asked often, so the login is tried only once for each
/// process of the server.
bool Host::runs(const Cluster& here, int version) {
  if (!here.exists()) return false;
  const auto pid = here.ready();
  if (!pid) return false;
  {
    const std::lock_guard lock(mutex_);
    const auto known = verified_.find(version);
    if (known != verified_.end() && known->second == *pid) return true;
  }
  if (!here.answers()) return false;
  const std::lock_guard lock(mutex_);
  verified_[version] = *pid;
  return true;
}

Result<void> Host::bring_up(const Cluster& here, int version) {
  if (auto made = prepare_folders(here); !made) return made;
  auto turn = FileLock::take(here.layout().lock, kPatience);
  if (!turn) return turn.error();
  here.remove_leftovers();
  // Somebody else may have started it while we waited.
  if (here.exists() && here.ready()) return here.answers();
  const auto programs = binaries(version);
  if (!programs) return Error{Fault::missing, not_installed(std::to_string(version)).reason};
  if (geteuid() == 0 && !user_)
    return Error{Fault::invalid,
                 "PostgreSQL does not run as root; name another user under dev.user"};
  if (!here.exists())
    if (auto created = here.create(*programs); !created) return created;
  return here.start(*programs);
}

Result<void> Host::prepare_folders(const Cluster& here) const {
  std::error_code wrong;
  fs::create_directories(folder_, wrong);
  if (wrong) return Error{Fault::broken, "making " + folder_ + ": " + wrong.message()};
  return make_folder(here.layout().base, user_ ? 0755 : 0700, std::nullopt);
}

DevHost::Trusted Host::trusted(const InstanceName& instance) const {
  const auto version = major_version(version_part(instance));
  return version ? cluster(*version).trusted() : Trusted();
}

Result<void> Host::trust(const InstanceName& instance, const std::string& database,
                         const std::set<TrustedSource>& sources) {
  const auto version = major_version(version_part(instance));
  const auto programs = version ? binaries(*version) : std::nullopt;
  if (!programs) return Error{Fault::missing, not_installed(version_part(instance)).reason};
  const Cluster here = cluster(*version);
  auto turn = FileLock::take(here.layout().lock, kPatience);
  if (!turn) return within(instance.text(), turn.error());
  auto trusted = here.trust(*programs, database, sources);
  return trusted ? trusted : within(instance.text(), trusted.error());
}

Result<void> Host::stop(const InstanceName& instance) {
  const auto version = major_version(version_part(instance));
  if (!version) return Error{Fault::invalid, not_installed(version_part(instance)).reason};
  const Cluster here = cluster(*version);
  if (!here.exists()) return {};
  auto turn = FileLock::take(here.layout().lock, kPatience);
  if (!turn) return within(instance.text(), turn.error());
  auto stopped = here.stop();
  return stopped ? stopped : within(instance.text(), stopped.error());
}

std::vector<DevHost::Status> Host::status() const {
  std::set<int, std::greater<>> versions;
  for (const int version : installed()) versions.insert(version);
  std::error_code wrong;
  for (fs::directory_iterator entry(folder_ + "/dev", wrong), end; !wrong && entry != end;
       entry.increment(wrong)) {
    const std::string name = entry->path().filename().string();
    const auto version = name.starts_with("pg") ? major_version(name.substr(2)) : std::nullopt;
    if (version && cluster(*version).exists()) versions.insert(*version);
  }
  std::vector<Status> all;
  for (const int version : versions) {
    const Cluster here = cluster(version);
    const bool created = here.exists();
    all.push_back({instance_for(std::to_string(version)), version, created,
                   created && here.ready().has_value(),
                   created ? fmt::format("127.0.0.1:{}, socket {}", here.port().value_or(0),
                                         here.layout().sockets)
                           : ""});
  }
  return all;
}

}  // namespace bough::postgres
