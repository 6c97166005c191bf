#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spec/database_config.h"
#include "spec/names.h"
#include "spec/secret.h"
#include "spec/time.h"

namespace bough {

/// What databases of branches are made from: production's of that app and component, copied in that
/// way. Equal ones begin with the same.
struct Stock {
  RepositoryName repository;
  AppName app;
  ComponentName component;
  Copy what = Copy::none;
  std::string rules;  ///< digest of how it is masked; else empty
  auto operator<=>(const Stock&) const = default;
};

/// The stock of an app's component under these settings.
Stock stock_of(const RepositoryName& repository, const AppName& app, const ComponentName& component,
               const CopyConfig& copies);

/// Nobody has been in an unfinished one, and nobody may. A template is copied; a spare has a login
/// of its own and is renamed into place.
enum class StockState { unfinished, ready_template, spare };
std::string_view word_of(StockState state);

/// bough's ownership note on a database that is kept ready, and on its role. It never belongs to an
/// environment.
struct StockMark {
  Stock stock;
  DatabaseName name;  ///< the object's own name: a copied note is not believed
  StockState state = StockState::unfinished;
  Instant read{};  ///< when production was read for it
  bool operator==(const StockMark&) const = default;
};

/// One line of text with an authentication code, and the mark of such a text for the object `name`;
/// nothing for any other text, a database's or role's mark among them.
std::string encode(const StockMark& mark, const Key& key);
std::optional<StockMark> decode_stock(std::string_view text, std::string_view name, const Key& key);

/// Names that no environment's database ever has.
DatabaseName template_name(const Stock& stock, int number);
DatabaseName spare_name(const Stock& stock, int number);

/// `production's definitions`, `production's data, masked`: for people.
std::string description_of(Copy what);
/// `none`, `schema`, `data`, `masked`.
std::string_view word_of(Copy what);

/// What a commit of a stranger may begin with: rows of production only when they are masked.
Copy copy_for_fork(Copy asked);

}  // namespace bough
