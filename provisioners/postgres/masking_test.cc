#include "provisioners/postgres/masking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bough::postgres {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

MaskedColumn column(std::string table, std::string name, std::string type, char category = 'S') {
  MaskedColumn one{"public", std::move(table), std::move(name), std::move(type)};
  one.category = category;
  return one;
}

MaskingFacts facts() {
  MaskingFacts result;
  MaskedColumn email = column("users", "email", "text");
  email.unique = email.required = true;
  MaskedColumn name = column("users", "name", "varchar");
  name.length = 10;
  MaskedColumn full = column("users", "full", "text");
  full.computed = true;
  result.columns = {email,
                    name,
                    full,
                    column("users", "age", "int4", 'N'),
                    column("users", "born", "date", 'D'),
                    column("users", "place", "point", 'G'),
                    column("orders", "buyer", "text"),
                    column("orders", "note", "text"),
                    column("sessions", "id", "int4", 'N')};
  result.references = {{"public", "orders", "buyer", "public", "users", "email"}};
  result.heirs = {{"\"public\".\"sessions\"", "\"public\".\"sessions_1\"", true}};
  return result;
}

std::string outcome(const std::vector<MaskingRule>& rules) {
  const auto order = masking_order(rules, facts(), "salt");
  if (!order) return order.error().message;
  std::string text;
  for (const std::string& one : order->without_rows) text += "without " + one + "\n";
  for (const std::string& one : order->updates) text += one + "\n";
  return text;
}

struct Case {
  std::string name;
  std::vector<MaskingRule> rules;
  std::string says;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class Masking : public testing::TestWithParam<Case> {};
TEST_P(Masking, ComesTo) {
  EXPECT_THAT(outcome(GetParam().rules), HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(
    Rules, Masking,
    testing::Values(
        Case{"Nothing",
             {{"orders", "note", "nothing"}},
             "UPDATE \"public\".\"orders\" SET \"note\" = NULL;"},
        Case{"SchemaIsTaken", {{"public.orders", "note", "nothing"}}, "\"public\".\"orders\""},
        Case{"Zero", {{"users", "age", "zero"}}, "\"age\" = 0"},
        Case{"ZeroDate", {{"users", "born", "zero"}}, "'1970-01-01'"},
        Case{"Text", {{"users", "name", "text"}}, "repeat('x'"},
        Case{"BothEndsOfAKey", {{"users", "email", "hash"}, {"orders", "buyer", "hash"}}, "sha256"},
        Case{"EmptyTakesPartitions", {{"sessions", "", "empty"}}, "sessions_1"},
        Case{"NoSuchTable", {{"people", "x", "hash"}}, "no such table"},
        Case{"NoSuchColumn", {{"users", "mail", "hash"}}, "no such column"},
        Case{"NoSuchTableToEmpty", {{"people", "", "empty"}}, "no such table"},
        Case{"RequiredIsNotNull", {{"users", "email", "nothing"}}, "NOT NULL"},
        Case{"UniqueStaysApart", {{"users", "email", "text"}}, "is unique"},
        Case{"OneEndOfAKey", {{"users", "email", "hash"}}, "orders.buyer refers to it"},
        Case{"TheOtherEndOfAKey", {{"orders", "buyer", "hash"}}, "it refers to public.users.email"},
        Case{"DifferentEnds",
             {{"users", "email", "hash"}, {"orders", "buyer", "email"}},
             "mask both"},
        Case{"EmptyBehindAKey", {{"users", "", "empty"}}, "empty that table as well"},
        Case{"BothEmpty", {{"users", "", "empty"}, {"orders", "", "empty"}}, "without"},
        Case{"HashOfAnInteger", {{"users", "age", "hash"}}, "a hash works on text"},
        Case{"HashWithoutRoom", {{"users", "name", "hash"}}, "room for 10"},
        Case{"EmailOfANumber", {{"users", "age", "email"}}, "an email is text"},
        Case{"NoZero", {{"users", "place", "zero"}}, "no zero of type point"},
        Case{"Computed", {{"users", "full", "hash"}}, "computed from others"}),
    [](const auto& row) { return row.param.name; });

TEST(Masking, HeirsAreWrittenAnewWithWhatTheyInheritFrom) {
  MaskingFacts family;
  family.columns = {column("parent", "name", "text"), column("child", "name", "text")};
  const std::string parent = "\"public\".\"parent\"", child = "\"public\".\"child\"";
  family.heirs = {{parent, child}, {child, "\"public\".\"grandchild\""}};
  const std::vector<MaskingRule> rules{{"parent", "name", "nothing"}, {"child", "name", "nothing"}};
  auto order = masking_order(rules, family, "salt");
  ASSERT_TRUE(order) << order.error().message;
  EXPECT_THAT(order->tables, UnorderedElementsAre(parent, child, "\"public\".\"grandchild\""));
  // VACUUM takes partitions with their table.
  family.heirs = {{parent, "\"public\".\"part\"", true}};
  order = masking_order({rules.front()}, family, "salt");
  ASSERT_TRUE(order) << order.error().message;
  EXPECT_THAT(order->tables, UnorderedElementsAre(parent));
}

TEST(Masking, QuotesWhateverANameIs) {
  MaskingFacts odd;
  odd.columns = {column("a\"; DROP TABLE b; --", "c\"\n\\!", "text")};
  const auto order = masking_order({{"a\"; DROP TABLE b; --", "c\"\n\\!", "nothing"}}, odd, "salt");
  ASSERT_TRUE(order) << order.error().message;
  EXPECT_EQ(order->updates.front(),
            "UPDATE \"public\".\"a\"\"; DROP TABLE b; --\" SET \"c\"\"\n\\!\" = NULL;");
}

}  // namespace
}  // namespace bough::postgres
