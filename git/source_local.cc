#include <git2.h>

#include <string>
#include <utility>

#include "git/source.h"
#include "spec/place.h"

namespace bough {
namespace {

/// Copies by hand: libgit2's own transport for folders packs the whole history for every fetch.
class LocalSource final : public Source {
 public:
  LocalSource(git_repository* mirror, std::string path) : mirror_(mirror), path_(std::move(path)) {}

  Result<Listing> list(const FetchRequest& request) override;
  Result<std::size_t> download(const std::vector<Want>& wants) override;
  void hang_up() override { source_.reset(); }

 private:
  Result<void> open();
  Result<void> add_all(const std::string& pattern, Listed which, Listing& listing);
  Result<RevwalkHandle> missing_commits(const std::vector<Want>& wants) const;
  void hide_known(git_revwalk* walk) const;

  git_repository* mirror_;
  std::string path_;
  RepositoryHandle source_;
};

/// What libgit2 says of a repository that it cannot open, in words of users.
Error opening_error(const std::string& message) {
  constexpr std::string_view kExtension = "unsupported extension name extensions.";
  if (message.find("objectformat") != std::string::npos)
    return {Fault::invalid, "repositories with SHA-256 object ids are not supported"};
  const auto at = message.find(kExtension);
  if (at == std::string::npos) return {Fault::unavailable, message};
  return {Fault::invalid, "repositories with Git's extension " +
                              message.substr(at + kExtension.size()) +
                              " are not supported as folders; name a server's URL"};
}

/// Whether it leaves objects to another repository, as a clone with a filter does.
bool is_partial(git_repository* repository) {
  git_config* found = nullptr;
  if (git_repository_config_snapshot(&found, repository) < 0) return false;
  const ConfigHandle config(found);
  git_config_iterator* start = nullptr;
  if (git_config_iterator_glob_new(&start, found, "^remote\\..*\\.promisor$") < 0) return false;
  const ConfigIteratorHandle iterator(start);
  git_config_entry* entry = nullptr;
  return git_config_next(&entry, start) == 0;
}

Result<void> LocalSource::open() {
  git_repository* repository = nullptr;
  const int code =
      git_repository_open_ext(&repository, path_.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
  source_.reset(repository);
  if (code < 0) return opening_error(latest_git_message());
  if (git_repository_is_shallow(repository) == 1)
    return Error{Fault::invalid,
                 "shallow clones are not supported; complete it with git fetch --unshallow"};
  if (is_partial(repository))
    return Error{Fault::invalid, "partial clones are not supported; name the complete repository"};
  return {};
}

/// Takes a symbolic branch for what it names, as servers do; one that names nothing is passed over.
void add_resolved(Listing& listing, const git_reference* reference, Listed which) {
  git_reference* direct = nullptr;
  if (git_reference_resolve(&direct, reference) < 0) return;
  const ReferenceHandle resolved(direct);
  add_reference(listing, git_reference_name(reference), *git_reference_target(direct), which);
}

std::optional<BranchName> head_of(git_repository* repository) {
  git_reference* found = nullptr;
  if (git_reference_lookup(&found, repository, "HEAD") < 0) return std::nullopt;
  const ReferenceHandle head(found);
  const char* target = git_reference_symbolic_target(found);
  return target ? branch_of_reference(target) : std::nullopt;
}

Result<void> LocalSource::add_all(const std::string& pattern, Listed which, Listing& listing) {
  git_reference_iterator* start = nullptr;
  if (git_reference_iterator_glob_new(&start, source_.get(), pattern.c_str()) < 0)
    return git_error_of(Fault::unavailable, "listing its branches");
  const ReferenceIteratorHandle iterator(start);
  git_reference* next = nullptr;
  int code = 0;
  while ((code = git_reference_next(&next, start)) == 0) {
    const ReferenceHandle reference(next);
    add_resolved(listing, next, which);
  }
  if (code != GIT_ITEROVER) return git_error_of(Fault::unavailable, "listing its branches");
  return {};
}

Result<Listing> LocalSource::list(const FetchRequest& request) {
  if (auto opened = open(); !opened) return opened.error();
  std::vector<std::string> patterns{"refs/heads/*"};
  const Listed which = listed_for(request.remote);
  if (which == Listed::pull_requests_too)
    for (const std::string_view prefix : pull_request_prefixes())
      patterns.push_back(std::string(prefix) + "*");
  Listing listing;
  for (const std::string& pattern : patterns)
    if (auto added = add_all(pattern, which, listing); !added) return added.error();
  listing.head = head_of(source_.get());
  if (listing.head && !listing.branches.count(*listing.head)) listing.head.reset();
  return listing;
}

/// Hides what the mirror holds, as far as the source still has it.
void LocalSource::hide_known(git_revwalk* walk) const {
  git_odb* odb = nullptr;
  if (git_repository_odb(&odb, source_.get()) < 0) return;
  const OdbHandle owned(odb);
  git_reference_iterator* start = nullptr;
  if (git_reference_iterator_glob_new(&start, mirror_, "refs/b/*") < 0) return;
  const ReferenceIteratorHandle iterator(start);
  git_reference* next = nullptr;
  while (git_reference_next(&next, start) == 0) {
    const ReferenceHandle reference(next);
    const git_oid* tip = git_reference_target(next);
    if (tip && git_odb_exists(odb, tip)) git_revwalk_hide(walk, tip);
  }
}

Result<RevwalkHandle> LocalSource::missing_commits(const std::vector<Want>& wants) const {
  git_revwalk* start = nullptr;
  if (git_revwalk_new(&start, source_.get()) < 0)
    return git_error_of(Fault::unavailable, "reading its history");
  RevwalkHandle walk(start);
  for (const Want& want : wants) {
    git_oid tip{};
    if (git_oid_fromstr(&tip, want.tip.text().c_str()) < 0 || git_revwalk_push(start, &tip) < 0)
      return git_error_of(Fault::unavailable, "reading its " + printable(want.ref));
  }
  hide_known(start);
  return walk;
}

Result<std::size_t> LocalSource::download(const std::vector<Want>& wants) {
  auto walk = missing_commits(wants);
  if (!walk) return walk.error();
  git_packbuilder* start = nullptr;
  if (git_packbuilder_new(&start, source_.get()) < 0)
    return git_error_of(Fault::broken, "collecting its objects");
  const PackBuilderHandle pack(start);
  if (git_packbuilder_insert_walk(start, walk->get()) < 0)
    return git_error_of(Fault::unavailable, "collecting its objects");
  if (git_packbuilder_object_count(start) == 0) return std::size_t{0};
  const std::string folder = std::string(git_repository_path(mirror_)) + "objects/pack";
  if (git_packbuilder_write(start, folder.c_str(), 0, nullptr, nullptr) < 0)
    return git_error_of(Fault::broken, "writing its objects to " + folder);
  return git_packbuilder_object_count(start);
}

}  // namespace

std::unique_ptr<Source> local_source(git_repository* mirror, const RemoteUrl& url) {
  return std::make_unique<LocalSource>(mirror, url.path());
}

}  // namespace bough
