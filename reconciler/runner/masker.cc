#include <algorithm>
#include <array>
#include <cstring>

#include "reconciler/runner/output.h"

namespace bough::runner {
namespace {

constexpr std::size_t shortest_form = 4;
constexpr std::size_t shortest_base64 = 6;
constexpr std::string_view mask_text = "***";

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string url_encoded(std::string_view text, std::string_view digits) {
  std::string encoded;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (unreserved(c)) {
      encoded += c;
    } else {
      encoded += {'%', digits[code >> 4], digits[code & 15]};
    }
  }
  return encoded;
}

// The characters of base64 that depend on the text alone when `before` other bytes stand before it
// and any may follow.
std::string base64_core(std::string_view text, std::size_t before, std::string_view last_two) {
  static constexpr std::string_view common =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const auto bytes = std::string(before, '\0') + std::string(text);
  std::string encoded;
  for (std::size_t bit = (before * 8 + 5) / 6 * 6; bit + 6 <= bytes.size() * 8; bit += 6) {
    const auto first = static_cast<unsigned char>(bytes[bit / 8]);
    const auto next =
        bit / 8 + 1 < bytes.size() ? static_cast<unsigned char>(bytes[bit / 8 + 1]) : 0;
    const unsigned value = ((first << 8 | next) >> (10 - bit % 8)) & 63;
    encoded += value < common.size() ? common[value] : last_two[value - common.size()];
  }
  return encoded;
}

// As a text of JSON shows it; some writers escape slashes, too.
std::string json_escaped(std::string_view text, bool slashes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  static constexpr std::string_view plain_escapes = "\b\f\n\r\t\"\\";
  static constexpr std::string_view letters = "bfnrt\"\\";
  std::string escaped;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (const auto at = plain_escapes.find(c); at != std::string_view::npos) {
      escaped += {'\\', letters[at]};
    } else if (c == '/' && slashes) {
      escaped += "\\/";
    } else if (code < 0x20) {
      escaped += {'\\', 'u', '0', '0', digits[code >> 4], digits[code & 15]};
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// A secret as cleaned output would show it.
std::string cleaned(const std::string& secret) {
  Cleaner cleaner;
  auto text = cleaner.feed(secret);
  return text + cleaner.finish();
}

std::vector<std::string> forms_of(const std::string& secret) {
  std::vector<std::string> forms{secret,
                                 cleaned(secret),
                                 url_encoded(secret, "0123456789ABCDEF"),
                                 url_encoded(secret, "0123456789abcdef"),
                                 json_escaped(secret, false),
                                 json_escaped(secret, true)};
  for (const std::size_t before : {0, 1, 2}) {
    for (const auto* last_two : {"+/", "-_"}) {
      auto core = base64_core(secret, before, last_two);
      if (core.size() >= shortest_base64) forms.push_back(std::move(core));
    }
  }
  return forms;
}

std::size_t find(std::string_view text, std::string_view part, std::size_t from) {
  const auto* hit = memmem(text.data() + from, text.size() - from, part.data(), part.size());
  if (hit == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

// Remembers where each form comes next, so that many hits do not mean many searches.
class Search {
 public:
  Search(std::string_view text, const std::vector<std::string>& forms)
      : text_(text), forms_(forms) {
    for (const auto& form : forms) next_.push_back(find(text, form, 0));
  }

  struct Hit {
    std::size_t at = std::string_view::npos;
    std::size_t size = 0;
  };

  // The first hit at or after `from`; the longest form comes first among those that start there.
  Hit after(std::size_t from) {
    Hit hit;
    for (std::size_t form = 0; form < forms_.size(); ++form) {
      if (next_[form] < from) next_[form] = find(text_, forms_[form], from);
      if (next_[form] < hit.at) hit = {next_[form], forms_[form].size()};
    }
    return hit;
  }

 private:
  std::string_view text_;
  const std::vector<std::string>& forms_;
  std::vector<std::size_t> next_;
};

}  // namespace

Masker::Masker(const std::vector<std::string>& secrets) {
  for (const auto& secret : secrets) {
    if (secret.size() < shortest_form) continue;
    for (auto& form : forms_of(secret)) {
      if (form.size() >= shortest_form) forms_.push_back(std::move(form));
    }
  }
  std::sort(forms_.begin(), forms_.end(), [](const std::string& left, const std::string& right) {
    return left.size() != right.size() ? left.size() > right.size() : left < right;
  });
  forms_.erase(std::unique(forms_.begin(), forms_.end()), forms_.end());
}

std::string Masker::feed(std::string_view text) {
  pending_ += text;
  return mask(false);
}

std::string Masker::finish() {
  return mask(true);
}

// Where a form may have begun that the text so far does not end.
std::size_t Masker::open_end(std::size_t from) const {
  const auto text = std::string_view(pending_).substr(from);
  std::size_t longest = 0;
  for (const auto& form : forms_) {
    for (auto size = std::min(form.size() - 1, text.size()); size > longest; --size) {
      if (text.substr(text.size() - size) == std::string_view(form).substr(0, size)) longest = size;
    }
  }
  return pending_.size() - longest;
}

std::string Masker::mask(bool last) {
  std::string masked;
  std::size_t from = 0;
  Search search(pending_, forms_);
  auto open = last ? pending_.size() : open_end(0);
  for (auto hit = search.after(0); hit.at < open; hit = search.after(from)) {
    masked.append(pending_, from, hit.at - from).append(mask_text);
    from = hit.at + hit.size;
    if (!last && from > open) open = open_end(from);
  }
  masked.append(pending_, from, open - from);
  pending_.erase(0, open);
  return masked;
}

}  // namespace bough::runner
