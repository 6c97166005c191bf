#include "git/flat_refs.h"

#include <git2.h>
#include <git2/sys/refdb_backend.h>

#include <filesystem>
#include <set>
#include <system_error>

#include "spec/secret.h"

namespace bough {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHints = 16;  // the first round of the negotiation names 20 commits
constexpr int kHintDistance = 64;
constexpr std::string_view kKept = "refs/b/kept/";

using RefDb = Handle<git_refdb, git_refdb_free>;

CommitHandle commit_at(git_repository* mirror, const git_oid& id) {
  git_commit* commit = nullptr;
  git_commit_lookup(&commit, mirror, &id);
  return CommitHandle(commit);
}

/// The nearest ancestor along first parents that is none of the tips: the library leaves a commit
/// that several references name to the last of them.
std::optional<Commit> hint_for(git_repository* mirror, const Commit& tip,
                               const std::set<Commit>& tips) {
  git_oid id{};
  if (git_oid_fromstr(&id, tip.text().c_str()) < 0) return std::nullopt;
  auto commit = commit_at(mirror, id);
  for (int steps = 0; commit && steps < kHintDistance; ++steps) {
    const git_oid* parent = git_commit_parent_id(commit.get(), 0);
    if (!parent) return std::nullopt;
    auto found = Commit::parse(text_of(*parent));
    if (found && !tips.count(*found)) return *found;
    commit = commit_at(mirror, git_oid(*parent));
  }
  return std::nullopt;
}

void remove_matching(const fs::path& folder, bool (*matches)(const fs::directory_entry& entry)) {
  std::error_code failure;
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure))
    if (matches(*entry)) found.push_back(entry->path());
  for (const fs::path& path : found) fs::remove(path, failure);
}

}  // namespace

std::string flat_ref(const BranchName& branch) {
  const auto sum = sha256(branch.text());
  const std::string digits = hex({reinterpret_cast<const char*>(sum.data()), sum.size()});
  return "refs/b/" + digits.substr(0, 2) + "/" + digits;
}

std::string kept_ref(const Commit& commit) {
  return std::string(kKept) + commit.text();
}

bool is_kept_ref(std::string_view name) {
  return name.starts_with(kKept);
}

Result<FlatRefs> flat_refs(git_repository* mirror) {
  const auto failed = [] { return git_error_of(Fault::broken, "reading the mirror's references"); };
  git_reference_iterator* start = nullptr;
  if (git_reference_iterator_glob_new(&start, mirror, "refs/b/*") < 0) return failed();
  const ReferenceIteratorHandle iterator(start);
  FlatRefs refs;
  git_reference* next = nullptr;
  int code = 0;
  while ((code = git_reference_next(&next, start)) == 0) {
    const ReferenceHandle reference(next);
    const git_oid* tip = git_reference_target(next);
    auto commit = Commit::parse(tip ? text_of(*tip) : "");
    if (!commit) return Error{Fault::broken, "a reference of the mirror names no commit"};
    refs.emplace(git_reference_name(next), *std::move(commit));
  }
  if (code != GIT_ITEROVER) return failed();
  return refs;
}

Result<void> set_ref(git_repository* mirror, const std::string& name, const Commit& tip) {
  git_oid id{};
  git_reference* written = nullptr;
  if (git_oid_fromstr(&id, tip.text().c_str()) < 0)
    return git_error_of(Fault::broken, "writing the mirror's references");
  if (git_reference_create(&written, mirror, name.c_str(), &id, 1, nullptr) < 0) {
    // A file that a power cut left half written is not listed, yet in the way.
    std::error_code ignored;
    fs::remove(git_repository_path(mirror) + name, ignored);
    if (git_reference_create(&written, mirror, name.c_str(), &id, 1, nullptr) < 0)
      return git_error_of(Fault::broken, "writing the mirror's references");
  }
  git_reference_free(written);
  return {};
}

Result<void> delete_ref(git_repository* mirror, const std::string& name) {
  const int code = git_reference_remove(mirror, name.c_str());
  if (code < 0 && code != GIT_ENOTFOUND)
    return git_error_of(Fault::broken, "deleting a reference of the mirror");
  return {};
}

Result<void> compress_refs(git_repository* mirror) {
  git_refdb* opened = nullptr;
  if (git_repository_refdb(&opened, mirror) < 0)
    return git_error_of(Fault::broken, "packing the mirror's references");
  const RefDb refdb(opened);
  if (git_refdb_compress(opened) < 0)
    return git_error_of(Fault::broken, "packing the mirror's references");
  return {};
}

Hints::Hints(git_repository* mirror, const FlatRefs& refs, const std::vector<Commit>& tips)
    : mirror_(mirror) {
  std::set<Commit> known;
  for (const auto& [name, tip] : refs) known.insert(tip);
  std::size_t count = 0;
  for (const Commit& tip : tips) {
    if (count == kHints) break;
    // A hint that cannot be written only makes the download larger.
    if (auto hint = hint_for(mirror, tip, known))
      if (set_ref(mirror, "refs/0/h" + std::to_string(count), *hint)) ++count;
  }
}

Hints::~Hints() {
  std::error_code ignored;
  fs::remove_all(std::string(git_repository_path(mirror_)) + "refs/0", ignored);
}

void remove_leftovers(const std::string& folder) {
  const auto unfinished = [](const fs::directory_entry& entry) {
    return entry.path().filename().string().find("_git2_") != std::string::npos;
  };
  const auto no_reference = [](const fs::directory_entry& entry) {
    std::error_code absent;
    return entry.is_regular_file(absent) && entry.file_size(absent) != GIT_OID_HEXSZ + 1;
  };
  std::error_code ignored;
  for (const char* name : {"/HEAD.lock", "/config.lock", "/packed-refs.lock"})
    fs::remove(folder + name, ignored);
  remove_matching(folder + "/refs", no_reference);  // locks and half-written ones
  remove_matching(folder + "/objects/pack", unfinished);
  fs::remove_all(folder + "/refs/0", ignored);
}

}  // namespace bough
