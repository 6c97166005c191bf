#include "reconciler/server/answer.h"

#include <fmt/format.h>

namespace bough::server {
namespace {

constexpr std::size_t kMostWaiting = 1024 * 1024;

std::string head_of(const Response& response) {
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_of(response.status));
  for (const Header& header : response.headers)
    text += fmt::format("{}: {}\r\n", header.name, header.value);
  return text + "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
}

class Ticket : public Outlet {
 public:
  explicit Ticket(std::shared_ptr<Answer> answer) : answer_(std::move(answer)) {}
  ~Ticket() override {
    answer_->send(refusal(500, "the request was dropped"));
    answer_->end();
  }
  void send(Response response) override { answer_->send(std::move(response)); }
  void open(Response response) override { answer_->open(std::move(response)); }
  bool write(std::string part) override { return answer_->write(std::move(part)); }
  void end() override { answer_->end(); }

 private:
  std::shared_ptr<Answer> answer_;
};

}  // namespace

std::shared_ptr<Outlet> ticket(std::shared_ptr<Answer> answer) {
  return std::make_shared<Ticket>(std::move(answer));
}

std::string serialized(const Response& response, bool keep_alive) {
  return fmt::format("{}Content-Length: {}\r\nConnection: {}\r\n\r\n{}", head_of(response),
                     response.body.size(), keep_alive ? "keep-alive" : "close", response.body);
}

Answer::Answer(const Head& request, std::function<void()> wake)
    : chunks_(request.chunks), keep_alive_(request.keep_alive), wake_(std::move(wake)) {}
Answer::~Answer() = default;

std::string Answer::framed(std::string_view part) const {
  return chunks_ ? fmt::format("{:x}\r\n{}\r\n", part.size(), part) : std::string(part);
}

void Answer::add(std::string bytes) {
  waiting_ += bytes.size();
  parts_.push_back(std::move(bytes));
}

void Answer::send(Response response) {
  const std::lock_guard guard(mutex_);
  if (begun_ || gone_) return;
  begun_ = whole_ = ended_ = true;
  add(serialized(response, keep_alive_));
  wake_();
}

void Answer::open(Response response) {
  const std::lock_guard guard(mutex_);
  if (begun_ || gone_) return;
  begun_ = true;
  add(head_of(response) + (chunks_ ? "Transfer-Encoding: chunked\r\n" : "") +
      "Connection: close\r\n\r\n" + (response.body.empty() ? "" : framed(response.body)));
  wake_();
}

bool Answer::write(std::string part) {
  const std::lock_guard guard(mutex_);
  if (gone_ || ended_ || waiting_ > kMostWaiting) return false;
  if (!part.empty()) add(framed(part));
  wake_();
  return true;
}

void Answer::end() {
  const std::lock_guard guard(mutex_);
  if (gone_ || ended_) return;
  ended_ = true;
  if (chunks_) add("0\r\n\r\n");
  wake_();
}

std::string Answer::next() {
  const std::lock_guard guard(mutex_);
  std::string bytes;
  while (!parts_.empty() && bytes.size() < 64 * 1024) {
    bytes += parts_.front();
    parts_.pop_front();
  }
  waiting_ -= bytes.size();
  return bytes;
}

bool Answer::over() {
  const std::lock_guard guard(mutex_);
  return ended_ && parts_.empty();
}

bool Answer::reusable() {
  const std::lock_guard guard(mutex_);
  return whole_ && keep_alive_;
}

void Answer::abandon() {
  const std::lock_guard guard(mutex_);
  gone_ = true;
  parts_.clear();
  waiting_ = 0;
  wake_ = [] {};
}

}  // namespace bough::server
