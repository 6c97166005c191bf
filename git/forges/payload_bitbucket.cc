#include "git/forges/payload.h"

namespace bough::forges {
namespace {

constexpr std::string_view kPaths[] = {
    "repository.full_name",  "commit_status.state",       "commit_status.key",
    "commit_status.refname", "commit_status.commit.hash",
};
constexpr std::string_view kOfChanges[] = {"old.name", "old.type", "old.target.hash",
                                           "new.name", "new.type", "new.target.hash"};
constexpr Wanted kWanted{kPaths, "push.changes[]", kOfChanges};

constexpr std::string_view kServerPaths[] = {"repository.slug", "repository.project.key", "test"};
constexpr std::string_view kOfServerChanges[] = {"ref.id", "fromHash", "toHash"};
constexpr Wanted kServerWanted{kServerPaths, "changes[]", kOfServerChanges};

/// A branch that is new has no `old`, and one that is gone no `new`.
RefHint hint_of(const Facts::Item& change) {
  const bool gone = text_of(change, "new.name").empty();
  const std::string side = gone ? "old." : "new.";
  const std::string folder = text_of(change, side + "type") == "tag" ? "refs/tags/" : "refs/heads/";
  return {folder + text_of(change, side + "name"), text_of(change, "old.target.hash"),
          text_of(change, "new.target.hash")};
}

Delivery read_status(const Facts& facts) {
  const std::string repository = facts.at("repository.full_name");
  const std::string state = facts.at("commit_status.state");
  if (state == "INPROGRESS") return {"", repository, Irrelevant{"commit status in progress"}};
  return {"", repository,
          BuildFinished{repository, facts.at("commit_status.refname"),
                        facts.at("commit_status.commit.hash"), facts.at("commit_status.key"),
                        state == "SUCCESSFUL" ? BuildOutcome::succeeded : BuildOutcome::failed}};
}

}  // namespace

const Wanted& bitbucket_wanted() {
  return kWanted;
}

Result<Delivery> read_bitbucket(std::string_view event, const Facts& facts) {
  const std::string repository = facts.at("repository.full_name");
  if (event == "repo:push") {
    Pushed pushed;
    for (const Facts::Item& change : facts.items()) pushed.refs.push_back(hint_of(change));
    return Delivery{"", repository, std::move(pushed)};
  }
  if (event == "repo:commit_status_created" || event == "repo:commit_status_updated")
    return read_status(facts);
  if (event.empty()) return Error{Fault::invalid, "the header that names the event is missing"};
  return Delivery{"", repository, Irrelevant{std::string(event)}};
}

const Wanted& bitbucket_server_wanted() {
  return kServerWanted;
}

Result<Delivery> read_bitbucket_server(std::string_view event, const Facts& facts) {
  const std::string key = facts.at("repository.project.key");
  const std::string repository = key.empty() ? "" : key + "/" + facts.at("repository.slug");
  if (event == "diagnostics:ping") return Delivery{"", repository, Ping{}};
  if (event.empty()) return Error{Fault::invalid, "the header that names the event is missing"};
  if (event != "repo:refs_changed") return Delivery{"", repository, Irrelevant{std::string(event)}};
  Pushed pushed;
  for (const Facts::Item& change : facts.items())
    pushed.refs.push_back(
        {text_of(change, "ref.id"), text_of(change, "fromHash"), text_of(change, "toHash")});
  return Delivery{"", repository, std::move(pushed)};
}

}  // namespace bough::forges
