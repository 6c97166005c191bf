#include "git/forges/payload.h"

namespace bough::forges {
namespace {

constexpr std::string_view kPaths[] = {
    "ref",
    "ref_type",
    "before",
    "after",
    "action",
    "repository.full_name",
    "workflow_run.name",
    "workflow_run.head_branch",
    "workflow_run.head_sha",
    "workflow_run.conclusion",
    "workflow_run.head_repository.full_name",
    "check_suite.head_branch",
    "check_suite.head_sha",
    "check_suite.conclusion",
    "check_suite.app.slug",
    "sha",
    "state",
    "context",
};
constexpr Wanted kWanted{kPaths};

BuildOutcome outcome_of(std::string_view word) {
  return word == "success" ? BuildOutcome::succeeded : BuildOutcome::failed;
}

/// `create` and `delete` have short names and say the kind beside them.
Result<Delivery> read_ref(const Facts& facts) {
  const std::string kind = facts.at("ref_type");
  if (kind != "branch" && kind != "tag")
    return Error{Fault::invalid, "ref_type is neither branch nor tag"};
  const std::string folder = kind == "tag" ? "refs/tags/" : "refs/heads/";
  return Delivery{"", facts.at("repository.full_name"),
                  Pushed{{{folder + facts.at("ref"), "", ""}}}};
}

Result<Delivery> read_push(const Facts& facts) {
  if (facts.at("ref").empty()) return Error{Fault::invalid, "the push names no ref"};
  return Delivery{"", facts.at("repository.full_name"),
                  Pushed{{{facts.at("ref"), facts.at("before"), facts.at("after")}}}};
}

Delivery read_workflow_run(const Facts& facts) {
  return {"", facts.at("repository.full_name"),
          BuildFinished{facts.at("workflow_run.head_repository.full_name"),
                        facts.at("workflow_run.head_branch"), facts.at("workflow_run.head_sha"),
                        facts.at("workflow_run.name"),
                        outcome_of(facts.at("workflow_run.conclusion"))}};
}

/// A suite of a fork's commit has no branch here, and then nothing says whose the commit is.
Delivery read_check_suite(const Facts& facts) {
  const std::string repository = facts.at("repository.full_name");
  const std::string branch = facts.at("check_suite.head_branch");
  return {"", repository,
          BuildFinished{branch.empty() ? "" : repository, branch, facts.at("check_suite.head_sha"),
                        facts.at("check_suite.app.slug"),
                        outcome_of(facts.at("check_suite.conclusion"))}};
}

Delivery read_status(const Facts& facts) {
  const std::string repository = facts.at("repository.full_name");
  if (facts.at("state") == "pending") return {"", repository, Irrelevant{"status pending"}};
  return {"", repository,
          BuildFinished{repository, "", facts.at("sha"), facts.at("context"),
                        outcome_of(facts.at("state"))}};
}

}  // namespace

const Wanted& github_wanted() {
  return kWanted;
}

Result<Delivery> read_github(std::string_view event, const Facts& facts) {
  const bool completed = facts.at("action") == "completed";
  if (event.empty()) return Error{Fault::invalid, "the header that names the event is missing"};
  if (event == "push") return read_push(facts);
  if (event == "create" || event == "delete") return read_ref(facts);
  if (event == "workflow_run" && completed) return read_workflow_run(facts);
  if (event == "check_suite" && completed) return read_check_suite(facts);
  if (event == "status") return read_status(facts);
  const std::string repository = facts.at("repository.full_name");
  if (event == "ping") return Delivery{"", repository, Ping{}};
  return Delivery{"", repository, Irrelevant{std::string(event)}};
}

}  // namespace bough::forges
