#include "spec/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstdint>

#include "spec/secret.h"

namespace bough {
namespace {

constexpr std::size_t kLongest = 63;  // PostgreSQL: NAMEDATALEN - 1
constexpr std::size_t kHashDigits = 10;
constexpr std::string_view kReserved = "pg_";  // PostgreSQL: its own roles'
constexpr std::string_view kPreviews = "preview/";
constexpr std::size_t kShort = 7;

std::string shortened(const Commit& commit) {
  return commit.text().substr(0, kShort);
}

bool word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool base32_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

bool plain(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         text.find("--") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return word_byte(c) || c == '-'; });
}

/// Whether a branch could be taken for the end of a hashed name: `…-` and ten base-32 digits.
bool ends_like_a_hash(std::string_view branch) {
  if (branch.size() <= kHashDigits) return false;
  const std::string_view end = branch.substr(branch.size() - kHashDigits);
  return branch[branch.size() - kHashDigits - 1] == '-' &&
         std::all_of(end.begin(), end.end(), base32_digit);
}

/// Words of [a-z0-9] joined by single hyphens; empty when the text has none.
std::string slug(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (word_byte(c)) {
      result += c;
    } else if (!result.empty() && result.back() != '-') {
      result += '-';
    }
  }
  while (!result.empty() && result.back() == '-') result.pop_back();
  return result;
}

std::string cut(std::string text, std::size_t length) {
  if (text.size() > length) text.resize(length);
  while (!text.empty() && (text.back() == '-' || text.back() == '_')) text.pop_back();
  return text;
}

std::string sized(std::string_view text) {
  return fmt::format("{}:{},", text.size(), text);
}

/// The hash tells apart everything that the readable part may lose: lengths go in, so no two
/// tuples have the same bytes.
std::string hash_of(const Place& place, Rank rank) {
  const std::string component = rank == Rank::first ? "" : place.component.text();
  const std::string bytes = sized(place.home.app.text()) + sized(component) +
                            sized(kind_of(place.home.environment)) +
                            sized(bytes_of(place.home.environment));
  const auto sum = sha256(bytes);
  return base32({reinterpret_cast<const char*>(sum.data()), sum.size()}).substr(0, kHashDigits);
}

std::string stem_of(const Place& place, Rank rank, std::string (*clean)(std::string_view)) {
  const std::string app = clean(place.home.app.text());
  return rank == Rank::first ? app : app + "_" + clean(place.component.text());
}

std::string as_it_is(std::string_view text) {
  return std::string(text);
}

std::string plain_name(const Place& place, Rank rank) {
  const std::string stem = stem_of(place, rank, as_it_is);
  if (const auto* branch = std::get_if<Branch>(&place.home.environment))
    return stem + "--" + branch->name.text();
  return stem + "-" + kind_of(place.home.environment);
}

bool takes_plain_name(const Place& place, Rank rank) {
  const auto* preview = std::get_if<Preview>(&place.home.environment);
  if (preview && preview->commit) return false;
  if (!plain(place.home.app.text())) return false;
  if (rank == Rank::further && !plain(place.component.text())) return false;
  if (const auto* branch = std::get_if<Branch>(&place.home.environment))
    if (!plain(branch->name.text()) || ends_like_a_hash(branch->name.text())) return false;
  const std::string name = plain_name(place, rank);
  return name.size() <= kLongest && !name.starts_with(kReserved);
}

std::string tail_of(const Environment& environment) {
  return std::visit(Match{[](const Production&) { return std::string("production"); },
                          [](const Branch& branch) { return slug(branch.name.text()); },
                          [](const Preview& preview) {
                            return preview.commit ? "preview-" + shortened(*preview.commit)
                                                  : std::string("preview");
                          }},
                    environment);
}

std::string hashed_name(const Place& place, Rank rank) {
  constexpr std::size_t kRoom = kLongest - kHashDigits - 3;  // "--" and "-"
  std::string tail = tail_of(place.home.environment);
  if (tail.empty()) tail.push_back('x');
  std::string stem = cut(stem_of(place, rank, slug), kRoom / 2);
  if (stem.starts_with(kReserved)) stem[kReserved.size() - 1] = '-';
  tail = cut(std::move(tail), kRoom - stem.size());
  return stem + "--" + tail + "-" + hash_of(place, rank);
}

