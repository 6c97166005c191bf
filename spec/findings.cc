#include "spec/findings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

#include "spec/encoding.h"
#include "spec/excerpt.h"
#include "spec/place.h"
#include "spec/ruling.h"

namespace bough {
namespace {

constexpr std::size_t kMostShown = 100;
constexpr std::size_t kMostKept = 1000;
constexpr std::size_t kLongestQuote = 60;
constexpr std::size_t kLongestWord = 64;
constexpr int kMostLines = 50;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

auto rank(const Diagnostic& d) {
  return std::tie(d.at, d.severity, d.code, d.message, d.fix);
}

/// Printable, and cut when long.
std::string shown(std::string_view text) {
  if (text.size() <= kLongestQuote) return printable(text);
  std::size_t cut = kLongestQuote;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80U) --cut;
  return printable(text.substr(0, cut)) + "…";
}

/// Edits (insert, remove, replace, swap two neighbours) between two words of at most kLongestWord
/// bytes, without regard to case.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kLongestWord + 1>, kLongestWord + 1> edits;
  for (std::size_t i = 0; i <= a.size(); ++i) edits[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) edits[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      edits[i][j] = std::min(
          {edits[i - 1][j] + 1, edits[i][j - 1] + 1, edits[i - 1][j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        edits[i][j] = std::min(edits[i][j], edits[i - 2][j - 2] + 1);
    }
  return edits[a.size()][b.size()];
}

/// The most important ones in the order of the file, and a note for the rest.
void shorten(std::vector<Diagnostic>& found) {
  if (found.size() <= kMostShown) return;
  std::stable_sort(found.begin(), found.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.severity < b.severity;
  });
  const std::size_t left = found.size() - kMostShown;
  found.resize(kMostShown);
  std::stable_sort(found.begin(), found.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.at < b.at; });
  const Diagnostic last = found.back();
  found.push_back({last.file, last.at, Severity::note, "more", fmt::format("{} more", left),
                   "mend these first"});
}

}  // namespace

Findings::Findings(std::string_view file, std::string_view text)
    : file_(file), text_(without_mark(text)) {}

void Findings::say(Position at, std::string_view code, std::string message, std::string fix) {
  const Ruling& ruling = ruling_of(code);
  std::size_t& kept = ruling.severity == Severity::error ? errors_ : others_;
  if (kept >= kMostKept) return;
  ++kept;
  if (fix.empty()) fix = ruling.fix;
  found_.push_back(
      {file_, at, ruling.severity, std::string(code), std::move(message), std::move(fix)});
}

bool Findings::full() const {
  return errors_ >= kMostKept;
}

const Lines& Findings::lines() const {
  if (!lines_) lines_.emplace(text_);
  return *lines_;
}

Position Findings::within(Position at, std::string_view words) const {
  Position place = at;
  std::string_view line = lines().line(at.line);
  // Only these go on in the lines below.
  const std::string_view start = line.substr(std::min<std::size_t>(at.column - 1, line.size()));
  const bool goes_on = start.find_first_of("|>\"'") == 0;
  for (int i = 0; i < (goes_on ? kMostLines : 1); ++i) {
    const auto found = line.find(words, static_cast<std::size_t>(place.column - 1));
    if (found != std::string_view::npos) return {place.line, static_cast<int>(found) + 1};
    place = {place.line + 1, 1};
    line = lines().line(place.line);
  }
  return at;
}

void Findings::show(std::vector<Diagnostic>& found) const {
  if (text_.empty()) return;
  for (Diagnostic& one : found) {
    const std::string_view line = lines().line(one.at.line);
    one.end = {one.at.line, end_of_token(line, one.at.column)};
    one.excerpt = excerpt_of(line, one.at.column, one.end.column);
  }
}

std::vector<Diagnostic> Findings::sorted() const {
  std::vector<Diagnostic> result = found_;
  std::sort(result.begin(), result.end(),
            [](const Diagnostic& a, const Diagnostic& b) { return rank(a) < rank(b); });
  result.erase(std::unique(result.begin(), result.end()), result.end());
  shorten(result);
  show(result);
  return result;
}

std::string in_quotes(std::string_view text) {
  return fmt::format("`{}`", shown(text));
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
  if (word.size() > kLongestWord) return {};
  std::string_view best;
  std::size_t fewest = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : known) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer > kLongestWord || longer - std::min(word.size(), candidate.size()) >= fewest)
      continue;
    const std::size_t edits = distance(word, candidate);
    if (edits >= fewest || edits >= candidate.size()) continue;
    best = candidate;
    fewest = edits;
  }
  return best;
}

std::string choice_fix(std::string_view word, const std::vector<std::string_view>& known) {
  // Known words may come from the file itself.
  if (const std::string_view meant = nearest(word, known); !meant.empty())
    return fmt::format("did you mean {}?", shown(meant));
  std::vector<std::string> words;
  for (std::string_view one : known) words.push_back(shown(one));
  return fmt::format("use one of: {}", fmt::join(words, ", "));
}

}  // namespace bough
