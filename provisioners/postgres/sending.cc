#include "provisioners/postgres/sending.h"

#include <fmt/format.h>

#include <thread>

namespace bough::postgres {
namespace {

constexpr int kOldest = 13;
constexpr std::chrono::seconds kSessionsEnd(5);

}  // namespace

std::string joined(const Statements& statements) {
  std::string text;
  for (const std::string& statement : statements) text += statement + '\n';
  return text;
}

Result<void> send(Session& session, const std::string& text, std::chrono::seconds silence) {
  if (text.empty()) return {};
  auto sent = session.run(text, silence);
  if (!sent) return sent.error();
  return {};
}

Result<void> send_together(Session& session, const Statements& statements) {
  auto sent = send(session, "BEGIN;" + joined(statements) + "COMMIT;", kLongWork);
  if (!sent && !send(session, "ROLLBACK;")) session.discard();
  return sent;
}

Result<void> send_each(Session& session, const Statements& statements) {
  for (const std::string& statement : statements)
    if (auto sent = send(session, statement, kLongWork); !sent) return sent;
  return {};
}

Result<void> end_all(Session& session, const std::string& statement, const DatabaseName& name) {
  const auto until = std::chrono::steady_clock::now() + kSessionsEnd;
  while (true) {
    auto ended = session.run(statement);
    if (!ended) return ended.error();
    if (ended->front().front() == "0") return {};
    if (std::chrono::steady_clock::now() > until)
      return Error{Fault::unavailable,
                   fmt::format("sessions of {} do not end", printable(name.text()))};
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Result<void> supported(const Session& session) {
  if (session.version() >= kOldest) return {};
  return Error{Fault::refused, fmt::format("version {} is too old; bough needs PostgreSQL {} or "
                                           "newer",
                                           session.version(), kOldest)};
}

}  // namespace bough::postgres
