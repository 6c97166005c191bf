#include <gtest/gtest.h>

#include "git/testing.h"

namespace bough {
namespace {

using namespace testing;
using Kept = std::set<Commit>;

/// An origin, as a folder or behind `git daemon`, whose pull requests are wanted.
class PullRequestTest : public ::testing::TestWithParam<const char*> {
 protected:
  bool served() const { return std::string_view(GetParam()) == "daemon"; }
  Commit pull(const std::string& ref, const std::string& text) {
    const Commit commit = origin.commit("aside", text, "refs/heads/main");
    origin.git("update-ref " + ref + " refs/heads/aside");
    origin.remove("aside");
    return commit;
  }
  Listing fetch(const std::optional<Kept>& keep = std::nullopt) {
    auto listing = mirror.fetch(kPatience, keep);
    EXPECT_TRUE(listing) << listing.error().message;
    return listing ? *std::move(listing) : Listing{};
  }
  std::string text_at(const Commit& commit) const {
    auto blob = mirror.read(commit, "app.yaml", 4096);
    return blob && *blob ? (*blob)->text : "(none)";
  }
  bool has(const Commit& commit) const { return static_cast<bool>(mirror.read(commit, "x", 1)); }

  TempFolder temp;
  Origin origin{temp.path("origin.git")};
  int port = free_port();
  Server daemon{{"git", "daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1",
                 "--port=" + std::to_string(port), "--base-path=" + temp.path(), temp.path()},
                port};
  Remote remote = [this] {
    Remote made = remote_at(served() ? "git://127.0.0.1:" + std::to_string(port) + "/origin.git"
                                     : "file://" + origin.folder());
    made.pull_requests = true;
    return made;
  }();
  Mirror mirror = open_mirror(temp.path("mirror"), remote);
  Commit main = origin.commit("main", "main");
};

TEST_P(PullRequestTest, AreListedInEveryLayoutAndNotFetched) {
  const Commit first = pull("refs/pull/1/head", "github");
  const Commit second = pull("refs/merge-requests/2/head", "gitlab");
  const Commit third = pull("refs/pull-requests/13/from", "bitbucket");
  pull("refs/pull/1/merge", "merged");
  const Listing listing = fetch();
  EXPECT_EQ(listing.branches.size(), 1u);
  EXPECT_EQ(listing.pull_requests,
            (std::vector<PullRequest>{{"refs/pull-requests/13/from", third, false},
                                      {"refs/merge-requests/2/head", second, false},
                                      {"refs/pull/1/head", first, false}}));
  for (const Commit& one : {first, second, third}) EXPECT_FALSE(has(one));
}

TEST_P(PullRequestTest, AreNotEvenListedUnlessTheyAreWanted) {
  pull("refs/pull/1/head", "one");
  remote.pull_requests = false;
  Mirror other = open_mirror(temp.path("other"), remote);
  EXPECT_EQ(fetched(other).pull_requests, std::vector<PullRequest>());
}

TEST_P(PullRequestTest, OfWhichOneCommitIsKeptIsFetchedAlone) {
  const Commit wanted = pull("refs/pull/1/head", "wanted");
  const Commit other = pull("refs/pull/2/head", "other");
  fetch(Kept{wanted});
  EXPECT_EQ(text_at(wanted), "wanted");
  EXPECT_FALSE(has(other));
  const Listing again = fetch(Kept{wanted});
  EXPECT_TRUE(again.pull_requests.back().known);
}

TEST_P(PullRequestTest, ThatMoveOnLeaveTheKeptCommit) {
  const Commit kept = pull("refs/pull/1/head", "kept");
  fetch(Kept{kept});
  const Commit later = pull("refs/pull/1/head", "later");
  const Listing listing = fetch(Kept{kept});
  EXPECT_EQ(listing.pull_requests.front(), (PullRequest{"refs/pull/1/head", later, false}));
  EXPECT_EQ(text_at(kept), "kept");
  EXPECT_FALSE(has(later));
  fetch();  // somebody who knows nothing of it lets nothing go
  EXPECT_EQ(text_at(kept), "kept");
}

TEST_P(PullRequestTest, ThatMovedBeforeTheFetchBringNothing) {
  const Commit approved = pull("refs/pull/1/head", "approved");
  const Commit pushed = pull("refs/pull/1/head", "pushed since");
  fetch(Kept{approved});
  EXPECT_FALSE(has(approved));
  EXPECT_FALSE(has(pushed));
}

TEST_P(PullRequestTest, WhoseBranchIsGoneStayWhileTheyAreKept) {
  const Commit tip = origin.commit("feature", "feature", "refs/heads/main");
  fetch();
  fetch(Kept{tip});
  origin.remove("feature");
  fetch(Kept{tip});
  EXPECT_EQ(text_at(tip), "feature");
}

TEST_P(PullRequestTest, AreReachedOnceTheyAreMerged) {
  const Commit head = pull("refs/pull/1/head", "head");
  fetch(Kept{head});
  const auto reached = [&](const Commit& commit, const Commit& tip) {
    auto answer = mirror.reached(commit, {tip});
    EXPECT_TRUE(answer);
    return answer && *answer;
  };
  EXPECT_FALSE(reached(head, main));
  EXPECT_TRUE(reached(main, head));
  EXPECT_TRUE(reached(head, head));
  origin.git("update-ref refs/heads/main " + head.text());
  const Commit later = origin.commit("main", "later");
  fetch(Kept{head});
  EXPECT_TRUE(reached(head, later));
  EXPECT_FALSE(reached(commit_id(std::string(40, 'a')), later));
}

INSTANTIATE_TEST_SUITE_P(From, PullRequestTest, ::testing::Values("folder", "daemon"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace bough
