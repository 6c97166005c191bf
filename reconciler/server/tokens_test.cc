#include "reconciler/server/tokens.h"

#include <gtest/gtest.h>

namespace bough::server {
namespace {

Tokens two() {
  Tokens tokens;
  tokens.add(Secret("first"), {"ci", {Scope::plan}, {"shop"}});
  tokens.add(Secret("second"), {"boss", {Scope::admin}, {}});
  return tokens;
}

std::string name(const Headers& headers) {
  const auto grant = two().grant_of(headers);
  return grant ? grant->name : "";
}

TEST(Tokens, AreFoundByTheirWholeText) {
  EXPECT_EQ(name({{"Authorization", "Bearer first"}}), "ci");
  EXPECT_EQ(name({{"authorization", "bearer second"}}), "boss");
  for (const char* wrong : {"Bearer firs", "Bearer firstx", "Bearer ", "Bearer", "first",
                            "Basic first", "Bearer  first", ""})
    EXPECT_EQ(name({{"Authorization", wrong}}), "") << wrong;
  EXPECT_EQ(name({}), "");
  EXPECT_EQ(name({{"Authorization", "Bearer first"}, {"Authorization", "Bearer first"}}), "");
}

struct Row {
  Scope has, wanted;
  bool may;
};

TEST(Tokens, ScopesImplyLesserOnes) {
  for (const Row& row :
       {Row{Scope::admin, Scope::apply, true}, Row{Scope::apply, Scope::plan, true},
        Row{Scope::apply, Scope::read, true}, Row{Scope::apply, Scope::approve, false},
        Row{Scope::apply, Scope::admin, false}, Row{Scope::plan, Scope::read, true},
        Row{Scope::plan, Scope::apply, false}, Row{Scope::approve, Scope::read, true},
        Row{Scope::approve, Scope::plan, false}, Row{Scope::read, Scope::plan, false}})
    EXPECT_EQ((Grant{"t", {row.has}, {}}.may(row.wanted)), row.may)
        << word_of(row.has) << " " << word_of(row.wanted);
}

TEST(Tokens, MayBeForSomeRepositoriesOnly) {
  const Grant grant{"t", {Scope::read}, {"shop"}};
  EXPECT_TRUE(grant.sees("shop"));
  EXPECT_FALSE(grant.sees("other"));
  EXPECT_FALSE(grant.sees_all());
}

}  // namespace
}  // namespace bough::server
