#include "spec/dump.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

const Key& key() {
  static const Key value(std::array<std::uint8_t, 32>{1, 2, 3});
  return value;
}
const Key& other() {
  static const Key value(std::array<std::uint8_t, 32>{3, 2, 1});
  return value;
}

Dump dump() {
  const Place place{{*RepositoryName::parse("shop"), *AppName::parse("shop"),
                     Branch{*BranchName::parse("caf\xe9")}},
                    *ComponentName::parse("db")};
  Mark mark{place, physical_name(place, Rank::first), 1,
            Held{Instant(std::chrono::milliseconds(1'700'000'000'123)), false, false},
            Migrated{*Commit::parse(std::string(40, 'a')), "d"}};
  const InstanceName instance = *InstanceName::parse("main-pg");
  return {dump_id(instance, mark),
          instance,
          15,
          mark,
          Instant(std::chrono::seconds(1'700'600'000)),
          4096,
          "abc",
          {"def", {{"public.orders", 3, "17"}, {"\"odd \"\"name\"", 0, "0"}}}};
}

TEST(Dump, ReadsBackWhatItsManifestSays) {
  const auto read = read_manifest(manifest_of(dump(), key()), key());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, dump());
}

template <typename Withdrawn>
void expect_an_id_of_each() {
  const Instant first(std::chrono::milliseconds(1'700'000'000'123));
  Mark one = dump().mark, other = one;
  one.standing = Withdrawn{first};
  other.standing = Withdrawn{first + std::chrono::milliseconds(1)};
  const InstanceName instance = dump().instance;
  EXPECT_EQ(dump_id(instance, one), dump_id(instance, Mark(one)));
  EXPECT_NE(dump_id(instance, one), dump_id(instance, other)) << word_of(one.standing);
}

TEST(Dump, HasAnIdOfTheTimeInWhichNobodyCouldWrite) {
  expect_an_id_of_each<Held>();
  expect_an_id_of_each<Suspended>();
  expect_an_id_of_each<Detached>();
}

TEST(Dump, DoesNotBelieveOtherManifests) {
  const std::string text = manifest_of(dump(), key());
  EXPECT_FALSE(read_manifest(text, other()));
  std::string moved = text;
  moved.replace(moved.find("main-pg"), 7, "team-pg");
  EXPECT_FALSE(read_manifest(moved, key()));
  for (std::size_t length = 0; length + 1 < text.size(); length += 7)
    EXPECT_FALSE(read_manifest(text.substr(0, length), key())) << length;
  for (const char* wrong : {"", "[]", "{}", R"({"id": 7})"})
    EXPECT_FALSE(read_manifest(wrong, key())) << wrong;
}

}  // namespace
}  // namespace bough
