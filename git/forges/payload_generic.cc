#include "git/forges/payload.h"

namespace bough::forges {
namespace {

constexpr std::string_view kPaths[] = {"event", "repo",   "ref",  "before", "after",
                                       "sha",   "result", "name", "branch"};
constexpr Wanted kWanted{kPaths};

Result<Delivery> read_build(const Facts& facts) {
  std::string branch = facts.at("ref");
  constexpr std::string_view kHeads = "refs/heads/";
  const bool of_tag = branch.starts_with("refs/tags/");
  if (branch.starts_with(kHeads)) branch.erase(0, kHeads.size());
  if (facts.at("sha").empty()) return Error{Fault::invalid, "the build names no sha"};
  const std::string result = facts.at("result");
  if (result.empty()) return Error{Fault::invalid, "the build has no result"};
  return Delivery{
      "", facts.at("repo"),
      BuildFinished{facts.at("repo"), branch, facts.at("sha"), facts.at("name"),
                    result == "success" || result == "succeeded" ? BuildOutcome::succeeded
                                                                 : BuildOutcome::failed,
                    of_tag}};
}

}  // namespace

const Wanted& generic_wanted() {
  return kWanted;
}

Result<Delivery> read_generic(const Facts& facts) {
  const std::string event = facts.at("event");
  if (event == "build") return read_build(facts);
  if (event == "ping") return Delivery{"", facts.at("repo"), Ping{}};
  if (!event.empty() && event != "push") return Delivery{"", facts.at("repo"), Irrelevant{event}};
  Pushed pushed;
  if (!facts.at("ref").empty())
    pushed.refs.push_back({facts.at("ref"), facts.at("before"), facts.at("after")});
  return Delivery{"", facts.at("repo"), std::move(pushed)};
}

}  // namespace bough::forges
