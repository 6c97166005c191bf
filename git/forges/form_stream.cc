#include "git/forges/form_stream.h"

namespace bough::forges {
namespace {

constexpr std::string_view kField = "payload";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string FormStream::feed(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (in_value_)
      value(c, out);
    else
      key(c);
  }
  return out;
}

void FormStream::key(char c) {
  if (c == '&') {
    name_.clear();
  } else if (c == '=') {
    in_value_ = true;
    ours_ = name_ == kField;
    if (ours_) ++seen_;
    name_.clear();
  } else if (name_.size() <= kField.size()) {
    name_ += c;
  }
}

void FormStream::value(char c, std::string& out) {
  if (escape_ > 0) {
    const int digit = hex_digit(c);
    if (digit < 0) fine_ = false;
    code_ = code_ * 16 + digit;
    if (--escape_ == 0 && ours_ && fine_) out += static_cast<char>(code_);
  } else if (c == '&') {
    in_value_ = false;
    ours_ = false;
  } else if (c == '%') {
    escape_ = 2;
    code_ = 0;
  } else if (ours_) {
    out += c == '+' ? ' ' : c;
  }
}

}  // namespace bough::forges
