#include "git/forges/payload.h"

namespace bough::forges {
namespace {

constexpr std::string_view kPaths[] = {
    "id",
    "eventType",
    "resource.result",
    "resource.status",
    "resource.sourceBranch",
    "resource.sourceVersion",
    "resource.definition.name",
    "resource.repository.remoteUrl",
    "resource.repository.url",
};
constexpr std::string_view kOfUpdates[] = {"name", "oldObjectId", "newObjectId"};
constexpr Wanted kWanted{kPaths, "resource.refUpdates[]", kOfUpdates};

Delivery read_build(const Facts& facts) {
  // A Git repository that is not Azure's own is called by `url` alone.
  std::string repository = facts.at("resource.repository.remoteUrl");
  if (repository.empty()) repository = facts.at("resource.repository.url");
  std::string branch = facts.at("resource.sourceBranch");
  constexpr std::string_view kHeads = "refs/heads/";
  const bool of_tag = branch.starts_with("refs/tags/");
  if (branch.starts_with(kHeads)) branch.erase(0, kHeads.size());
  return {"", repository,
          BuildFinished{repository, branch, facts.at("resource.sourceVersion"),
                        facts.at("resource.definition.name"),
                        facts.at("resource.result") == "succeeded" ? BuildOutcome::succeeded
                                                                   : BuildOutcome::failed,
                        of_tag}};
}

}  // namespace

const Wanted& azure_wanted() {
  return kWanted;
}

Result<Delivery> read_azure(const Facts& facts) {
  const std::string event = facts.at("eventType");
  const std::string repository = facts.at("resource.repository.remoteUrl");
  if (event == "build.complete") return read_build(facts);
  if (event.empty()) return Error{Fault::invalid, "the payload has no eventType"};
  if (event != "git.push") return Delivery{"", repository, Irrelevant{event}};
  Pushed pushed;
  for (const Facts::Item& update : facts.items())
    pushed.refs.push_back(
        {text_of(update, "name"), text_of(update, "oldObjectId"), text_of(update, "newObjectId")});
  return Delivery{"", repository, std::move(pushed)};
}

}  // namespace bough::forges
