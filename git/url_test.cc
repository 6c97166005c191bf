#include "git/url.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "git/protocol.h"

namespace bough {
namespace {

struct Good {
  std::string text;
  Scheme scheme;
  std::string host;
  std::string user;
};
void PrintTo(const Good& row, std::ostream* out) {
  *out << row.text;
}

class GoodUrl : public ::testing::TestWithParam<Good> {};

TEST_P(GoodUrl, IsTakenApart) {
  auto url = RemoteUrl::parse(GetParam().text);
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->scheme(), GetParam().scheme);
  EXPECT_EQ(url->host(), GetParam().host);
  EXPECT_EQ(url->user(), GetParam().user);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, GoodUrl,
    ::testing::Values(Good{"https://git.example.com/team/shop.git", Scheme::https,
                           "git.example.com", ""},
                      Good{"http://bot@example.com:8080/x", Scheme::http, "example.com", "bot"},
                      Good{"https://[::1]:8443/x", Scheme::https, "::1", ""},
                      Good{"ssh://git@host:22/x", Scheme::ssh, "host", "git"},
                      Good{"git@github.com:team/shop.git", Scheme::ssh, "github.com", "git"},
                      Good{"git://host/x", Scheme::git, "host", ""},
                      Good{"file:///srv/x%20y.git", Scheme::local, "", ""},
                      Good{"file://localhost/srv/x.git", Scheme::local, "", ""},
                      Good{"/srv/x.git", Scheme::local, "", ""},
                      Good{"./a:b", Scheme::local, "", ""}));

TEST(RemoteUrl, LocalPathsAreAbsoluteAndDecoded) {
  EXPECT_EQ(RemoteUrl::parse("file:///srv/x%20y.git")->path(), "/srv/x y.git");
  EXPECT_EQ(RemoteUrl::parse("/srv/x%20y.git")->path(), "/srv/x%20y.git");
  EXPECT_EQ(RemoteUrl::parse("sub/x")->path(),
            (std::filesystem::current_path() / "sub/x").string());
}

class BadUrl : public ::testing::TestWithParam<std::string> {};

TEST_P(BadUrl, Row35_IsInvalidAndKeepsItsSecret) {
  auto url = RemoteUrl::parse(GetParam());
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().fault, Fault::invalid);
  EXPECT_EQ(url.error().message.find("secret"), std::string::npos) << url.error().message;
  EXPECT_EQ(url.error().message.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Forms, BadUrl,
                         ::testing::Values("", "-x", "--upload-pack=id", "ext::sh -c id",
                                           "ftp://host/x", "https://bot:secret@host/x",
                                           "https://host/x\ny", "https://host/\rx", "https:///x",
                                           "https://host", "https://host/", "ssh://-oProxy/x",
                                           "-oProxy:x", "host:", ":x", "file://host/x",
                                           "javascript://host/x"));

TEST(WithoutLogin, MasksEveryLogin) {
  EXPECT_EQ(without_login("to https://a:secret@h/x and ssh://b@h/y"),
            "to https://***@h/x and ssh://***@h/y");
  EXPECT_EQ(without_login("https://h/x@y"), "https://h/x@y");
  EXPECT_EQ(without_login("nothing"), "nothing");
}

TEST(Protocol, RepliesAndRequestsSurviveTheWay) {
  Fetched fetched;
  fetched.listing.branches.emplace(*BranchName::parse("\xff\"'{"),
                                   *Commit::parse(std::string(40, 'a')));
  fetched.listing.head = *BranchName::parse("\xff\"'{");
  fetched.received_objects = 7;
  fetched.changed = true;
  auto reply = decode_reply(encode(FetchReply(fetched)));
  ASSERT_TRUE(reply);
  EXPECT_EQ(std::get<Fetched>(*reply).listing, fetched.listing);
  EXPECT_EQ(std::get<Fetched>(*reply).received_objects, 7u);
  EXPECT_TRUE(std::get<Fetched>(*reply).changed);

  auto failure = decode_reply(encode(FetchReply(FetchFailure{{Fault::denied, "\xfe no"}, true})));
  ASSERT_TRUE(failure);
  EXPECT_EQ(std::get<FetchFailure>(*failure).error, (Error{Fault::denied, "\xfe no"}));
  EXPECT_TRUE(std::get<FetchFailure>(*failure).mirror_broken);

  const FetchRequest request{
      "/f\xff", {"url", "user", Secret("pass"), "key", "known", "ca"}, std::chrono::seconds(3)};
  auto again = decode_request(encode(request));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->folder, request.folder);
  EXPECT_EQ(again->remote.url, "url");
  EXPECT_EQ(again->remote.password, Secret("pass"));
  EXPECT_EQ(again->remote.ssh_key_file, "key");
  EXPECT_EQ(again->remote.known_hosts_file, "known");
  EXPECT_EQ(again->remote.ca_cert_file, "ca");
  EXPECT_EQ(again->limit, request.limit);
}

TEST(Protocol, GarbageIsAnError) {
  for (const char* bytes : {"", "{", "[]", "{}", "{\"branches\":1}", "{\"fault\":\"x\"}"})
    EXPECT_FALSE(decode_reply(bytes)) << bytes;
  EXPECT_FALSE(decode_request("{\"folder\":1}"));
}

}  // namespace
}  // namespace bough
