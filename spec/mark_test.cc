#include "spec/mark.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

const Key kKey({1, 2, 3});
const Key kOther({9});
const Migrated kMigrated{*Commit::parse(std::string(40, 'a')), "d1"};

Mark mark(Standing standing, std::string_view branch = "feature/x") {
  return {{{*RepositoryName::parse("repo"), *AppName::parse("shop"),
            Branch{*BranchName::parse(branch)}},
           *ComponentName::parse("db")},
          *DatabaseName::parse("shop--x"),
          3,
          std::move(standing),
          std::nullopt};
}

TEST(Mark, IsTheSameAfterPrintAndParse) {
  const Instant now{std::chrono::milliseconds(1'767'225'600'123)};
  for (const Standing& standing :
       {Standing{Active{}}, Standing{Held{now, true}}, Standing{Detached{now}},
        Standing{Suspended{now}}, Standing{Image{now}}, Standing{Image{now, kMigrated}}}) {
    Mark written = mark(standing, "\xff'\";--\xe2\x80\xa8");
    written.migrated = kMigrated;
    written.released = Migrated{kMigrated.commit, "d2"};
    written.seeded = "once";
    EXPECT_EQ(decode(encode(written, kKey), "shop--x", kKey), written);
  }
}

TEST(Mark, KnowsThePreviewsOfCommitsApart) {
  Mark one = mark(Active{});
  one.place.home.environment = Preview{*Commit::parse(std::string(40, 'a'))};
  EXPECT_EQ(decode(encode(one, kKey), "shop--x", kKey), one);
  Mark other = one;
  other.place.home.environment = Preview{*Commit::parse(std::string(40, 'b'))};
  EXPECT_NE(uid_of(one, kKey), uid_of(other, kKey));
}

TEST(Mark, OfAnotherObjectOrKeyIsNotBelieved) {
  const std::string text = encode(mark(Active{}), kKey);
  EXPECT_FALSE(decode(text, "shop--y", kKey));
  EXPECT_FALSE(decode(text, "shop--x", kOther));
}

TEST(Mark, ThatSomebodyEditedIsNotBelieved) {
  std::string text = encode(mark(Held{Instant{}, false}), kKey);
  text.replace(text.find("\"held\""), 6, "\"gone\"");
  EXPECT_FALSE(decode(text, "shop--x", kKey));
}

TEST(Mark, ForeignTextIsNone) {
  for (const char* text : {"", "my database", "bough ", "bough {}", "bough [1]",
                           "bough {\"mac\":1}", "bough {\"mac\":\"\"}"})
    EXPECT_FALSE(decode(text, "shop--x", kKey)) << text;
}

}  // namespace
}  // namespace bough
