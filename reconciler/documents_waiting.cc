// What documents tell of pull requests that wait for a person, and of rehearsals.
#include <nlohmann/json.hpp>

#include "reconciler/documents.h"

namespace bough {

using Json = nlohmann::ordered_json;

Json unapproved_document(const std::vector<Unapproved>& unapproved,
                         const std::optional<RepositoryName>& repository) {
  constexpr std::size_t kMost = 100;
  Json list = Json::array();
  for (const Unapproved& one : unapproved) {
    if (list.size() == kMost) break;
    if (repository && one.repository != *repository) continue;
    list.push_back(
        {{"repository", one.repository.text()},
         {"pull_request", one.number},
         {"ref", printable(one.ref)},
         {"commit", one.commit.text()},
         {"command", "bough approve " + one.repository.text() + " --sha " + one.commit.text()}});
  }
  return list;
}

Json rehearsal_note_document(const RehearsalNote& note) {
  const bool ended =
      note.state == RehearsalState::succeeded || note.state == RehearsalState::failed;
  return {{"address", note.home.repository.text() + "/" + path_of(note.home.environment)},
          {"repository", note.home.repository.text()},
          {"branch", printable(note.branch.text())},
          {"commit", note.commit.text()},
          {"state", word_of(note.state)},
          {"at", note.at ? Json(rfc3339(*note.at)) : Json()},
          {"message", ended ? "" : printable(note.report)},
          {"report", ended ? Json::parse(note.report, nullptr, false) : Json()}};
}

}  // namespace bough
