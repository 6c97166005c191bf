#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bough::runner {

/// Makes text of any bytes: valid UTF-8 whose only control characters are tab and newline. Terminal
/// sequences vanish, a carriage return ends a line, other control and direction characters become
/// U+FFFD.
class Cleaner {
 public:
  std::string feed(std::string_view bytes);
  /// What was left of an unfinished character.
  std::string finish();

 private:
  std::string clean(bool last);
  std::string pending_;
  bool after_return_ = false;
};

/// Replaces secrets, their URL-encoded, JSON-escaped and base64 forms by `***`, also where they are
/// cut into several pieces of a stream. Secrets of fewer than 4 bytes are left alone.
class Masker {
 public:
  explicit Masker(const std::vector<std::string>& secrets);
  std::string feed(std::string_view text);
  std::string finish();

 private:
  std::string mask(bool last);
  std::size_t open_end(std::size_t from) const;
  std::vector<std::string> forms_;
  std::string pending_;
};

/// A command's output as lines fit to be kept and shown: clean, masked, at most 64 KiB each.
class OutputLines {
 public:
  using Sink = std::function<void(std::string_view line)>;
  OutputLines(const std::vector<std::string>& secrets, Sink sink);
  void feed(std::string_view bytes);
  /// Gives the last line even without a newline.
  void finish();

 private:
  void split(std::string_view text);
  Cleaner cleaner_;
  Masker masker_;
  std::string line_;
  Sink sink_;
};

}  // namespace bough::runner
