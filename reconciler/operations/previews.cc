#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/previews.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;

/// One commit of one repository, as `approve` and `preview` name it. Abbreviations are no names:
/// somebody could make a commit that begins like another.
struct Chosen {
  const RepositoryConfig& repository;
  Commit commit;
};

Result<Chosen> chosen(const Context& context, const Arguments& arguments) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  auto commit = Commit::parse(arguments.text("sha"));
  if (!commit) return within("sha", commit.error());
  return Chosen{**repository, *std::move(commit)};
}

/// What an environment was given for: by `approve`, or by `preview`.
enum class Of { pull_request, branch };

Outcome outcome_of(const Chosen& what, const std::string& ref, const char* state) {
  const auto number = pull_request_of(ref);
  return {text_of({{"format_version", kFormatVersion},
                   {"repository", what.repository.name.text()},
                   {"commit", what.commit.text()},
                   {"environment", path_of(Preview{what.commit})},
                   {"ref", printable(ref)},
                   {"pull_request", number ? Json(*number) : Json()},
                   {"state", state}})};
}

/// Whether the command ends it: each has a scope of its own, and ends only what it gives.
Result<void> need_own(Journal& journal, const Chosen& what, Of of) {
  auto known = journal.approvals(what.repository.name);
  if (!known) return known.error();
  for (const Approval& one : *known) {
    if (one.commit != what.commit || one.ended) continue;
    if (pull_request_of(one.ref).has_value() == (of == Of::pull_request)) return {};
    return Error{Fault::refused,
                 fmt::format("the environment of {} was given by bough {}, which also ends it",
                             what.commit.text(), of == Of::pull_request ? "preview" : "approve")};
  }
  return {};
}

Result<Outcome> end(Context& context, const Chosen& what, Of of) {
  auto journal = context.installation->journal();
  if (!journal) return journal.error();
  const RepositoryName& name = what.repository.name;
  if (*journal)
    if (auto own = need_own(**journal, what, of); !own) return own.error();
  auto ended = *journal ? (*journal)->end_approval(name, what.commit, context.asker.title())
                        : Result<bool>(false);
  if (!ended) return ended.error();
  if (!*ended)
    return Error{Fault::missing,
                 fmt::format("{} has no preview of {}", name.text(), what.commit.text())};
  context.want(name);
  return outcome_of(what, "", "ended");
}

Result<Outcome> keep(Context& context, const Chosen& what, Approval approval) {
  auto journal = context.installation->journal(Installation::Dev::create);
  if (!journal) return journal.error();
  if (auto kept = (*journal)->approve(approval); !kept) return kept.error();
  // Fetched now, before anybody can push another commit in its place.
  context.surveyor->survey({&what.repository});
  context.want(what.repository.name);
  return outcome_of(what, approval.ref, "approved");
}

/// What the remote says of the commit.
struct Sighting {
  Listing listing;
  bool on_a_branch = false;
};

std::vector<Commit> watched_tips(const RepositoryConfig& repository, const Listing& listing) {
  std::vector<Commit> tips;
  for (const auto& [branch, tip] : listing.branches)
    if (watched(repository, branch)) tips.push_back(tip);
  return tips;
}

Result<Sighting> sight(const Context& context, const Chosen& what) {
  auto borrowed = context.installation->mirror(what.repository);
  if (!borrowed) return borrowed.error();
  auto listing = borrowed->mirror->fetch(context.installation->config().git_timeout);
  if (!listing) return listing.error();
  auto reached = borrowed->mirror->reached(what.commit, watched_tips(what.repository, *listing));
  if (!reached) return reached.error();
  return Sighting{*std::move(listing), *reached};
}

/// The reference of the pull request whose latest commit it is.
Result<std::string> pull_request_at(const Chosen& what, const Sighting& seen) {
  const std::string& name = what.repository.name.text();
  if (what.repository.forks != Forks::approve)
    return Error{
        Fault::refused,
        fmt::format("pull requests get no environments here: set `forks: approve` on {}", name)};
  if (seen.on_a_branch)
    return Error{Fault::refused, fmt::format("{} is on a branch of {} already; see bough preview",
                                             what.commit.text(), name)};
  for (const PullRequest& one : seen.listing.pull_requests)
    if (one.head == what.commit) return one.ref;
  return Error{Fault::missing,
               fmt::format("{} is the latest commit of no open pull request of {}; whoever pushed "
                           "since wants another approval: see bough plan",
                           what.commit.text(), name)};
}

/// The reference of a watched branch that has the commit.
Result<std::string> branch_with(const Context& context, const Chosen& what, const Sighting& seen) {
  const std::string& name = what.repository.name.text();
  if (!seen.on_a_branch)
    return Error{Fault::missing, fmt::format("{} is on no watched branch of {}; a pull request's "
                                             "commit takes bough approve",
                                             what.commit.text(), name)};
  auto borrowed = context.installation->mirror(what.repository);
  if (!borrowed) return borrowed.error();
  for (const auto& [branch, tip] : seen.listing.branches) {
    if (!watched(what.repository, branch)) continue;
    auto reached = borrowed->mirror->reached(what.commit, {tip});
    if (!reached) return reached.error();
    if (*reached) return "refs/heads/" + branch.text();
  }
  return Error{Fault::stale, "the branches changed meanwhile: try again"};
}

Result<std::optional<Instant>> end_of(const Arguments& arguments) {
  if (!arguments.has("ttl")) return std::optional<Instant>();
  const auto duration = parse_duration(arguments.text("ttl"));
  if (duration && duration->count() > 0) return std::optional(now() + *duration);
  return Error{Fault::invalid,
               "ttl is a duration such as 12h or 3d, not " + printable(arguments.text("ttl"))};
}

}  // namespace

Result<Outcome> approve(Context& context, const Arguments& arguments, const Emit&) {
  auto what = chosen(context, arguments);
  if (!what) return what.error();
  if (arguments.flag("remove")) return end(context, *what, Of::pull_request);
  auto seen = sight(context, *what);
  if (!seen) return seen.error();
  auto ref = pull_request_at(*what, *seen);
  if (!ref) return ref.error();
  return keep(context, *what,
              {what->repository.name, what->commit, *ref, context.asker.title(), now()});
}

Result<Outcome> preview(Context& context, const Arguments& arguments, const Emit&) {
  auto what = chosen(context, arguments);
  if (!what) return what.error();
  if (arguments.flag("remove")) return end(context, *what, Of::branch);
  auto until = end_of(arguments);
  if (!until) return until.error();
  auto seen = sight(context, *what);
  if (!seen) return seen.error();
  auto ref = branch_with(context, *what, *seen);
  if (!ref) return ref.error();
  return keep(context, *what,
              {what->repository.name, what->commit, *ref, context.asker.title(), now(), *until});
}

}  // namespace bough::operations
