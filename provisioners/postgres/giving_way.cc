#include "provisioners/postgres/giving_way.h"

#include <fmt/format.h>

#include <chrono>

#include "provisioners/postgres/quote.h"

namespace bough::postgres {
namespace {

constexpr std::chrono::milliseconds kInterval(100);

/// Finding out who blocks whom stops all locking for a moment, so only for who waits at all.
std::string ending(const std::string& application) {
  return fmt::format(
      "SELECT count(pg_catalog.pg_terminate_backend(d.pid)) FROM pg_catalog.pg_stat_activity d "
      "WHERE d.application_name = {} AND EXISTS (SELECT FROM (SELECT DISTINCT pid FROM "
      "pg_catalog.pg_locks WHERE NOT granted AND pid <> d.pid) w "
      "WHERE d.pid = ANY (pg_catalog.pg_blocking_pids(w.pid)));",
      literal(application));
}

}  // namespace

GivingWay::GivingWay(std::unique_ptr<Session> session, const std::string& application)
    : session_(std::move(session)),
      watching_([this, question = ending(application)](const std::stop_token& stop) {
        while (!stop.stop_requested() && !session_->lost()) {
          auto ended = session_->run(question);
          if (ended && ended->front().front() != "0") given_ = true;
          std::this_thread::sleep_for(kInterval);
        }
      }) {}

bool GivingWay::gave_way() {
  watching_.request_stop();
  if (watching_.joinable()) watching_.join();
  return given_;
}

}  // namespace bough::postgres
