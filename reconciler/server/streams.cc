#include "reconciler/server/streams.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/server/problem.h"

namespace bough::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick(500);

/// Whether the journal may answer again, by itself.
bool may_pass(Fault fault) {
  return fault == Fault::unavailable || fault == Fault::locked;
}

std::string last_line(Form form, const std::optional<Error>& error) {
  const std::string problem =
      error ? ",\"problem\":" + problem_text(status_of(error->fault), *error) : "";
  return framed(
      form, "",
      fmt::format("{{\"format_version\":\"1.0\",\"type\":\"outcome\",\"exit_status\":{}{}}}",
                  error ? static_cast<int>(operations::exit_of(error->fault)) : 0, problem));
}

}  // namespace

Streams::Streams() : thread_([this] { run(); }) {}

Streams::~Streams() {
  stop();
  thread_.join();
}

void Streams::interrupt() {
  const std::lock_guard guard(mutex_);
  end_all(fresh_);
  interrupted_ = true;
  changed_.notify_all();
}

void Streams::stop() {
  const std::lock_guard guard(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

std::size_t Streams::count() {
  const std::lock_guard guard(mutex_);
  return count_;
}

void Streams::add(std::unique_ptr<operations::Feed> feed, Form form,
                  std::shared_ptr<Outlet> outlet) {
  outlet->open(opening(form));
  const std::lock_guard guard(mutex_);
  if (stopping_) return outlet->end();
  fresh_.push_back({std::move(feed), form, std::move(outlet), Clock::now()});
  ++count_;
  changed_.notify_all();
}

void Streams::attend(const std::shared_ptr<Talk>& talk) {
  const std::lock_guard guard(mutex_);
  std::erase_if(talks_, [](const auto& one) { return one.expired(); });
  talks_.push_back(talk);
  changed_.notify_all();
}

void Streams::beat_talks() {
  std::erase_if(talks_, [](const auto& one) {
    const auto talk = one.lock();
    if (talk) talk->beat(Clock::now());
    return !talk;
  });
}

/// False when the stream has ended.
bool Streams::advance(Stream& stream) {
  auto batch = stream.feed->next();
  if (!batch && !may_pass(batch.error().fault)) {
    stream.outlet->write(last_line(stream.form, batch.error()));
    stream.outlet->end();
    return false;
  }
  std::string text;
  if (batch)
    for (const auto& line : batch->lines) text += framed(stream.form, line.id, line.document);
  const auto now = Clock::now();
  if (text.empty() && now - stream.sent >= kHeartbeat) text = heartbeat(stream.form);
  const bool over = batch && batch->over;
  if (over) text += last_line(stream.form, std::nullopt);
  if (!text.empty()) stream.sent = now;
  // A client that does not read loses the stream, and resumes it with the last id it has.
  const bool alive = stream.outlet->write(std::move(text));
  if (alive && !over) return true;
  stream.outlet->end();
  return false;
}

void Streams::end_all(std::list<Stream>& streams) {
  for (Stream& stream : streams) stream.outlet->end();
  streams.clear();
}

void Streams::wait(std::unique_lock<std::mutex>& lock, bool idle) {
  const auto woken = [this] { return stopping_ || !fresh_.empty(); };
  if (idle && talks_.empty())
    changed_.wait(lock, [&] { return woken() || !talks_.empty(); });
  else
    changed_.wait_for(lock, kTick, woken);
}

void Streams::run() {
  std::list<Stream> streams;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wait(lock, streams.empty());
    if (std::exchange(interrupted_, false)) end_all(streams);
    streams.splice(streams.end(), fresh_);
    beat_talks();
    lock.unlock();
    std::erase_if(streams, [](Stream& stream) { return !advance(stream); });
    lock.lock();
    count_ = streams.size() + fresh_.size();
  }
  end_all(streams);
  end_all(fresh_);
}

}  // namespace bough::server
