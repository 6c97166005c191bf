#pragma once

#include <chrono>
#include <string>

#include "provisioners/postgres/render.h"
#include "provisioners/postgres/session.h"

namespace bough::postgres {

/// For work such as removing the files of a very large database.
constexpr std::chrono::minutes kLongWork(30);

/// The statements as one text.
std::string joined(const Statements& statements);

/// Sends the statements, if any; their rows do not matter.
Result<void> send(Session& session, const std::string& text,
                  std::chrono::seconds silence = kSilence);

/// All of them or none.
Result<void> send_together(Session& session, const Statements& statements);

/// One after the other, for what cannot run in a transaction. Stops at the first that fails.
Result<void> send_each(Session& session, const Statements& statements);

/// Ends sessions by the statement until none is left: one that is just starting shows up late.
Result<void> end_all(Session& session, const std::string& statement, const DatabaseName& name);

/// Success when bough can work with the session's server: PostgreSQL 13 and newer.
Result<void> supported(const Session& session);

}  // namespace bough::postgres
