#include "reconciler/operations/sealed_plan.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reconciler/documents.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;

Key key(std::uint8_t filling) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(filling);
  return Key(bytes);
}

Json sealed() {
  Json plan{{"bough_version", kVersion}, {"plan_id", "abc"}, {"changes", Json::array()}};
  seal(plan, {"shop", {"feature/\xff"}, "abc"}, key(1));
  return plan;
}

TEST(SealedPlan, TellsItsTarget) {
  const auto saved = read_sealed(sealed().dump(2), key(1));
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->repository, "shop");
  EXPECT_EQ(saved->branches, std::vector<std::string>{"feature/\xff"});
  EXPECT_EQ(saved->plan_id, "abc");
}

TEST(SealedPlan, IsStaleWhenItIsNotWholeOrNotOurs) {
  Json edited = sealed();
  edited["plan_id"] = "other";
  Json bare = sealed();
  bare.erase("seal");
  const std::string texts[] = {edited.dump(),
                               bare.dump(),
                               "",
                               "{}",
                               "[]",
                               "null",
                               "{\"seal\": 1}",
                               sealed().dump().substr(0, 40)};
  for (const std::string& text : texts) {
    const auto saved = read_sealed(text, key(1));
    ASSERT_FALSE(saved) << text;
    EXPECT_EQ(saved.error().fault, Fault::stale);
  }
  EXPECT_FALSE(read_sealed(sealed().dump(), key(2)));
}

}  // namespace
}  // namespace bough::operations
