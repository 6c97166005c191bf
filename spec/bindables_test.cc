#include "spec/bindables.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

TEST(Bindables, AreFoundInOrder) {
  const std::vector<Bindable> expected{{"db", "DATABASE_URL"}, {"", "APP_URL"}};
  EXPECT_EQ(bindables("a ${db.DATABASE_URL} b ${APP_URL} ${not one} $HOME"), expected);
}

}  // namespace
}  // namespace bough
