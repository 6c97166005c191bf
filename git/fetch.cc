#include "git/fetch.h"

#include <fcntl.h>
#include <git2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include "git/flat_refs.h"
#include "git/source.h"
#include "git/tls_stream.h"
#include "git/upkeep.h"
#include "spec/place.h"

namespace bough {
namespace {

constexpr std::size_t kOpenMirrors = 64;
constexpr std::size_t kMostSmallPacks = 50;
constexpr std::size_t kManyRefs = 64;

/// Keeps other processes' workers out of the mirror; the kernel lets go when we die.
class MirrorLock {
 public:
  explicit MirrorLock(const std::string& folder)
      : file_(open((folder + "/bough.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    while (file_ >= 0 && flock(file_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  MirrorLock(const MirrorLock&) = delete;
  MirrorLock& operator=(const MirrorLock&) = delete;
  ~MirrorLock() {
    if (file_ >= 0) close(file_);
  }
  bool held() const { return file_ >= 0; }

 private:
  int file_;
};

/// A file that says that the mirror is being written; found at the start of a request, it means
/// that the writer was killed.
class WritingMark {
 public:
  explicit WritingMark(const std::string& folder) : path_(folder + "/bough.writing") {}
  bool present() const {
    std::error_code ignored;
    return std::filesystem::exists(path_, ignored);
  }
  bool put() const { return static_cast<bool>(std::ofstream(path_)); }
  void clear() const {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

 private:
  std::string path_;
};

/// What a listing changes in a mirror.
struct Changes {
  std::vector<Want> wants;
  std::vector<std::string> gone;
  std::set<Commit> held{};  ///< of what is to be kept, what the mirror has
  bool empty() const { return wants.empty() && gone.empty(); }
};

bool exists(git_odb* odb, const Commit& commit) {
  git_oid id{};
  return git_oid_fromstr(&id, commit.text().c_str()) == 0 && git_odb_exists(odb, &id) == 1;
}

/// What was asked for beside branches: of that, what is there or can be had.
void add_kept(const FlatRefs& refs, const Listing& listing, const std::set<Commit>& keep,
              Changes& changes) {
  for (const PullRequest& one : listing.pull_requests)
    if (!one.known && keep.contains(one.head))
      changes.wants.push_back({one.ref, kept_ref(one.head), one.head});
  for (const Commit& commit : keep)
    if (!refs.contains(kept_ref(commit)) && changes.held.contains(commit))
      changes.wants.push_back({"", kept_ref(commit), commit});
  for (const auto& [name, tip] : refs)
    if (is_kept_ref(name) && !keep.contains(tip)) changes.gone.push_back(name);
}

Changes changes_between(const FlatRefs& refs, const Listing& listing) {
  Changes changes;
  std::set<std::string> listed;
  for (const auto& [branch, tip] : listing.branches) {
    const std::string name = flat_ref(branch);
    const auto known = refs.find(name);
    if (known == refs.end() || known->second != tip)
      changes.wants.push_back({"refs/heads/" + branch.text(), name, tip});
    listed.insert(name);
  }
  if (listed.empty()) return changes;
  for (const auto& [name, tip] : refs)
    if (!listed.count(name) && !is_kept_ref(name)) changes.gone.push_back(name);
  return changes;
}

bool is_commit(git_odb* odb, const Commit& commit) {
  git_oid id{};
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  return git_oid_fromstr(&id, commit.text().c_str()) == 0 &&
         git_odb_read_header(&size, &type, odb, &id) == 0 && type == GIT_OBJECT_COMMIT;
}

/// The tips whose history the changed branches most likely share: their own old ones, and HEAD's
/// for new branches.
std::vector<Commit> likely_bases(const FlatRefs& refs, const Changes& changes,
                                 const Listing& listing) {
  std::vector<Commit> tips;
  const auto add = [&](const std::string& kept) {
    const auto known = refs.find(kept);
    if (known != refs.end()) tips.push_back(known->second);
  };
  if (listing.head) add(flat_ref(*listing.head));
  for (const Want& want : changes.wants) add(want.kept);
  return tips;
}

FetchFailure broken_mirror(const Error& error) {
  return {error, true};
}

}  // namespace

/// One open mirror with its remote.
struct Fetcher::Session {
  std::string folder;
  std::string url;
  ino_t inode = 0;
  RepositoryHandle mirror;
  OdbHandle odb;
  std::unique_ptr<Source> source;  // borrows the mirror: goes first

  FetchReply fetch(const FetchRequest& request, bool& keep);
  FetchReply update(const FlatRefs& refs, const Changes& changes, Fetched fetched);
  Result<std::size_t> download(const FlatRefs& refs, const Changes& changes,
                               const Listing& listing);
  Result<void> write_refs(const Changes& changes);
  void note_known(Listing& listing);

  bool merged_packs = false;  ///< the open handles still know the packs that are gone
};

namespace {

ino_t inode_of(const std::string& folder) {
  struct stat status {};
  return stat((folder + "/objects").c_str(), &status) == 0 ? status.st_ino : 0;
}

Error within_remote(const RemoteUrl& url, const Error& error) {
  return within(url.shown(), error);
}

}  // namespace

Fetcher::Fetcher() = default;
Fetcher::~Fetcher() = default;

Result<Fetcher::Session*> Fetcher::session_for(const FetchRequest& request) {
  auto& kept = sessions_[request.folder];
  const ino_t inode = inode_of(request.folder);
  if (kept && kept->url == request.remote.url && kept->inode == inode && inode != 0)
    return kept.get();
  kept.reset();
  auto url = RemoteUrl::parse(request.remote.url);
  if (!url) return url.error();
  auto session = std::make_unique<Session>();
  session->folder = request.folder;
  session->url = request.remote.url;
  session->inode = inode;
  git_repository* mirror = nullptr;
  git_odb* odb = nullptr;
  if (git_repository_open_bare(&mirror, request.folder.c_str()) < 0)
    return git_error_of(Fault::broken, "opening the mirror " + request.folder);
  session->mirror.reset(mirror);
  if (git_repository_odb(&odb, mirror) < 0)
    return git_error_of(Fault::broken, "opening the mirror " + request.folder);
  session->odb.reset(odb);
  if (url->scheme() == Scheme::local) {
    session->source = local_source(mirror, *url);
  } else {
    auto source = network_source(mirror, *url);
    if (!source) return source.error();
    session->source = *std::move(source);
  }
  kept = std::move(session);
  return kept.get();
}

FetchReply Fetcher::fetch(const FetchRequest& request) {
  const MirrorLock lock(request.folder);
  if (!lock.held())
    return FetchFailure{
        {Fault::broken, "the mirror " + request.folder + " cannot be locked: " + strerror(errno)},
        errno == ENOENT};
  const WritingMark mark(request.folder);
  if (mark.present()) {
    sessions_.erase(request.folder);
    remove_leftovers(request.folder);
    mark.clear();
  }
  if (sessions_.size() >= kOpenMirrors && !sessions_.count(request.folder)) sessions_.clear();
  auto session = session_for(request);
  if (!session) return FetchFailure{session.error(), session.error().fault == Fault::broken};
  bool keep = true;
  FetchReply reply = (*session)->fetch(request, keep);
  if (!keep) sessions_.erase(request.folder);
  return reply;
}

FetchReply Fetcher::Session::fetch(const FetchRequest& request, bool& keep) {
  keep = false;
  auto refs = flat_refs(mirror.get());
  if (!refs) return broken_mirror(refs.error());
  for (const auto& [name, tip] : *refs)
    if (!exists(odb.get(), tip))
      return broken_mirror({Fault::broken, "the mirror lacks the commit " + tip.text()});
  auto listing = source->list(request);
  const auto url_of = [&] { return RemoteUrl::parse(url); };
  if (!listing) return FetchFailure{within_remote(*url_of(), listing.error())};
  note_known(*listing);
  Changes changes = changes_between(*refs, *listing);
  if (request.keep) {
    for (const Commit& commit : *request.keep)
      if (exists(odb.get(), commit)) changes.held.insert(commit);
    add_kept(*refs, *listing, *request.keep, changes);
  }
  Fetched fetched;
  fetched.listing = *std::move(listing);
  if (changes.empty()) {
    source->hang_up();
    keep = true;
    return fetched;
  }
  const WritingMark mark(folder);
  if (!mark.put())
    return FetchFailure{{Fault::broken, "the mirror " + folder + " cannot be written"}};
  FetchReply reply = update(*refs, changes, std::move(fetched));
  if (auto* failure = std::get_if<FetchFailure>(&reply))
    failure->error = within_remote(*url_of(), failure->error);
  mark.clear();
  keep = std::holds_alternative<Fetched>(reply) && !merged_packs;
  return reply;
}

/// The newest pull requests first, each with whether the mirror has its commit.
void Fetcher::Session::note_known(Listing& listing) {
  auto& all = listing.pull_requests;
  std::sort(all.begin(), all.end(), [](const PullRequest& a, const PullRequest& b) {
    return std::pair(pull_request_of(b.ref), a.ref) < std::pair(pull_request_of(a.ref), b.ref);
  });
  for (PullRequest& one : all) one.known = exists(odb.get(), one.head);
}

Result<std::size_t> Fetcher::Session::download(const FlatRefs& refs, const Changes& changes,
                                               const Listing& listing) {
  std::vector<Want> lacking;
  for (const Want& want : changes.wants)
    if (!exists(odb.get(), want.tip)) lacking.push_back(want);
  if (lacking.empty()) return std::size_t{0};
  const Hints hints(mirror.get(), refs, likely_bases(refs, changes, listing));
  return source->download(lacking);
}

FetchReply Fetcher::Session::update(const FlatRefs& refs, const Changes& changes, Fetched fetched) {
  auto received = download(refs, changes, fetched.listing);
  source->hang_up();
  if (!received) return FetchFailure{received.error()};
  git_odb_refresh(odb.get());
  for (const Want& want : changes.wants)
    if (!is_commit(odb.get(), want.tip))
      return FetchFailure{{Fault::unavailable, printable(want.ref) + " names " + want.tip.text() +
                                                   ", which was not sent or is no commit"}};
  if (auto written = write_refs(changes); !written) return FetchFailure{written.error()};
  fetched.received_objects = *received;
  fetched.changed = true;
  return fetched;
}

Result<void> Fetcher::Session::write_refs(const Changes& changes) {
  for (const std::string& name : changes.gone)
    if (auto deleted = delete_ref(mirror.get(), name); !deleted) return deleted;
  for (const Want& want : changes.wants)
    if (auto set = set_ref(mirror.get(), want.kept, want.tip); !set) return set;
  auto merged = merge_small_packs(mirror.get(), kMostSmallPacks);
  if (!merged) return merged.error();
  merged_packs = *merged;
  if (merged_packs || changes.wants.size() >= kManyRefs) return compress_refs(mirror.get());
  return {};
}

}  // namespace bough
