#include "git/forges/json_stream.h"

namespace bough::forges {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr int kMostMembers = 100'000;
constexpr std::size_t kLongestKey = 64;
constexpr std::size_t kLongestText = 8192;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// States of a number; a number may end in those that are `whole`.
enum Number { kSign, kZero, kInteger, kPoint, kFraction, kExponent, kExponentSign, kPower, kWrong };

int next(int state, char c) {
  const bool digit = is_digit(c);
  switch (state) {
    case kSign:
      return c == '0' ? kZero : digit ? kInteger : kWrong;
    case kZero:
    case kInteger:
      if (digit) return state == kInteger ? kInteger : kWrong;
      return c == '.' ? kPoint : c == 'e' || c == 'E' ? kExponent : kWrong;
    case kPoint:
      return digit ? kFraction : kWrong;
    case kFraction:
      return digit ? kFraction : c == 'e' || c == 'E' ? kExponent : kWrong;
    case kExponent:
      return c == '+' || c == '-' ? kExponentSign : digit ? kPower : kWrong;
    default:
      return digit ? kPower : kWrong;
  }
}

bool whole(int state) {
  return state == kZero || state == kInteger || state == kFraction || state == kPower;
}

}  // namespace

bool JsonStream::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (!fine_) break;
    fine_ = step(c);
  }
  return fine_;
}

bool JsonStream::finish() {
  if (fine_ && at_ == At::number && levels_.empty()) fine_ = whole(number_) && end_value(true);
  return fine_ && done_;
}

bool JsonStream::step(char c) {
  switch (at_) {
    case At::string:
      return in_string(c);
    case At::escape:
      return in_escape(c);
    case At::unicode:
      return in_unicode(c);
    case At::number:
      return in_number(c);
    case At::word:
      return in_word(c);
    default:
      return is_space(c) || structure(c);
  }
}

bool JsonStream::structure(char c) {
  switch (at_) {
    case At::item_or_end:
      return c == ']' ? close(c) : begin_value(c);
    case At::key_or_end:
      if (c == '}') return close(c);
      return c == '"' && begin_string(true);
    case At::key:
      return c == '"' && begin_string(true);
    case At::colon:
      at_ = At::value;
      return c == ':';
    case At::after:
      return after(c);
    default:
      return begin_value(c);
  }
}

bool JsonStream::begin_value(char c) {
  if (done_) return false;
  text_.clear();
  keeping_ = sink_.wants(here());
  switch (c) {
    case '{':
      sink_.open(here());
      return push(false);
    case '[':
      return push(true);
    case '"':
      return begin_string(false);
    case 't':
    case 'f':
    case 'n':
      word_ = c == 't' ? "true" : c == 'f' ? "false" : "null";
      matched_ = 0;
      at_ = At::word;
      return in_word(c);
    default:
      number_ = c == '-' ? kSign : next(kSign, c);
      at_ = At::number;
      return number_ != kWrong && keep(c);
  }
}

bool JsonStream::push(bool array) {
  if (levels_.size() == kDeepest) return false;
  levels_.push_back({array, path_.size(), 0});
  if (array) path_ += "[]";
  at_ = array ? At::item_or_end : At::key_or_end;
  return true;
}

bool JsonStream::begin_string(bool key) {
  key_ = key;
  text_.clear();
  at_ = At::string;
  return !key || ++levels_.back().members <= kMostMembers;
}

bool JsonStream::close(char bracket) {
  if (levels_.empty() || bracket != (levels_.back().array ? ']' : '}')) return false;
  path_.resize(levels_.back().path);
  levels_.pop_back();
  return end_value(false);
}

bool JsonStream::after(char c) {
  if (levels_.empty()) return false;
  if (c != ',') return close(c);
  at_ = levels_.back().array ? At::value : At::key;
  return true;
}

