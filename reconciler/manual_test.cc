#include "reconciler/manual.h"

#include <gtest/gtest.h>

#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;

/// `name on instance`, or what is wrong.
std::string typed(const std::vector<Ours>& databases, const char* name, const char* instance) {
  const auto found = typed_out(databases, name, instance);
  if (!found)
    return (found.error().fault == Fault::refused ? "refused: " : "missing: ") +
           found.error().message;
  return found->at.name.text() + " on " + found->at.instance.text();
}

TEST(TypedOut, IsTheOnlyOneThatFits) {
  const auto at = [](const char* where, const Place& of) {
    const DatabaseName name = physical_name(of, Rank::first);
    return Ours{{instance(where), of, name}, Mark{of, name, 1, Active{}, std::nullopt}};
  };
  const std::vector<Ours> moved{at("dev-pg15", place(Production{})),
                                at("team", place(Production{})), at("team", place(on("cart")))};
  struct Case {
    const char* name;
    const char* on;
    const char* says;
  };
  const Case cases[] = {
      {"shop--cart", "", "shop--cart on team"},
      {"shop--cart", "team", "shop--cart on team"},
      {"shop-production", "team", "shop-production on team"},
      {"shop-production", "dev-pg15", "shop-production on dev-pg15"},
      {"shop-production", "",
       "refused: there are shop-production on dev-pg15 and shop-production on team; nothing was "
       "destroyed: say which with --instance"},
      {"shop--cart", "dev-pg15",
       "missing: there is no database shop--cart on dev-pg15; nothing was destroyed (there are: "
       "shop-production on dev-pg15, shop-production on team, shop--cart on team)"},
  };
  for (const Case& one : cases) EXPECT_EQ(typed(moved, one.name, one.on), one.says);
  EXPECT_EQ(typed({}, "x", ""),
            "missing: there is no database x; nothing was destroyed (there are: none)");
}

TEST(Confirmation, LeavesProductionAlone) {
  const auto held = [](const Place& of) {
    const DatabaseName name = physical_name(of, Rank::first);
    return Ours{{instance(), of, name}, Mark{of, name, 1, Held{{}, true, true}, std::nullopt}};
  };
  EXPECT_TRUE(confirmation({held(place(Production{}))}).empty());
  EXPECT_EQ(confirmation({held(place(on("cart")))}).size(), 1U);
}

}  // namespace
}  // namespace bough
