#include "git/glance.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "git/http_site.h"

namespace bough {
namespace {

using namespace testing;

class GlanceTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { site = std::make_unique<HttpSite>(); }
  static void TearDownTestSuite() { site.reset(); }
  static inline std::unique_ptr<HttpSite> site;

  Glance look(const Remote& remote, std::chrono::milliseconds limit = kPatience) {
    std::promise<Glance> promise;
    glancer.look(remote, limit, [&](Glance glance) { promise.set_value(std::move(glance)); });
    return promise.get_future().get();
  }
  std::string sum(const Remote& remote) {
    const Glance glance = look(remote);
    EXPECT_TRUE(glance.sum) << glance.sum.error().message;
    return glance.sum ? *glance.sum : "";
  }

  Glancer glancer;
};

class EachProtocol : public GlanceTest, public ::testing::WithParamInterface<const char*> {};
TEST_P(EachProtocol, TheSumChangesWithWhatCountsOnly) {
  Origin origin(site->temp.path(std::string(GetParam()) + ".git"));
  origin.commit("main", "name: shop");
  origin.commit("other", "name: shop");
  const Remote remote =
      remote_at(site->http(std::string("/") + GetParam() + "/" + GetParam() + ".git"));
  const std::string first = sum(remote);
  EXPECT_EQ(sum(remote), first);
  origin.commit("main", "name: new");
  const std::string pushed = sum(remote);
  EXPECT_NE(pushed, first);
  origin.git("symbolic-ref HEAD refs/heads/other");
  const std::string renamed = sum(remote);
  EXPECT_NE(renamed, pushed);
  origin.remove("main");
  EXPECT_NE(sum(remote), renamed);
}
INSTANTIATE_TEST_SUITE_P(Glance, EachProtocol, ::testing::Values("open", "old"),
                         [](const auto& row) { return std::string(row.param); });

TEST_F(GlanceTest, PullRequestsAndTagsAreNotAskedFor) {
  Origin origin(site->temp.path("pulls.git"));
  const Commit tip = origin.commit("main", "name: shop");
  const Remote remote = remote_at(site->http("/open/pulls.git"));
  const std::string before = sum(remote);
  origin.git("update-ref refs/pull/1/head " + tip.text());
  origin.git("tag v1 main");
  EXPECT_EQ(sum(remote), before);
}

TEST_F(GlanceTest, PullRequestsAreSeenWhereTheyAreWanted) {
  Origin origin(site->temp.path("wanted.git"));
  const Commit tip = origin.commit("main", "name: shop");
  Remote remote = remote_at(site->http("/open/wanted.git"));
  remote.pull_requests = true;
  std::string before = sum(remote);
  for (const char* ref :
       {"refs/pull/1/head", "refs/merge-requests/1/head", "refs/pull-requests/1/from"}) {
    origin.git(std::string("update-ref ") + ref + " " + tip.text());
    EXPECT_NE(sum(remote), before) << ref;
    before = sum(remote);
  }
  origin.git("tag v1 main");
  EXPECT_EQ(sum(remote), before);
}

TEST_F(GlanceTest, LogsInAndChecksCertificates) {
  const Remote open = remote_at(site->https("/private/origin.git"));
  EXPECT_FALSE(sum(HttpSite::with_login(site->with_ca(open), "right-password")).empty());
  const Glance wrong = look(HttpSite::with_login(site->with_ca(open), "wrong-password"));
  ASSERT_FALSE(wrong.sum);
  EXPECT_EQ(wrong.sum.error().fault, Fault::denied) << wrong.sum.error().message;
  EXPECT_EQ(wrong.sum.error().message.find("wrong-password"), std::string::npos);
  EXPECT_FALSE(look(HttpSite::with_login(open, "right-password")).sum);
}

TEST_F(GlanceTest, AHostThatIsBusySaysForHowLong) {
  const Glance glance = look(remote_at(site->http("/busy/origin.git")));
  ASSERT_FALSE(glance.sum);
  EXPECT_EQ(glance.retry_after, std::chrono::seconds(7));
}

TEST_F(GlanceTest, Row36_40_OddAnswersAreNoSum) {
  for (const char* path :
       {"/open/none.git", "/broken/x.git", "/forbidden/x.git", "/moved/origin.git"})
    EXPECT_FALSE(look(remote_at(site->http(path))).sum) << path;
  EXPECT_FALSE(look(remote_at("http://127.0.0.1:" + std::to_string(free_port()) + "/x.git")).sum);
}

TEST_F(GlanceTest, ASilentHostDelaysNobody) {
  const BlackHole hole;
  std::promise<void> over;
  glancer.look(remote_at("http://127.0.0.1:" + std::to_string(hole.port()) + "/x.git"),
               std::chrono::milliseconds(1500), [&](Glance glance) {
                 EXPECT_FALSE(glance.sum);
                 over.set_value();
               });
  hole.await_client();
  std::atomic<int> answered = 0;
  std::promise<void> all;
  for (int i = 0; i < 40; ++i)
    glancer.look(remote_at(site->http("/open/origin.git")), kPatience, [&](Glance glance) {
      EXPECT_TRUE(glance.sum);
      if (++answered == 40) all.set_value();
    });
  all.get_future().wait();
  over.get_future().wait();
}

TEST_F(GlanceTest, AnEndDoesNotWaitForAnswers) {
  const BlackHole hole;
  Glancer other;
  other.look(remote_at("http://127.0.0.1:" + std::to_string(hole.port()) + "/x.git"), kPatience,
             [](Glance) {});
  hole.await_client();
}

TEST(Glancer, ServesHttpOnly) {
  for (const char* url : {"https://git.example.com/a.git", "http://git.example.com/a.git"})
    EXPECT_TRUE(Glancer::serves(remote_at(url))) << url;
  for (const char* url : {"/srv/a.git", "ssh://git@example.com/a.git", "git@example.com:a.git"})
    EXPECT_FALSE(Glancer::serves(remote_at(url))) << url;
}

}  // namespace
}  // namespace bough
