#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/rehearse.h"

namespace bough {
namespace {

using Json = nlohmann::ordered_json;

Json document_of(const Performance& performance) {
  return {{"state", word_of(performance.state)},
          {"exit_code", performance.exit_code},
          {"note", printable(performance.note)},
          {"seconds", static_cast<double>(performance.took.count()) / 1000}};
}

Json document_of(const Sightings& sightings) {
  Json result{{"locks", Json::array()},
              {"rewritten", Json::array()},
              {"touched", Json::array()},
              {"lost", Json::array()}};
  for (const LockingStatement& one : sightings.statements) {
    Json locks = Json::array();
    for (const LockTaken& lock : one.locks)
      locks.push_back({{"table", printable(lock.table)}, {"mode", lock.mode}});
    result["locks"].push_back({{"statement", printable(one.text)},
                               {"tag", one.tag},
                               {"locks", locks},
                               {"seconds", static_cast<double>(one.held.count()) / 1000}});
  }
  for (const RewrittenTable& one : sightings.rewritten)
    result["rewritten"].push_back(
        {{"table", printable(one.table)}, {"rows", one.rows}, {"bytes", one.bytes}});
  for (const TouchedTable& one : sightings.touched)
    result["touched"].push_back({{"table", printable(one.table)},
                                 {"inserted", one.inserted},
                                 {"updated", one.updated},
                                 {"deleted", one.deleted}});
  for (const Loss& one : sightings.lost)
    result["lost"].push_back(
        {{"table", printable(one.table)}, {"column", printable(one.column)}, {"rows", one.rows}});
  return result;
}

/// Lines stay lines; what else is no printable text is written out.
std::string readable(const std::string& diff) {
  std::string result;
  std::size_t start = 0;
  while (start < diff.size()) {
    const std::size_t end = std::min(diff.find('\n', start), diff.size());
    result += printable(diff.substr(start, end - start)) + "\n";
    start = end + 1;
  }
  return result;
}

Json document_of(const Rehearsed& one) {
  Json advice = Json::array();
  for (const Advice& each : one.advice)
    advice.push_back({{"code", each.code}, {"message", each.message}});
  Json result{{"address", address(one.place)},
              {"production", one.production.empty() ? Json() : Json(one.production)},
              {"data", one.with_data}};
  result.update(document_of(one.upgrade));
  result.update(document_of(one.sightings));
  result["advice"] = advice;
  result["schema_diff"] = readable(one.changes);
  if (one.upgrade.state != RunState::succeeded) return result;
  result["fresh"] = document_of(one.fresh);
  result["fresh"]["same_schema"] = one.fresh.state == RunState::succeeded && one.divergence.empty();
  result["fresh"]["schema_diff"] = readable(one.divergence);
  return result;
}

}  // namespace

nlohmann::ordered_json rehearsal_document(const Rehearsal& rehearsal) {
  Json databases = Json::array();
  for (const Rehearsed& one : rehearsal.databases) databases.push_back(document_of(one));
  return {{"format_version", kFormatVersion},
          {"repository", rehearsal.key.home.repository.text()},
          {"branch", printable(rehearsal.branch.text())},
          {"commit", rehearsal.key.commit.text()},
          {"succeeded", succeeded(rehearsal)},
          {"databases", databases}};
}

}  // namespace bough
