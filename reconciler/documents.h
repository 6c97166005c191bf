#pragma once

#include <nlohmann/json_fwd.hpp>

#include "reconciler/journal/journal.h"
#include "reconciler/reconcile.h"

namespace bough {

/// The JSON documents of design section 7. Every text in them is valid UTF-8, no secret is in them.
inline constexpr const char* kFormatVersion = "1.0";
extern const char* const kVersion;

nlohmann::ordered_json plan_document(const Plan& plan);
/// The newest of the pull requests that wait for a person; `repository`: of this one only.
nlohmann::ordered_json unapproved_document(const std::vector<Unapproved>& unapproved,
                                           const std::optional<RepositoryName>& repository = {});
/// What a plan or status tells of one rehearsal.
nlohmann::ordered_json rehearsal_note_document(const RehearsalNote& note);
nlohmann::ordered_json diagnostics_document(const std::vector<Diagnostic>& diagnostics);
nlohmann::ordered_json run_document(const RunRecord& run);
nlohmann::ordered_json event_document(const Event& event);

/// What the journal tells beside the latest states.
struct Records {
  std::vector<RunRecord> runs{};
  std::vector<DumpNote> dumps{};
};

/// `status --json`: every app and environment that Git asks for or a server holds, of the pass's
/// repositories.
nlohmann::ordered_json status_document(const Pass& pass, const Records& records,
                                       const std::vector<const RepositoryConfig*>& repositories);

/// Whether any database of a status document has the status Error.
bool has_error_status(const nlohmann::ordered_json& status);

}  // namespace bough
