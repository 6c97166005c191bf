#include "spec/excerpt.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "spec/document.h"
#include "spec/encoding.h"
#include "spec/place.h"

namespace bough {
namespace {

constexpr std::size_t kWidest = 100;
constexpr std::size_t kBefore = 40;        // what is kept before the mark of a line that is cut
constexpr std::size_t kLongestRun = 20;    // letters and digits mixed, without a break
constexpr std::size_t kLongestNumber = 5;  // a port
constexpr const char* kHidden = "…";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
  return is_digit(c) || is_letter(c) || c == '_';
}

/// Whether a bracket is open before that byte, so that commas and brackets end a word.
bool in_brackets(std::string_view line, std::size_t at) {
  int open = 0;
  for (char c : line.substr(0, at))
    open += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
  return open > 0;
}

std::size_t end_of_quoted(std::string_view line, std::size_t at) {
  const char quote = line[at];
  for (std::size_t i = at + 1; i < line.size(); ++i) {
    if (quote == '"' && line[i] == '\\')
      ++i;
    else if (line[i] == quote)
      return i + 1;
  }
  return line.size();
}

std::size_t end_of_brackets(std::string_view line, std::size_t at) {
  int open = 0;
  for (std::size_t i = at; i < line.size(); ++i) {
    open += line[i] == '[' || line[i] == '{' ? 1 : line[i] == ']' || line[i] == '}' ? -1 : 0;
    if (open == 0) return i + 1;
  }
  return at + 1;
}

bool ends_word(std::string_view line, std::size_t i, bool flow) {
  const char next = i + 1 < line.size() ? line[i + 1] : ' ';
  if (line[i] == ':' && (next == ' ' || next == '\t')) return true;
  if (line[i] == '#' && i > 0 && line[i - 1] == ' ') return true;
  return flow && std::string_view(",]}").find(line[i]) != std::string_view::npos;
}

std::size_t end_of_plain(std::string_view line, std::size_t at) {
  const bool flow = in_brackets(line, at);
  std::size_t end = at;
  while (end < line.size() && !ends_word(line, end, flow)) ++end;
  while (end > at + 1 && (line[end - 1] == ' ' || line[end - 1] == '\t' || line[end - 1] == ','))
    --end;
  return end;
}

std::size_t token_end(std::string_view line, std::size_t at) {
  const std::string_view rest = line.substr(at);
  if (rest.starts_with('"') || rest.starts_with('\'')) return end_of_quoted(line, at);
  if (rest.starts_with("${")) return std::min(line.find('}', at), line.size() - 1) + 1;
  if (rest.starts_with('[') || rest.starts_with('{')) return end_of_brackets(line, at);
  if (rest == "-" || rest.starts_with("- ")) return at + 1;
  return std::max(end_of_plain(line, at), at + 1);
}

/// Booleans, ports and other small numbers, and the signs of a block.
bool is_harmless(std::string_view text) {
  const Plain kind = plain_kind(text);
  return kind == Plain::boolean || (kind == Plain::number && text.size() <= kLongestNumber) ||
         text == "|" || text == ">";
}

/// Hides a value but for its references.
void hide_value(std::string_view line, std::size_t from, bool harmless_shown,
                std::vector<bool>& hidden) {
  if (from >= line.size() || line[from] == '{' || line[from] == '[') return;
  std::size_t end = token_end(line, from);
  const std::string_view text = line.substr(from, end - from);
  if (harmless_shown && is_harmless(text)) return;
  // A quote that ends on another line, and a plain text that holds ` #`, hide what follows as well.
  if (!in_brackets(line, from)) end = line.size();
  for (std::size_t i = from; i < end; ++i) {
    if (line.substr(i).starts_with("${") && line.find('}', i) != std::string_view::npos)
      i = line.find('}', i);
    else
      hidden[i] = true;
  }
}

void hide_values(std::string_view line, std::vector<bool>& hidden) {
  static constexpr std::array<std::string_view, 6> kSecret{
      "value", "password", "api_key", "token", "secret", "registry_credentials"};
  for (std::string_view key : kSecret)
    for (std::size_t at = line.find(key); at != std::string_view::npos;
         at = line.find(key, at + 1)) {
      if (at > 0 && is_word(line[at - 1])) continue;
      std::size_t behind = at + key.size();
      if (behind < line.size() && (line[behind] == '"' || line[behind] == '\'')) ++behind;
      if (behind >= line.size() || line[behind] != ':') continue;
      hide_value(line, line.find_first_not_of(" \t", behind + 1), key == "value", hidden);
    }
}

void hide(std::size_t from, std::size_t end, std::vector<bool>& hidden) {
  if (from < end)
    std::fill(hidden.begin() + static_cast<std::ptrdiff_t>(from),
              hidden.begin() + static_cast<std::ptrdiff_t>(end), true);
}

/// `scheme://user:password@host` and `password=…`.
void hide_in_urls(std::string_view line, std::vector<bool>& hidden) {
  const auto find_end = [&](std::string_view any, std::size_t from) {
    return std::min(line.find_first_of(any, from), line.size());
  };
  for (std::size_t at = line.find("://"); at != std::string_view::npos;
       at = line.find("://", at + 1)) {
    const std::size_t end = find_end("/ \t?#", at + 3);
    const std::size_t host = line.substr(0, end).rfind('@');
    const std::size_t colon = line.find(':', at + 3);
    const bool password = host != std::string_view::npos && colon < host;
    if (password && line[colon + 1] != '$') hide(colon + 1, host, hidden);
  }
  constexpr std::string_view kKey = "password=";
  for (std::size_t at = line.find(kKey); at != std::string_view::npos; at = line.find(kKey, at + 1))
    hide(at + kKey.size(), find_end("& \t\"'", at), hidden);
}

void hide_keys(std::string_view line, std::vector<bool>& hidden) {
  for (std::size_t i = 0; i < line.size();) {
    const auto stop = std::find_if_not(line.begin() + static_cast<std::ptrdiff_t>(i), line.end(),
                                       [](char c) { return is_digit(c) || is_letter(c); });
    const auto end = static_cast<std::size_t>(stop - line.begin());
    const std::string_view run = line.substr(i, end - i);
    if (run.size() >= kLongestRun && std::any_of(run.begin(), run.end(), is_digit) &&
        std::any_of(run.begin(), run.end(), is_letter))
      hide(i, end, hidden);
    i = end + 1;
  }
}

/// The characters of a line as they are shown, and how many stand before each byte.
struct Shown {
  std::vector<std::string> characters;
  std::vector<std::size_t> before;
};

void show_character(std::string_view bytes, Shown& shown) {
  std::string text = bytes == "\t" ? " " : printable(bytes);
  if (text.size() <= bytes.size()) return shown.characters.push_back(std::move(text));
  for (char c : text) shown.characters.emplace_back(1, c);
}

Shown shown_of(std::string_view line) {
  std::vector<bool> hidden(line.size());
  hide_values(line, hidden);
  hide_in_urls(line, hidden);
  hide_keys(line, hidden);
  Shown shown;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(line.substr(i)));
    const bool continues = hidden[i] && i > 0 && hidden[i - 1];
    if (continues)
      shown.before.insert(shown.before.end(), length, shown.characters.size() - 1);
    else
      shown.before.insert(shown.before.end(), length, shown.characters.size());
    if (hidden[i] && !continues) shown.characters.emplace_back(kHidden);
    if (!hidden[i]) show_character(line.substr(i, length), shown);
    i += length;
  }
  shown.before.push_back(shown.characters.size());
  return shown;
}

