#include "reconciler/server/hooks.h"

#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "git/forges/settings.h"
#include "reconciler/server/http_server.h"
#include "reconciler/server/testing.h"

namespace bough::server {
namespace {

using namespace testing;
using forges::Provider;

const Instant kNow{std::chrono::seconds(1'700'000'000)};
const Secret kSecret("a secret");
const RepositoryName kShop = *RepositoryName::parse("shop");
constexpr const char* kUrl = "https://git.example.com/team/shop.git";

/// A server with a hook for every provider, and what came of it.
class HooksTest : public ::testing::Test {
 protected:
  void start(Rate rate = {10'000, 20'000}) {
    std::vector<Hook> all;
    for (const Provider provider : forges::providers())
      all.push_back({kShop, provider, path(provider), kUrl, {kSecret}, {}});
    all.push_back({kShop, Provider::github, "/hooks/without-a-secret", kUrl, {}, {"it is empty"}});
    HookEffects effects{
        [this](const RepositoryName&) { ++wanted; },
        [this](const RepositoryName&) { ++wanted; },
        [this](const ReportedBuild& build) -> Result<void> {
          reported.push_back(build);
          return {};
        },
        [this](const RepositoryName&, const std::string& text) { said.push_back(text); },
        [](const std::function<void()>& work) { work(); },
        [] { return kNow; }};
    hooks = std::make_unique<Hooks>(std::move(all), std::move(effects), metrics, rate);
    auto opened = HttpServer::open({"127.0.0.1:0", std::nullopt}, *hooks, {});
    ASSERT_TRUE(opened);
    server = *std::move(opened);
  }

  static std::string path(Provider provider) {
    return "/hooks/of-" + std::string(forges::word_of(provider));
  }
  static std::string request(Provider provider, const std::string& body, const Secret& secret,
                             const forges::Headers& more = {}) {
    std::string text = "POST " + path(provider) +
                       " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\nContent-Type: application/json\r\n";
    forges::Headers headers = forges::signed_headers(provider, secret, body, kNow);
    for (const auto& one : forges::sample_push(provider).headers)
      headers.push_back({one.name, one.value});
    headers.insert(headers.end(), more.begin(), more.end());
    for (const Header& header : headers) text += header.name + ": " + header.value + "\r\n";
    return text + "\r\n" + body;
  }
  static std::string push(Provider provider, const forges::Headers& more = {}) {
    return request(provider, forges::sample_push(provider).body, kSecret, more);
  }
  std::string ask(const std::string& text) { return testing::ask(server->port(), text); }
  int status(const std::string& text) { return status_of(ask(text)); }

  std::atomic<int> wanted = 0;
  std::vector<ReportedBuild> reported;
  std::vector<std::string> said;
  Metrics metrics;
  std::unique_ptr<Hooks> hooks;
  std::unique_ptr<HttpServer> server;
};

TEST_F(HooksTest, AVerifiedPushOfEveryProviderMakesItsRepositoryDue) {
  start();
  for (const Provider provider : forges::providers()) {
    const int before = wanted;
    EXPECT_EQ(status(push(provider)), 202) << forges::word_of(provider);
    EXPECT_EQ(wanted, before + 1) << forges::word_of(provider);
  }
}

TEST_F(HooksTest, Row1_WithoutASignatureNothingHappens) {
  start();
  for (const Provider provider : forges::providers()) {
    EXPECT_EQ(
        status("POST " + path(provider) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}"),
        401);
    EXPECT_EQ(status(request(provider, "{}", Secret("wrong"))), 401);
  }
  EXPECT_EQ(wanted, 0);
  EXPECT_NE(metrics.text().find("bough_webhook_requests_total{provider=\"gogs\",result=\"refused\"}"
                                " 2\n"),
            std::string::npos)
      << metrics.text();
}

TEST_F(HooksTest, Row6_AHookWithoutASecretIsNotThere) {
  start();
  EXPECT_EQ(ask("POST /hooks/without-a-secret HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
            ask("POST /hooks/guess HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"));
}

TEST_F(HooksTest, Row7_ABodyBeyond25MebibytesIsRefused) {
  start();
  EXPECT_EQ(status("POST " + path(Provider::gitlab) +
                   " HTTP/1.1\r\nHost: h\r\nX-Gitlab-Token: a secret\r\n"
                   "Content-Length: 5000000000\r\n\r\n"),
            413);
}

TEST_F(HooksTest, Row9_ARepeatedSignatureIsRefused) {
  start();
  EXPECT_EQ(status(push(Provider::github, {{"x-hub-signature-256", "sha256=00"}})), 401);
}

TEST_F(HooksTest, Row11_HostileJsonIsRefusedAfterItsSignature) {
  start();
  for (const std::string& body :
       {std::string(1'000'000, '['), std::string("{\"ref\":NaN}"), std::string("{\"a\":\"\xff\"}"),
        std::string("{\"ref\":\"a\",\"ref\":\"b\"}"), std::string("\"\\ud800\"")}) {
    EXPECT_EQ(status(request(Provider::github, body, kSecret)), 400) << body.substr(0, 40);
    EXPECT_EQ(status(request(Provider::github, body, Secret("wrong"))), 401);
  }
  EXPECT_EQ(wanted, 0);
}

TEST_F(HooksTest, Row13_AReplayedDeliveryIsDoneOnce) {
  start();
  const std::string text = push(Provider::github, {{"X-GitHub-Delivery", "72d3162e"}});
  EXPECT_EQ(status(text), 202);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(status(text), 200);
  EXPECT_EQ(wanted, 1);
  EXPECT_EQ(status(push(Provider::github, {{"X-GitHub-Delivery", "another"}})), 202);
  EXPECT_EQ(wanted, 2);
}

TEST_F(HooksTest, Row17_ADeliveryAboutAnotherRepositoryIsIgnored) {
  start();
  const std::string body = R"({"ref":"refs/heads/x","repository":{"full_name":"team/other"}})";
  EXPECT_EQ(status(request(Provider::github, body, kSecret)), 200);
  EXPECT_EQ(wanted, 0);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said.front().find("team/other"), std::string::npos);
}

TEST_F(HooksTest, Row19_OtherMethodsAndMediaAreRefused) {
  start();
  EXPECT_EQ(status("GET " + path(Provider::gitea) + "?payload=%7B%7D HTTP/1.1\r\nHost: h\r\n\r\n"),
            415);
  EXPECT_EQ(status(push(Provider::gitea, {{"Content-Encoding", "gzip"}})), 415);
  EXPECT_EQ(wanted, 0);
}

TEST_F(HooksTest, Row22_UnknownPathsAreAllAlike) {
  start();
  const std::string rest = " HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string first = ask("POST /hooks/a" + rest);
  EXPECT_EQ(status_of(first), 404);
  for (const char* path : {"/hooks/", "/hooks/of-githu", "/hooks/of-github/", "/hooks/../healthz"})
    EXPECT_EQ(ask(std::string("GET ") + path + rest), first) << path;
}

TEST_F(HooksTest, EachHookHasARateOfItsOwn) {
  start({0, 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(push(Provider::github)), 202);
  const std::string limited = ask(push(Provider::github));
  EXPECT_EQ(status_of(limited), 429);
  EXPECT_NE(limited.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_EQ(status(push(Provider::gitlab)), 202);
}

std::string build(const std::string& repository, const std::string& commit) {
  return R"({"event":"build","repo":")" + repository + R"(","ref":"refs/heads/main","sha":")" +
         commit + R"(","result":"success","name":"nightly"})";
}

TEST_F(HooksTest, AFinishedBuildIsKeptBeforeItIsAcknowledged) {
  start();
  const std::string commit(40, 'a');
  EXPECT_EQ(status(request(Provider::generic, build("team/shop", commit), kSecret)), 202);
  ASSERT_EQ(reported.size(), 1U);
  EXPECT_EQ(reported.front(), (ReportedBuild{kShop, *Commit::parse(commit), "nightly", "main", true,
                                             "webhook generic"}));
  EXPECT_EQ(wanted, 1);
}

TEST_F(HooksTest, Row18_ABuildThatNamesNobodyOrAForkIsNotKept) {
  start();
  const std::string commit(40, 'a');
  const std::string fork =
      R"({"action":"completed","repository":{"full_name":"team/shop"},"workflow_run":{"name":"CI",
         "head_branch":"main","head_sha":")" +
      commit + R"(","conclusion":"success","head_repository":{"full_name":"mallory/shop"}}})";
  std::string text = request(Provider::github, fork, kSecret);
  text.replace(text.find("X-GitHub-Event: push"), 20, "X-GitHub-Event: workflow_run");
  EXPECT_EQ(status(text), 200);
  EXPECT_EQ(status(request(Provider::generic, build("", commit), kSecret)), 200);
  EXPECT_EQ(status(request(Provider::generic, build("team/shop", "main"), kSecret)), 200);
  EXPECT_TRUE(reported.empty());
  EXPECT_EQ(said.size(), 3U);
}

TEST_F(HooksTest, ABodyOf24MebibytesIsRead) {
  start();
  const std::string body =
      R"({"message":")" + std::string(24 << 20, 'x') + R"(","ref":"refs/heads/x"})";
  EXPECT_EQ(status(request(Provider::github, body, kSecret)), 202);
  EXPECT_EQ(status(request(Provider::github, body, Secret("wrong"))), 401);
}

TEST(HookPath, IsStableAndOfItsOwnForEachRepositoryAndProvider) {
  const Key key(std::array<std::uint8_t, 32>{1, 2, 3});
  const Key other(std::array<std::uint8_t, 32>{3, 2, 1});
  const std::string path = hook_path(key, kShop, Provider::github);
  EXPECT_EQ(path, hook_path(key, kShop, Provider::github));
  EXPECT_EQ(path.size(), 7U + 32U);
  EXPECT_NE(path, hook_path(key, kShop, Provider::gitea));
  EXPECT_NE(path, hook_path(key, *RepositoryName::parse("shop2"), Provider::github));
  EXPECT_NE(path, hook_path(other, kShop, Provider::github));
}

}  // namespace
}  // namespace bough::server
