#include "git/forges/payload.h"

namespace bough::forges {
namespace {

constexpr std::string_view kPaths[] = {
    "object_kind",
    "ref",
    "before",
    "after",
    "project.path_with_namespace",
    "object_attributes.ref",
    "object_attributes.tag",
    "object_attributes.sha",
    "object_attributes.status",
    "object_attributes.name",
    "merge_request.source.path_with_namespace",
    "tag",
    "sha",
    "build_name",
    "build_status",
};
constexpr Wanted kWanted{kPaths};

bool over(std::string_view status) {
  return status == "success" || status == "failed" || status == "canceled";
}

BuildOutcome outcome_of(std::string_view status) {
  return status == "success" ? BuildOutcome::succeeded : BuildOutcome::failed;
}

/// A merge request's pipeline runs here and builds the source project's commit.
std::string head_of(const Facts& facts) {
  const std::string source = facts.at("merge_request.source.path_with_namespace");
  return source.empty() ? facts.at("project.path_with_namespace") : source;
}

Delivery read_pipeline(const Facts& facts) {
  const std::string status = facts.at("object_attributes.status");
  const std::string project = facts.at("project.path_with_namespace");
  if (!over(status)) return {"", project, Irrelevant{"pipeline " + status}};
  const std::string name = facts.at("object_attributes.name");
  return {"", project,
          BuildFinished{head_of(facts), facts.at("object_attributes.ref"),
                        facts.at("object_attributes.sha"), name.empty() ? "pipeline" : name,
                        outcome_of(status), facts.at("object_attributes.tag") == "true"}};
}

Delivery read_job(const Facts& facts) {
  const std::string status = facts.at("build_status");
  const std::string project = facts.at("project.path_with_namespace");
  if (!over(status)) return {"", project, Irrelevant{"job " + status}};
  return {"", project,
          BuildFinished{project, facts.at("ref"), facts.at("sha"), facts.at("build_name"),
                        outcome_of(status), facts.at("tag") == "true"}};
}

}  // namespace

const Wanted& gitlab_wanted() {
  return kWanted;
}

Result<Delivery> read_gitlab(std::string_view event, const Facts& facts) {
  const std::string project = facts.at("project.path_with_namespace");
  if (event == "Push Hook" || event == "Tag Push Hook") {
    if (facts.at("ref").empty()) return Error{Fault::invalid, "the push names no ref"};
    return Delivery{"", project,
                    Pushed{{{facts.at("ref"), facts.at("before"), facts.at("after")}}}};
  }
  if (event == "Pipeline Hook") return read_pipeline(facts);
  if (event == "Job Hook") return read_job(facts);
  if (event.empty()) return Error{Fault::invalid, "the header that names the event is missing"};
  return Delivery{"", project, Irrelevant{std::string(event)}};
}

}  // namespace bough::forges
