#include "provisioners/postgres/layout.h"

#include <gtest/gtest.h>

namespace bough::postgres {

void PrintTo(const Lockfile& file, std::ostream* out) {
  *out << file.pid << (file.ready ? " ready" : " not ready");
}

namespace {

TEST(Layout, EveryVersionHasItsOwnFolder) {
  const Layout layout = layout_of("/var/lib/bough", 15, 100);
  EXPECT_EQ(layout.data, "/var/lib/bough/dev/pg15/data");
  EXPECT_EQ(layout.settings, "/var/lib/bough/dev/pg15/settings");
  EXPECT_EQ(layout.sockets, "/var/lib/bough/dev/run");
  EXPECT_NE(layout_of("/var/lib/bough", 16, 100).lock, layout.lock);
}

TEST(Layout, SocketsGoWhereTheirPathIsShortAndPlain) {
  const std::string longer = "/srv/" + std::string(120, 'a');
  for (const std::string& folder : {longer, std::string("/srv/a,b"), std::string("/srv/a b")}) {
    const Layout layout = layout_of(folder, 15, 100);
    EXPECT_TRUE(layout.sockets.starts_with("/tmp/bough-100-")) << layout.sockets;
  }
  EXPECT_NE(layout_of("/srv/a,b", 15, 100).sockets, layout_of("/srv/a b", 15, 100).sockets);
}

TEST(Layout, PortIsReadBackFromTheSettings) {
  const Layout layout = layout_of("/it's \\here", 15, 100);
  EXPECT_EQ(port_in(settings_text(layout, 23456, Listening::here)), 23456);
  EXPECT_EQ(port_in("listen_addresses = ''\n"), std::nullopt);
  EXPECT_EQ(port_in(""), std::nullopt);
}

TEST(Layout, SettingsQuotePaths) {
  const std::string text = settings_text(layout_of("/it's \\here", 15, 100), 1, Listening::here);
  EXPECT_NE(text.find("hba_file = '/it\\'s \\\\here/dev/pg15/hba'"), std::string::npos) << text;
}

TEST(Layout, PreferredPortsLieBelowTheEphemeralRange) {
  for (int version = 13; version < 40; ++version) {
    const int port = preferred_port("/some/folder", version);
    EXPECT_GE(port, 20000);
    EXPECT_LT(port, 32000);
    EXPECT_EQ(port, preferred_port("/some/folder", version));
  }
}

struct Case {
  const char* name;
  const char* text;
  std::optional<Lockfile> expected;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class ReadLockfile : public testing::TestWithParam<Case> {};
TEST_P(ReadLockfile, TellsProcessAndState) {
  EXPECT_EQ(read_lockfile(GetParam().text), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Layout, ReadLockfile,
    testing::Values(Case{"Ready", "12\n/d\n1700000000\n20000\n/run\n127.0.0.1\n 1 2\nready   \n",
                         Lockfile{12, true}},
                    Case{"Starting", "12\n/d\n1700000000\n20000\n/run\n127.0.0.1\n 1 2\nstarting\n",
                         Lockfile{12, false}},
                    Case{"HalfWritten", "12\n/d\n", Lockfile{12, false}},
                    Case{"Empty", "", std::nullopt}, Case{"SingleUser", "-12\n", std::nullopt},
                    Case{"Garbage", "x\ny\n", std::nullopt}),
    [](const auto& row) { return row.param.name; });

TEST(Layout, LastLinesAreTheEnd) {
  EXPECT_EQ(last_lines("a\nb\nc\n", 2), "b\nc");
  EXPECT_EQ(last_lines("a\n", 2), "a");
  EXPECT_EQ(last_lines("", 2), "");
}

}  // namespace
}  // namespace bough::postgres
