#include "git/mirror.h"

#include <git2.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "git/ancestry.h"
#include "git/checkout.h"
#include "git/handles.h"
#include "git/protocol.h"
#include "git/ssh_login.h"
#include "git/tree_reader.h"
#include "git/url.h"
#include "git/worker.h"
#include "spec/time.h"

namespace bough {
namespace {

namespace fs = std::filesystem;

Result<RepositoryHandle> opened(const std::string& folder) {
  git_repository* repository = nullptr;
  if (git_repository_open_bare(&repository, folder.c_str()) < 0)
    return git_error_of(Fault::broken, "opening the mirror " + folder);
  return RepositoryHandle(repository);
}

Result<void> initialise(const std::string& folder) {
  git_repository_init_options options{};
  git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_NO_REINIT;
  git_repository* repository = nullptr;
  if (git_repository_init_ext(&repository, folder.c_str(), &options) < 0)
    return git_error_of(Fault::broken, "creating the mirror " + folder);
  git_repository_free(repository);
  return {};
}

/// A mirror appears complete: another process may be opening or creating the same one.
Result<RepositoryHandle> created(const std::string& folder) {
  std::error_code failure;
  fs::create_directories(fs::path(folder).parent_path(), failure);
  std::string fresh = folder + ".new-XXXXXX";
  if (failure || mkdtemp(fresh.data()) == nullptr)
    return Error{Fault::broken, folder + " cannot be created: " +
                                    (failure ? failure.message() : std::strerror(errno))};
  auto made = initialise(fresh);
  if (made) fs::rename(fresh, folder, failure);
  if (!made || failure) fs::remove_all(fresh, failure);
  if (!made) return made.error();
  return opened(folder);
}

/// A free name such as `shop.broken-2026-01-31T12:00:00.000Z`.
Result<void> set_aside(const std::string& folder) {
  const auto now =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::string aside = folder + ".broken-" + rfc3339(now);
  std::error_code failure;
  fs::rename(folder, aside, failure);
  if (failure)
    return Error{Fault::broken,
                 "the damaged mirror " + folder + " cannot be set aside: " + failure.message()};
  return {};
}

Result<RepositoryHandle> renewed(const std::string& folder) {
  std::error_code absent;
  if (fs::exists(folder, absent))
    if (auto moved = set_aside(folder); !moved) return moved.error();
  return created(folder);
}

Result<RepositoryHandle> opened_or_created(const std::string& folder) {
  std::error_code absent;
  if (!fs::exists(folder, absent) || fs::is_empty(folder, absent)) return created(folder);
  if (auto repository = opened(folder)) return repository;
  return renewed(folder);
}

std::chrono::milliseconds time_left(Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds(1));
}

}  // namespace

struct Mirror::State {
  std::string folder;
  Remote remote;
  Scheme scheme = Scheme::local;
  RepositoryHandle repository;
  bool damaged = false;  ///< an object could not be read: the next fetch starts afresh

  /// Fetches; a mirror that turns out to be damaged is set aside and fetched anew.
  using Kept = std::optional<std::set<Commit>>;
  Result<Fetched> fetch(Deadline deadline, const Kept& keep);
  Result<Fetched> fetch_once(Deadline deadline, const Kept& keep);
  Result<void> renew();

  /// What `one(repository)` gives. When the repository cannot be read it is opened anew first, as
  /// another process may have merged its packs; if that does not help it counts as damaged.
  template <typename Attempt>
  auto attempt(const Attempt& one) -> decltype(one(repository.get()));
};

template <typename Attempt>
auto Mirror::State::attempt(const Attempt& one) -> decltype(one(repository.get())) {
  const auto unreadable = [](const auto& result) {
    return !result && result.error().fault == Fault::broken;
  };
  if (repository)
    if (auto result = one(repository.get()); !unreadable(result)) return result;
  auto again = opened(folder);
  damaged = !again;
  if (!again) return again.error();
  repository = *std::move(again);
  auto result = one(repository.get());
  damaged = unreadable(result);
  return result;
}