/// The length of the well-formed, printable UTF-8 sequence at the start of the text, else 0.
std::size_t printable_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead > 0xf4 || text.size() < length) return 0;
  std::uint32_t code = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = (code << 6) | (byte(i) & 0x3fU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  // C1 controls, line and paragraph separators, and marks that reorder text on a screen.
  const bool invisible = (code >= 0x80 && code <= 0x9f) || (code >= 0x200b && code <= 0x200f) ||
                         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
                         code == 0xfeff;
  return overlong || surrogate || code > 0x10ffff || invisible ? 0 : length;
}

}  // namespace

bool is_production(const Environment& environment) {
  return std::holds_alternative<Production>(environment);
}

std::string kind_of(const Environment& environment) {
  return std::visit(
      Match{[](const Production&) { return "production"; }, [](const Branch&) { return "branch"; },
            [](const Preview&) { return "preview"; }},
      environment);
}

std::string bytes_of(const Environment& environment) {
  return std::visit(Match{[](const Production&) { return std::string(); },
                          [](const Branch& branch) { return branch.name.text(); },
                          [](const Preview& preview) {
                            return preview.commit ? preview.commit->text() : std::string();
                          }},
                    environment);
}

std::optional<Environment> environment_of(std::string_view kind, std::string_view bytes) {
  if (kind == "production") return Production{};
  if (kind == "preview" && bytes.empty()) return Preview{};
  if (kind == "preview") {
    auto commit = Commit::parse(bytes);
    return commit ? std::optional<Environment>(Preview{*std::move(commit)}) : std::nullopt;
  }
  auto name = BranchName::parse(bytes);
  if (kind != "branch" || !name) return std::nullopt;
  return Branch{*std::move(name)};
}

std::string path_of(const Environment& environment) {
  if (const auto* branch = std::get_if<Branch>(&environment)) return printable(branch->name.text());
  const std::string bytes = bytes_of(environment);
  return bytes.empty() ? kind_of(environment) : std::string(kPreviews) + bytes;
}

std::optional<Environment> preview_at(std::string_view path) {
  if (!path.starts_with(kPreviews)) return std::nullopt;
  auto commit = Commit::parse(path.substr(kPreviews.size()));
  return commit ? std::optional<Environment>(Preview{*std::move(commit)}) : std::nullopt;
}

std::string title(const Environment& environment) {
  if (const auto* branch = std::get_if<Branch>(&environment))
    return "branch " + printable(branch->name.text());
  const auto* preview = std::get_if<Preview>(&environment);
  return preview && preview->commit ? "preview " + shortened(*preview->commit)
                                    : kind_of(environment);
}

std::string address(const Place& place) {
  return fmt::format("{}/{}/{}", place.home.repository.text(), path_of(place.home.environment),
                     place.component.text());
}

DatabaseName physical_name(const Place& place, Rank rank) {
  auto name = DatabaseName::parse(takes_plain_name(place, rank) ? plain_name(place, rank)
                                                                : hashed_name(place, rank));
  assert(name);
  return *std::move(name);
}

DatabaseName aside_name(const DatabaseName& name, int number) {
  const auto sum = sha256(sized(name.text()) + std::to_string(number));
  const std::string hash = base32({reinterpret_cast<const char*>(sum.data()), sum.size()});
  auto aside = DatabaseName::parse(cut(name.text(), kLongest - kHashDigits - 1) + "-" +
                                   hash.substr(0, kHashDigits));
  assert(aside);
  return *std::move(aside);
}

DatabaseName scratch_name(const DatabaseName& name) {
  return aside_name(name, 0);
}

std::string printable(std::string_view bytes) {
  std::string result;
  while (!bytes.empty()) {
    if (const std::size_t length = printable_length(bytes)) {
      result += bytes.substr(0, length);
      bytes.remove_prefix(length);
    } else {
      result += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(bytes.front()));
      bytes.remove_prefix(1);
    }
  }
  return result;
}

}  // namespace bough