std::string joined(const std::vector<std::string>& characters, std::size_t from, std::size_t to) {
  std::string text;
  for (std::size_t i = from; i < to; ++i) text += characters[i];
  return text;
}

}  // namespace

Lines::Lines(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n', end + 1))
    starts_.push_back(end + 1);
}

std::string_view Lines::line(int number) const {
  const auto index = static_cast<std::size_t>(number - 1);
  if (number < 1 || index >= starts_.size()) return {};
  std::string_view line = text_.substr(starts_[index]);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

int end_of_token(std::string_view line, int column) {
  const auto at = static_cast<std::size_t>(std::max(column, 1) - 1);
  if (at >= line.size()) return column;
  return static_cast<int>(token_end(line, at)) + 1;
}

Excerpt excerpt_of(std::string_view line, int begin, int end) {
  if (line.find_first_not_of(" \t") == std::string_view::npos) return {};
  const Shown shown = shown_of(line);
  const auto place = [&](int column) {
    const auto byte = static_cast<std::size_t>(std::max(column, 1) - 1);
    return shown.before[std::min(byte, line.size())];
  };
  const std::size_t from = place(begin);
  const std::size_t to = std::max(place(end), from + 1);
  const std::size_t count = shown.characters.size();
  const std::size_t start = count <= kWidest || from <= kBefore ? 0 : from - kBefore;
  const std::size_t stop = std::min(count, start + kWidest);
  Excerpt excerpt;
  if (start > 0) excerpt.line = kHidden;
  excerpt.line += joined(shown.characters, start, stop);
  if (stop < count) excerpt.line += kHidden;
  excerpt.from = static_cast<int>(from - start + (start > 0 ? 1 : 0));
  excerpt.width = static_cast<int>(std::max<std::size_t>(std::min(to, stop), from + 1) - from);
  return excerpt;
}

}  // namespace bough
