#include "provisioners/postgres/programs.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bough::postgres {
namespace {

struct Case {
  const char* text;
  std::optional<int> version;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << '"' << c.text << '"';
}

class MajorVersion : public testing::TestWithParam<Case> {};
TEST_P(MajorVersion, IsWhatASpecMeans) {
  EXPECT_EQ(major_version(GetParam().text), GetParam().version);
}
INSTANTIATE_TEST_SUITE_P(Programs, MajorVersion,
                         testing::Values(Case{"15", 15}, Case{"15.4", 15}, Case{"9.6.1", 9},
                                         Case{"", std::nullopt}, Case{"15.", std::nullopt},
                                         Case{"v15", std::nullopt}, Case{"15beta", std::nullopt},
                                         Case{"latest", std::nullopt}, Case{"-15", std::nullopt},
                                         Case{"0", std::nullopt}, Case{"015", std::nullopt},
                                         Case{"999999999999", std::nullopt},
                                         Case{".5", std::nullopt}));

class VersionSaid : public testing::TestWithParam<Case> {};
TEST_P(VersionSaid, IsReadFromTheProgramsOwnWords) {
  EXPECT_EQ(version_said(GetParam().text), GetParam().version);
}
INSTANTIATE_TEST_SUITE_P(
    Programs, VersionSaid,
    testing::Values(Case{"postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n", 15},
                    Case{"postgres (PostgreSQL) 18.4\n", 18},
                    Case{"postgres (PostgreSQL) 19devel\n", 19}, Case{"mysqld 8.0", std::nullopt},
                    Case{"", std::nullopt}));

TEST(Programs, ConfiguredFoldersComeFirstInEveryLayout) {
  const auto all = places({"/opt/pg", "/npm/linux-x64"});
  ASSERT_GE(all.size(), 6U);
  EXPECT_EQ(all[1], "/opt/pg/bin");
  EXPECT_EQ(all[5], "/npm/linux-x64/native/bin");
}

TEST(Programs, AreFoundNewestFirstAndOncePerVersion) {
  const auto found = find_programs({}, std::nullopt);
  ASSERT_FALSE(found.empty()) << "install postgresql-15";
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end(),
                             [](const auto& a, const auto& b) { return a.version > b.version; }));
}

TEST(Programs, AnEmptyFolderIsNoServer) {
  for (const Programs& one : find_programs({"/tmp"}, std::nullopt)) EXPECT_NE(one.folder, "/tmp");
}

}  // namespace
}  // namespace bough::postgres
