#include "spec/stock.h"

#include <gtest/gtest.h>

#include "spec/mark.h"

namespace bough {
namespace {

const Key kKey({1, 2, 3});
const Key kOther({9});

CopyConfig masked(std::vector<MaskingRule> rules) {
  return {Copy::masked, std::chrono::hours(24), std::move(rules), 0};
}

Stock stock(const CopyConfig& copies) {
  return stock_of(*RepositoryName::parse("repo"), *AppName::parse("shop"),
                  *ComponentName::parse("db"), copies);
}

StockMark mark(StockState state) {
  const Stock of = stock(masked({{"users", "email", "email"}}));
  return {of, spare_name(of, 2), state, Instant{std::chrono::milliseconds(1'767'225'600'123)}};
}

TEST(StockMark, IsTheSameAfterPrintAndParse) {
  for (const StockState state :
       {StockState::unfinished, StockState::ready_template, StockState::spare}) {
    const StockMark written = mark(state);
    EXPECT_EQ(decode_stock(encode(written, kKey), written.name.text(), kKey), written);
  }
}

TEST(StockMark, OfAnotherObjectOrKeyIsNotBelieved) {
  const StockMark written = mark(StockState::spare);
  const std::string text = encode(written, kKey);
  EXPECT_FALSE(decode_stock(text, "shop--x", kKey));
  EXPECT_FALSE(decode_stock(text, written.name.text(), kOther));
}

TEST(StockMark, ThatSomebodyEditedIsNotBelieved) {
  const StockMark written = mark(StockState::unfinished);
  std::string text = encode(written, kKey);
  text.replace(text.find("unfinished"), 10, "template");
  EXPECT_FALSE(decode_stock(text, written.name.text(), kKey));
}

TEST(StockMark, IsNoMarkOfAnEnvironmentAndTheReverse) {
  const StockMark written = mark(StockState::spare);
  EXPECT_FALSE(decode(encode(written, kKey), written.name.text(), kKey));
  const Mark other{{{*RepositoryName::parse("repo"), *AppName::parse("shop"), Production{}},
                    *ComponentName::parse("db")},
                   written.name,
                   1,
                   Active{},
                   std::nullopt};
  EXPECT_FALSE(decode_stock(encode(other, kKey), written.name.text(), kKey));
}

TEST(Stock, IsAnotherWithOtherRules) {
  const Stock one = stock(masked({{"users", "email", "email"}}));
  EXPECT_NE(one, stock(masked({{"users", "email", "hash"}})));
  EXPECT_NE(template_name(one, 1), template_name(stock(masked({{"users", "email", "hash"}})), 1));
  EXPECT_EQ(stock({Copy::data}), stock({Copy::data, std::chrono::hours(1), {}, 5}));
}

TEST(Stock, HasNamesOfItsOwn) {
  const Stock one = stock({Copy::data});
  EXPECT_NE(template_name(one, 1), template_name(one, 2));
  EXPECT_NE(template_name(one, 1), spare_name(one, 1));
}

TEST(Stock, OfAForkHasNoUnmaskedRows) {
  EXPECT_EQ(copy_for_fork(Copy::masked), Copy::masked);
  EXPECT_EQ(copy_for_fork(Copy::data), Copy::none);
  EXPECT_EQ(copy_for_fork(Copy::schema), Copy::none);
}

}  // namespace
}  // namespace bough
