#include <gtest/gtest.h>

#include <filesystem>

#include "git/http_site.h"

namespace bough {
namespace {

using namespace testing;

class HttpTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { site = std::make_unique<HttpSite>(); }
  static void TearDownTestSuite() { site.reset(); }
  static inline std::unique_ptr<HttpSite> site;

  static std::string http(const std::string& path) { return site->http(path); }
  static std::string https(const std::string& path, const std::string& host = "127.0.0.1") {
    return site->https(path, host);
  }
  static Remote with_ca(const Remote& remote) { return site->with_ca(remote); }
  static Remote with_login(const Remote& remote, const std::string& password) {
    return HttpSite::with_login(remote, password);
  }
  Mirror mirror_of(const Remote& remote) { return open_mirror(temp.path("mirror"), remote); }
  std::string app_yaml_from(const Remote& remote) {
    Mirror mirror = mirror_of(remote);
    return app_yaml(mirror, fetched(mirror), "main");
  }
  Error error_from(const Remote& remote) {
    Mirror mirror = mirror_of(remote);
    return fetch_error(mirror);
  }

  TempFolder temp;
};

TEST_F(HttpTest, FetchesOverHttpAndTls) {
  EXPECT_EQ(app_yaml_from(remote_at(http("/open/origin.git"))), "name: shop");
  EXPECT_EQ(app_yaml_from(with_ca(remote_at(https("/open/origin.git")))), "name: shop");
}

TEST_F(HttpTest, LaterPushesComeThroughAKeptRemote) {
  Mirror mirror = mirror_of(with_ca(remote_at(https("/open/origin.git"))));
  for (int i = 0; i < 3; ++i) {
    site->origin.commit("later", std::to_string(i), "refs/heads/main");
    EXPECT_EQ(app_yaml(mirror, fetched(mirror), "later"), std::to_string(i));
  }
}

TEST_F(HttpTest, OnePushToAThousandBranchesCostsFewObjects) {
  Origin large(site->temp.path("large.git"));
  large.import(thousand_branches());
  const Remote remote = remote_at(http("/open/large.git"));
  Mirror mirror = mirror_of(remote);
  ASSERT_EQ(fetched(mirror).branches.size(), 1001u);
  large.commit("feature/3", "name: new");
  EXPECT_LE(fetched_raw(temp.path("mirror"), remote).received_objects, 10u);
}

TEST_F(HttpTest, APasswordOpensAPrivateRepository) {
  for (const std::string& url : {http("/private/origin.git"), https("/private/origin.git")})
    EXPECT_EQ(app_yaml_from(with_login(with_ca(remote_at(url)), "right-password")), "name: shop");
}

TEST_F(HttpTest, AUserInTheUrlGoesWithThePassword) {
  Remote remote =
      remote_at("http://bot@127.0.0.1:" + std::to_string(site->port) + "/private/origin.git");
  remote.password = Secret("right-password");
  EXPECT_EQ(app_yaml_from(remote), "name: shop");
}

struct Denial {
  std::string name;
  std::string path;
  std::string password;
  Fault fault;
  std::string says;
};

TEST_F(HttpTest, Row36_37_40_EachRefusalHasItsFaultAndWords) {
  for (const Denial& row : std::vector<Denial>{
           {"WrongPassword", "/private/origin.git", "wrong-password", Fault::denied, "refused"},
           {"NoPassword", "/private/origin.git", "", Fault::denied, "wants a login"},
           {"Forbidden", "/forbidden/origin.git", "wrong-password", Fault::denied, "403"},
           {"Missing", "/open/none.git", "", Fault::unavailable, "404"},
           {"ServerError", "/broken/origin.git", "", Fault::unavailable, "500"},
           {"LoginPage", "/login/origin.git", "", Fault::unavailable, "content"},
           {"Elsewhere", "/elsewhere/origin.git", "wrong-password", Fault::unavailable,
            "redirect"}}) {
    Remote remote = remote_at(http(row.path));
    if (!row.password.empty()) remote = with_login(remote, row.password);
    const auto start = std::chrono::steady_clock::now();
    const Error error = error_from(remote);
    EXPECT_EQ(error.fault, row.fault) << row.name << ": " << error.message;
    EXPECT_NE(error.message.find(row.says), std::string::npos) << row.name << ": " << error.message;
    EXPECT_EQ(error.message.find("wrong-password"), std::string::npos) << error.message;
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << row.name;
  }
}

TEST_F(HttpTest, Row36_RedirectsWithinAHostAreFollowed) {
  EXPECT_EQ(app_yaml_from(remote_at(http("/moved/origin.git"))), "name: shop");
}

TEST_F(HttpTest, Row23_CertificatesAreChecked) {
  const Error unknown = error_from(remote_at(https("/open/origin.git")));
  EXPECT_EQ(unknown.fault, Fault::denied) << unknown.message;
  EXPECT_NE(unknown.message.find("certificate"), std::string::npos) << unknown.message;
  const Error misnamed = error_from(with_ca(remote_at(https("/open/origin.git", "localhost"))));
  EXPECT_EQ(misnamed.fault, Fault::denied) << misnamed.message;
  EXPECT_NE(misnamed.message.find("mismatch"), std::string::npos) << misnamed.message;
  Remote no_file = remote_at(https("/open/origin.git"));
  no_file.ca_cert_file = site->temp.path("absent.pem");
  EXPECT_EQ(error_from(no_file).fault, Fault::denied);
}

TEST_F(HttpTest, TlsToAPlainPortFailsInWords) {
  const Error error = error_from(
      with_ca(remote_at("https://127.0.0.1:" + std::to_string(site->port) + "/open/origin.git")));
  EXPECT_EQ(error.fault, Fault::unavailable) << error.message;
}

TEST_F(HttpTest, NobodyListeningIsUnavailable) {
  for (const char* scheme : {"http", "https"}) {
    const Error error = error_from(
        remote_at(std::string(scheme) + "://127.0.0.1:" + std::to_string(free_port()) + "/x.git"));
    EXPECT_EQ(error.fault, Fault::unavailable) << error.message;
    EXPECT_NE(error.message.find("refused"), std::string::npos) << error.message;
  }
}

}  // namespace
}  // namespace bough