Mirror::Mirror(std::unique_ptr<State> state) : state_(std::move(state)) {}
Mirror::Mirror(Mirror&&) noexcept = default;
Mirror& Mirror::operator=(Mirror&&) noexcept = default;
Mirror::~Mirror() = default;

Result<Mirror> Mirror::open(const std::string& folder, Remote remote) {
  prepare_libgit2();
  auto url = RemoteUrl::parse(remote.url);
  if (!url) return url.error();
  std::error_code failure;
  const std::string absolute = fs::absolute(folder, failure).string();
  if (failure) return Error{Fault::broken, folder + ": " + failure.message()};
  auto repository = opened_or_created(absolute);
  if (!repository) return repository.error();
  if (url->scheme() == Scheme::local) remote.url = url->path();
  auto state = std::make_unique<State>();
  state->folder = absolute;
  state->remote = std::move(remote);
  state->scheme = url->scheme();
  state->repository = *std::move(repository);
  return Mirror(std::move(state));
}

Result<void> Mirror::State::renew() {
  repository.reset();
  auto fresh = renewed(folder);
  if (!fresh) return fresh.error();
  repository = *std::move(fresh);
  damaged = false;
  return {};
}

Result<Fetched> Mirror::State::fetch_once(Deadline deadline, const Kept& keep) {
  FetchReply reply = fetch_in_worker({folder, remote, time_left(deadline), keep});
  if (auto* fetched = std::get_if<Fetched>(&reply)) return std::move(*fetched);
  const auto& failure = std::get<FetchFailure>(reply);
  damaged = damaged || failure.mirror_broken;
  return failure.error;
}

Result<Fetched> Mirror::State::fetch(Deadline deadline, const Kept& keep) {
  if (!damaged) {
    auto fetched = fetch_once(deadline, keep);
    if (fetched || !damaged) return fetched;
  }
  if (auto fresh = renew(); !fresh) return fresh.error();
  return fetch_once(deadline, keep);
}

Result<Listing> Mirror::fetch(std::chrono::milliseconds limit,
                              const std::optional<std::set<Commit>>& keep) {
  const Deadline deadline = std::chrono::steady_clock::now() + limit;
  const std::string& key = state_->remote.ssh_key_file;
  if (state_->scheme == Scheme::ssh && !key.empty())
    if (auto usable = usable_ssh_key_file(key); !usable) return usable.error();
  auto fetched = state_->fetch(deadline, keep);
  if (!fetched) return fetched.error();
  if (fetched->changed || !state_->repository) {
    auto again = opened(state_->folder);
    if (!again) return again.error();
    state_->repository = *std::move(again);
  }
  return std::move(fetched->listing);
}

Result<std::optional<std::string>> Mirror::find(const Commit& commit, std::string_view path) const {
  auto file =
      state_->attempt([&](auto* repository) { return find_file(repository, commit, path); });
  if (!file) return file.error();
  if (!*file) return std::optional<std::string>();
  return std::optional(std::move((*file)->id));
}

Result<bool> Mirror::reached(const Commit& commit, const std::vector<Commit>& tips) const {
  return state_->attempt([&](auto* repository) { return is_reached(repository, commit, tips); });
}

Result<std::map<std::string, std::string>> Mirror::files(
    const Commit& commit, const std::vector<std::string>& folders,
    const std::function<bool(std::string_view path)>& wanted) const {
  return state_->attempt(
      [&](auto* repository) { return list_files(repository, commit, folders, wanted); });
}

Result<std::optional<Blob>> Mirror::read(const Commit& commit, std::string_view path,
                                         std::size_t limit) const {
  return state_->attempt([&](auto* repository) -> Result<std::optional<Blob>> {
    auto file = find_file(repository, commit, path);
    if (!file) return file.error();
    if (!*file) return std::optional<Blob>();
    auto text = text_of_file(repository, **file, limit);
    if (!text) return text.error();
    return std::optional(Blob{std::move((*file)->id), *std::move(text)});
  });
}

Result<void> Mirror::checkout(const Commit& commit, const std::string& folder) const {
  return state_->attempt(
      [&](auto* repository) { return export_commit(repository, commit, folder); });
}

}  // namespace bough