/// Keeps what a key or a wanted value is made of; a key that is too long only loses its name.
bool JsonStream::keep(char c) {
  if (key_) {
    if (text_.size() <= kLongestKey) text_ += c;
    return true;
  }
  if (keeping_) text_ += c;
  return text_.size() <= kLongestText;
}

/// The byte ranges of well-formed UTF-8 (Unicode, table 3-7).
bool JsonStream::utf8(std::uint8_t byte) {
  if (need_ > 0) {
    if (byte < low_ || byte > top_) return false;
    low_ = 0x80;
    top_ = 0xbf;
    --need_;
    return true;
  }
  if (byte < 0xc2 || byte > 0xf4) return false;
  need_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  if (byte == 0xe0) low_ = 0xa0;
  if (byte == 0xed) top_ = 0x9f;
  if (byte == 0xf0) low_ = 0x90;
  if (byte == 0xf4) top_ = 0x8f;
  return true;
}

bool JsonStream::in_string(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  if (need_ > 0 || byte >= 0x80) return high_ == 0 && utf8(byte) && keep(c);
  if (c == '\\') {
    at_ = At::escape;
    return true;
  }
  if (high_ != 0 || byte < 0x20) return false;
  return c == '"' ? end_string() : keep(c);
}

bool JsonStream::in_escape(char c) {
  if (c == 'u') {
    at_ = At::unicode;
    hex_ = 0;
    code_ = 0;
    return true;
  }
  if (high_ != 0) return false;
  at_ = At::string;
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return keep(c);
    case 'b':
      return keep('\b');
    case 'f':
      return keep('\f');
    case 'n':
      return keep('\n');
    case 'r':
      return keep('\r');
    case 't':
      return keep('\t');
    default:
      return false;
  }
}

bool JsonStream::in_unicode(char c) {
  const int digit = hex_digit(c);
  if (digit < 0) return false;
  code_ = code_ * 16 + static_cast<std::uint32_t>(digit);
  if (++hex_ < 4) return true;
  at_ = At::string;
  const bool low = code_ >= 0xdc00 && code_ <= 0xdfff;
  if (low != (high_ != 0)) return false;
  if (code_ >= 0xd800 && code_ <= 0xdbff) {
    high_ = code_;
    return true;
  }
  append_code_point(low ? 0x10000 + ((high_ - 0xd800) << 10) + (code_ - 0xdc00) : code_);
  high_ = 0;
  return text_.size() <= kLongestText;
}

void JsonStream::append_code_point(std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { keep(static_cast<char>(byte)); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xc0 | (code >> 6));
  } else if (code < 0x10000) {
    add(0xe0 | (code >> 12));
    add(0x80 | ((code >> 6) & 63));
  } else {
    add(0xf0 | (code >> 18));
    add(0x80 | ((code >> 12) & 63));
    add(0x80 | ((code >> 6) & 63));
  }
  add(0x80 | (code & 63));
}

bool JsonStream::end_string() {
  if (!key_) return end_value(true);
  path_.resize(levels_.back().path);
  const bool plain = text_.size() <= kLongestKey && text_.find_first_of(".[]") == std::string::npos;
  if (!path_.empty()) path_ += '.';
  path_ += plain ? text_ : "*";
  key_ = false;
  at_ = At::colon;
  return true;
}

bool JsonStream::in_number(char c) {
  const int state = next(number_, c);
  if (state != kWrong) {
    number_ = state;
    return keep(c);
  }
  return whole(number_) && end_value(true) && step(c);
}

bool JsonStream::in_word(char c) {
  if (word_[matched_] != c) return false;
  if (++matched_ < word_.size()) return true;
  if (keeping_) text_ = word_;
  return end_value(word_ != "null");
}

bool JsonStream::end_value(bool tell) {
  at_ = At::after;
  const bool fine = !tell || !keeping_ || sink_.value(here(), text_);
  keeping_ = false;
  if (levels_.empty()) done_ = true;
  return fine;
}

}  // namespace bough::forges
