#include "spec/stock.h"

#include <fmt/format.h>

#include <cassert>
#include <nlohmann/json.hpp>

namespace bough {
namespace {

using nlohmann::json;

constexpr std::string_view kPrefix = "bough stock ";
constexpr std::size_t kMacDigits = 32;
constexpr std::size_t kHashDigits = 10;

std::string text_of(const std::array<std::uint8_t, 32>& sum) {
  return {reinterpret_cast<const char*>(sum.data()), sum.size()};
}

std::string mac(const json& fields, std::string_view name, const Key& key) {
  return hex(text_of(key.derive(fmt::format("stock\n{}\n{}", name, fields.dump()))))
      .substr(0, kMacDigits);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

std::optional<Copy> copy_of(std::string_view word) {
  for (const Copy what : {Copy::none, Copy::schema, Copy::data, Copy::masked})
    if (word_of(what) == word) return what;
  return std::nullopt;
}

std::optional<StockState> state_of(std::string_view word) {
  for (const StockState state :
       {StockState::unfinished, StockState::ready_template, StockState::spare})
    if (word_of(state) == word) return state;
  return std::nullopt;
}

std::optional<StockMark> read_mark(const json& fields, std::string_view name) {
  auto repository = RepositoryName::parse(fields.at("repository").get<std::string>());
  auto app = AppName::parse(fields.at("app").get<std::string>());
  auto component = ComponentName::parse(fields.at("component").get<std::string>());
  auto database = DatabaseName::parse(name);
  const auto what = copy_of(fields.at("copy").get<std::string>());
  const auto state = state_of(fields.at("state").get<std::string>());
  const auto read = parse_rfc3339(fields.at("read").get<std::string>());
  if (!repository || !app || !component || !database || !what || !state || !read)
    return std::nullopt;
  return StockMark{{*repository, *app, *component, *what, fields.at("rules").get<std::string>()},
                   *database,
                   *state,
                   *read};
}

std::string sized(std::string_view text) {
  return fmt::format("{}:{},", text.size(), text);
}

DatabaseName name_of(std::string_view kind, const Stock& stock, int number) {
  const auto sum =
      sha256(sized(stock.repository.text()) + sized(stock.app.text()) +
             sized(stock.component.text()) + sized(word_of(stock.what)) + sized(stock.rules));
  // Two underscores: a name of a place has at most the one between app and component.
  auto name = DatabaseName::parse(
      fmt::format("bough_{}_{}_{}", kind, base32(text_of(sum)).substr(0, kHashDigits), number));
  assert(name);
  return *std::move(name);
}

}  // namespace

Stock stock_of(const RepositoryName& repository, const AppName& app, const ComponentName& component,
               const CopyConfig& copies) {
  std::string rules;
  if (copies.what == Copy::masked) {
    for (const MaskingRule& rule : copies.masking)
      rules += sized(rule.table) + sized(rule.column) + sized(rule.with);
    rules = hex(text_of(sha256(rules))).substr(0, 16);
  }
  return {repository, app, component, copies.what, std::move(rules)};
}

std::string_view word_of(StockState state) {
  switch (state) {
    case StockState::unfinished:
      return "unfinished";
    case StockState::ready_template:
      return "template";
    case StockState::spare:
      return "spare";
  }
  return "";
}

std::string_view word_of(Copy what) {
  switch (what) {
    case Copy::none:
      return "none";
    case Copy::schema:
      return "schema";
    case Copy::data:
      return "data";
    case Copy::masked:
      return "masked";
  }
  return "";
}

std::string description_of(Copy what) {
  switch (what) {
    case Copy::none:
      return "nothing";
    case Copy::schema:
      return "production's definitions";
    case Copy::data:
      return "production's data";
    case Copy::masked:
      return "production's data, masked";
  }
  return "";
}

std::string encode(const StockMark& mark, const Key& key) {
  const Stock& stock = mark.stock;
  json fields{{"v", 1},
              {"installation", key.installation()},
              {"repository", stock.repository.text()},
              {"app", stock.app.text()},
              {"component", stock.component.text()},
              {"copy", word_of(stock.what)},
              {"rules", stock.rules},
              {"state", word_of(mark.state)},
              {"read", rfc3339(mark.read)}};
  fields["mac"] = mac(fields, mark.name.text(), key);
  return std::string(kPrefix) + fields.dump();
}

std::optional<StockMark> decode_stock(std::string_view text, std::string_view name,
                                      const Key& key) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  json fields = json::parse(text.substr(kPrefix.size()), nullptr, false);
  if (!fields.is_object() || !fields.contains("mac") || !fields["mac"].is_string())
    return std::nullopt;
  const std::string given = fields["mac"];
  fields.erase("mac");
  // The code covers every field, so past this line the fields are as encode wrote them.
  if (!equal_in_constant_time(given, mac(fields, name, key))) return std::nullopt;
  return read_mark(fields, name);
}

DatabaseName template_name(const Stock& stock, int number) {
  return name_of("template", stock, number);
}

DatabaseName spare_name(const Stock& stock, int number) {
  return name_of("spare", stock, number);
}

Copy copy_for_fork(Copy asked) {
  return asked == Copy::masked ? Copy::masked : Copy::none;
}

}  // namespace bough
