#include "reconciler/runner/output.h"

namespace bough::runner {
namespace {

constexpr std::size_t longest_line = 64 << 10;

// Not in the middle of a character.
std::size_t cut_of(std::string_view line) {
  std::size_t cut = longest_line;
  while ((static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80) --cut;
  return cut;
}

}  // namespace

OutputLines::OutputLines(const std::vector<std::string>& secrets, Sink sink)
    : masker_(secrets), sink_(std::move(sink)) {}

void OutputLines::feed(std::string_view bytes) {
  split(masker_.feed(cleaner_.feed(bytes)));
}

void OutputLines::finish() {
  split(masker_.feed(cleaner_.finish()) + masker_.finish());
  if (!line_.empty()) sink_(line_);
  line_.clear();
}

void OutputLines::split(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    line_ += text.substr(0, end);
    while (line_.size() > longest_line) {
      const auto cut = cut_of(line_);
      sink_(std::string_view(line_).substr(0, cut));
      line_.erase(0, cut);
    }
    if (end == std::string_view::npos) return;
    sink_(line_);
    line_.clear();
    text.remove_prefix(end + 1);
  }
}

}  // namespace bough::runner
