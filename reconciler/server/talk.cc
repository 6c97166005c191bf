#include "reconciler/server/talk.h"

#include <fmt/format.h>

namespace bough::server {

std::string framed(Form form, std::string_view id, std::string_view document) {
  if (form != Form::events) return fmt::format("{}\n", document);
  return (id.empty() ? std::string() : fmt::format("id: {}\n", id)) +
         fmt::format("data: {}\n\n", document);
}

Response opening(Form form) {
  if (form == Form::events)
    return {200, {{"Content-Type", "text/event-stream"}}, "retry: 2000\n\n"};
  return {200, {{"Content-Type", "application/x-ndjson"}}, ""};
}

std::string heartbeat(Form form) {
  return form == Form::events ? ": still here\n\n" : "\n";
}

Talk::Talk(Form form, std::shared_ptr<Outlet> outlet) : form_(form), outlet_(std::move(outlet)) {}

void Talk::write(std::string text) {
  if (!begun_) outlet_->open(opening(form_));
  begun_ = true;
  said_ = Clock::now();
  outlet_->write(std::move(text));
}

void Talk::line(std::string_view document) {
  const std::lock_guard guard(mutex_);
  write(framed(form_, "", document));
}

void Talk::beat(Clock::time_point now) {
  const std::lock_guard guard(mutex_);
  if (!ended_ && now - said_ >= kHeartbeat) write(heartbeat(form_));
}

bool Talk::answer(const Response& response) {
  const std::lock_guard guard(mutex_);
  if (begun_) return false;
  ended_ = true;
  outlet_->send(response);
  return true;
}

void Talk::end() {
  const std::lock_guard guard(mutex_);
  ended_ = true;
  outlet_->end();
}

}  // namespace bough::server
