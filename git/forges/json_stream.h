#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bough::forges {

/// Told what goes by in a JSON text. Paths are like `push.changes[].new.name`; a key that is longer
/// than 64 bytes or holds `.`, `[` or `]` is `*` in them.
class JsonSink {
 public:
  virtual ~JsonSink() = default;
  /// Whether value() is wanted for this path.
  virtual bool wants(std::string_view path) const = 0;
  /// An object begins here.
  virtual void open(std::string_view path) = 0;
  /// A text, number, `true` or `false`; nothing is told of null. False: the text is malformed.
  virtual bool value(std::string_view path, std::string_view text) = 0;
};

/// Reads JSON as it arrives, in constant memory: unwanted values are checked and dropped. Strict:
/// RFC 8259, valid UTF-8, no lone surrogates, at most 64 levels and 100,000 members of one object,
/// wanted texts of at most 8 KiB.
class JsonStream {
 public:
  /// `sink` is told during feed(), and outlives the stream.
  explicit JsonStream(JsonSink& sink) : sink_(sink) {}

  /// False as soon as the text is malformed, and ever after.
  bool feed(std::string_view bytes);
  /// Whether exactly one whole value went by.
  bool finish();

 private:
  enum class At {
    value,
    item_or_end,
    key_or_end,
    key,
    colon,
    after,
    string,
    escape,
    unicode,
    number,
    word
  };
  struct Level {
    bool array;
    std::size_t path;  ///< length of the path that leads here
    int members;
  };

  bool step(char c);
  bool structure(char c);
  bool begin_value(char c);
  bool begin_string(bool key);
  bool close(char bracket);
  bool after(char c);
  bool in_string(char c);
  bool utf8(std::uint8_t byte);
  bool in_escape(char c);
  bool in_unicode(char c);
  bool in_number(char c);
  bool in_word(char c);
  bool end_string();
  bool end_value(bool tell);
  bool push(bool array);
  bool keep(char c);
  void append_code_point(std::uint32_t code);
  std::string_view here() const { return path_; }

  JsonSink& sink_;
  At at_ = At::value;
  bool fine_ = true;
  bool done_ = false;
  bool key_ = false;      ///< the text being read is a key
  bool keeping_ = false;  ///< the value being read is wanted
  std::string path_;
  std::string text_;
  std::vector<Level> levels_;
  std::string_view word_;
  std::size_t matched_ = 0;
  int number_ = 0;
  int hex_ = 0;
  std::uint32_t code_ = 0;
  std::uint32_t high_ = 0;  ///< a high surrogate that waits for its low one
  int need_ = 0;            ///< UTF-8 continuation bytes still to come
  std::uint8_t low_ = 0x80, top_ = 0xbf;
};

}  // namespace bough::forges
