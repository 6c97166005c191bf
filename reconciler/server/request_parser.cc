#include "reconciler/server/request_parser.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <limits>

namespace bough::server {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr long kMostLines = 200;
constexpr std::size_t kLongestTarget = 8192;
constexpr std::size_t kLongestChunkHead = 4096;

std::string text(boost::beast::string_view view) {
  return {view.data(), view.size()};
}

}  // namespace

struct RequestParser::Framing {
  http::request_parser<http::buffer_body> parser;
};

RequestParser::RequestParser(std::size_t head_limit)
    : head_limit_(head_limit),
      body_limit_(std::numeric_limits<std::uint64_t>::max()),
      framing_(std::make_unique<Framing>()) {
  framing_->parser.header_limit(static_cast<std::uint32_t>(head_limit_));
  framing_->parser.body_limit(boost::none);
}
RequestParser::~RequestParser() = default;

void RequestParser::refuse(int status, std::string_view message) {
  state_ = State::broken;
  refused_ = refusal(status, message);
}

RequestParser::State RequestParser::feed(std::string_view bytes) {
  if (state_ == State::broken) return state_;
  begun_ = begun_ || !bytes.empty();
  pending_ += bytes;
  if (state_ == State::head) read_head();
  if (state_ == State::body) read_body();
  if (state_ == State::done && !pending_.empty())
    refuse(400, "bytes follow the request: send the next one after the answer");
  return state_;
}

/// The parts of a head that Beast would let pass.
bool RequestParser::check_head(std::string_view raw) {
  if (std::count(raw.begin(), raw.end(), '\n') > kMostLines) {
    refuse(431, "too many header lines");
    return false;
  }
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char next = i + 1 < raw.size() ? raw[i + 1] : '\0';
    const bool lone = raw[i] == '\n' && (i == 0 || raw[i - 1] != '\r');
    const bool folded = raw[i] == '\n' && (next == ' ' || next == '\t');
    if (raw[i] == '\0' || lone || folded || (raw[i] == '\r' && next != '\n')) {
      refuse(400, "the header is malformed");
      return false;
    }
  }
  return true;
}

void RequestParser::read_head() {
  const std::size_t end = pending_.find(kEndOfHead, searched_);
  searched_ = pending_.size() - std::min(pending_.size(), kEndOfHead.size() - 1);
  const std::size_t length = end == std::string::npos ? pending_.size() : end + kEndOfHead.size();
  if (length > head_limit_) return refuse(431, "the header is too large");
  if (end == std::string::npos || !check_head(std::string_view(pending_).substr(0, length))) return;
  boost::system::error_code error;
  auto& parser = framing_->parser;
  parser.put(boost::asio::buffer(pending_.data(), length), error);
  if ((error && error != http::error::need_buffer) || !parser.is_header_done())
    return refuse(400, "the header is malformed");
  pending_.erase(0, length);
  read_fields();
}

void RequestParser::read_fields() {
  auto& parser = framing_->parser;
  const auto& message = parser.get();
  head_.method = text(message.method_string());
  const std::string target = text(message.target());
  head_.path = target.substr(0, target.find('?'));
  head_.query = target.size() > head_.path.size() ? target.substr(head_.path.size() + 1) : "";
  for (const auto& field : message)
    head_.headers.push_back({text(field.name_string()), text(field.value())});
  head_.chunks = message.version() == 11;
  head_.keep_alive = message.keep_alive();
  const int hosts = forges::count(head_.headers, "Host");
  const bool encoded = forges::count(head_.headers, "Transfer-Encoding") > 0;
  if (message.version() != 11 && message.version() != 10)
    return refuse(400, "this is no HTTP/1.1 request");
  if (target.size() > kLongestTarget) return refuse(431, "the address is too long");
  if (!target.starts_with('/')) return refuse(400, "the address does not begin with a slash");
  if (hosts > 1 || (hosts == 0 && head_.chunks))
    return refuse(400, "there must be one Host header");
  if (encoded && (!parser.chunked() || !head_.chunks || parser.content_length()))
    return refuse(400, "the length of the body is not clear");
  const auto expected = forges::only(head_.headers, "Expect");
  waits_ = expected && forges::equal_ignoring_case(*expected, "100-continue");
  state_ = parser.is_done() || (!encoded && parser.content_length().value_or(0) == 0) ? State::done
                                                                                      : State::body;
}

RequestParser::State RequestParser::limit_body(std::uint64_t bytes) {
  body_limit_ = bytes;
  if (state_ == State::body || state_ == State::done)
    if (framing_->parser.content_length().value_or(0) > bytes || body_seen_ > bytes)
      refuse(413, "the body is too large");
  return state_;
}

void RequestParser::read_body() {
  auto& parser = framing_->parser;
  std::array<char, 16384> piece;
  std::size_t used = 0;
  while (used < pending_.size() && !parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    parser.get().body().more = true;
    boost::system::error_code error;
    const std::size_t taken =
        parser.put(boost::asio::buffer(pending_.data() + used, pending_.size() - used), error);
    const std::size_t made = piece.size() - parser.get().body().size;
    body_.append(piece.data(), made);
    body_seen_ += made;
    used += taken;
    if (error == http::error::need_more || (!error && taken + made == 0)) break;
    if (error && error != http::error::need_buffer) return refuse(400, "the body is malformed");
  }
  pending_.erase(0, used);
  if (body_seen_ > body_limit_) return refuse(413, "the body is too large");
  if (parser.is_done()) {
    state_ = State::done;
  } else if (pending_.size() > kLongestChunkHead) {
    refuse(400, "the body is malformed");
  }
}

std::string RequestParser::take_body() {
  return std::exchange(body_, {});
}

}  // namespace bough::server
