#include <gtest/gtest.h>

#include "provisioners/postgres/testing.h"
#include "reconciler/journal/journal.h"
#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;
using postgres::TestServer;

const Instant kNow{std::chrono::seconds(1'767'225'600)};

std::unique_ptr<Journal> open_journal() {
  auto journal = Journal::open(TestServer::instance().access());
  EXPECT_TRUE(journal) << (journal ? "" : journal.error().message);
  return *std::move(journal);
}

Approval approval(const char* repository, char digit, std::string ref = "refs/pull/7/head") {
  return {repo(repository), commit(digit), std::move(ref), "local mary", kNow};
}

/// The commits' first digits, those of ended ones in capitals.
std::string digits(Journal& journal, const char* repository) {
  auto all = journal.approvals(repo(repository));
  EXPECT_TRUE(all);
  std::string result;
  for (const Approval& one : *all) {
    const char digit = one.commit.text().front();
    result += one.ended ? static_cast<char>(digit - 'a' + 'A') : digit;
  }
  return result;
}

TEST(Approvals, AreReadAsTheyWereKept) {
  const auto journal = open_journal();
  Approval one = approval("kept", 'a');
  one.until = kNow + std::chrono::hours(2);
  ASSERT_TRUE(journal->approve(one));
  EXPECT_EQ(*open_journal()->approvals(repo("kept")), std::vector<Approval>{one});
}

TEST(Approvals, Row83_OneCommitOfAPullRequestEndsTheOthers) {
  const auto journal = open_journal();
  ASSERT_TRUE(journal->approve(approval("row83", 'a')));
  ASSERT_TRUE(journal->approve(approval("row83", 'e', "refs/pull/8/head")));
  Approval later = approval("row83", 'b');
  later.since = kNow + std::chrono::seconds(1);
  ASSERT_TRUE(journal->approve(later));
  EXPECT_EQ(digits(*journal, "row83"), "bAe");
}

TEST(Approvals, OfBranchesStandBesideEachOther) {
  const auto journal = open_journal();
  ASSERT_TRUE(journal->approve(approval("beside", 'a', "refs/heads/main")));
  ASSERT_TRUE(journal->approve(approval("beside", 'b', "refs/heads/main")));
  EXPECT_EQ(digits(*journal, "beside"), "ab");
}

TEST(Approvals, AreEndedOnceAndCanBeGivenAgain) {
  const auto journal = open_journal();
  ASSERT_TRUE(journal->approve(approval("ends", 'a')));
  EXPECT_TRUE(*journal->end_approval(repo("ends"), commit('a'), "token ci"));
  EXPECT_FALSE(*journal->end_approval(repo("ends"), commit('a'), "token ci"));
  EXPECT_FALSE(*journal->end_approval(repo("ends"), commit('b'), "token ci"));
  EXPECT_EQ(digits(*journal, "ends"), "A");
  ASSERT_TRUE(journal->approve(approval("ends", 'a')));
  EXPECT_EQ(digits(*journal, "ends"), "a");
  auto events = journal->events({{"ends"}, {}, 10});
  ASSERT_TRUE(events);
  std::vector<std::string> kinds;
  for (const Event& event : *events) kinds.push_back(event.kind);
  EXPECT_EQ(kinds, (std::vector<std::string>{"approved", "approval-ended", "approved"}));
}

TEST(Rehearsals, AreKeptByWhatMakesThemTheSame) {
  const auto journal = open_journal();
  const RehearsalKey key{home(on("\xff/x")), commit('a'), "d1", "p1"};
  RehearsalKey other = key;
  other.production = "p2";
  ASSERT_TRUE(journal->begin_rehearsal(key));
  ASSERT_TRUE(journal->begin_rehearsal(other));
  ASSERT_TRUE(journal->finish_rehearsal({key, RehearsalState::failed, "{\"a\":1}"}));
  const auto found = *journal->rehearsals(repo(), {commit('a'), commit('b')});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found.at(key).state, RehearsalState::failed);
  EXPECT_EQ(found.at(key).report, "{\"a\":1}");
  EXPECT_TRUE(found.at(key).at);
  EXPECT_EQ(found.at(other).state, RehearsalState::running);
  EXPECT_TRUE(journal->rehearsals(repo("blog"), {commit('a')})->empty());
}

TEST(Rehearsals, ThatWereCancelledOrLostWereNeverBegun) {
  auto journal = open_journal();
  const RehearsalKey key{home(on("lost")), commit('d'), "d1", "p1"};
  const auto found = [&](Journal& by) { return *by.rehearsals(repo(), {commit('d')}); };
  ASSERT_TRUE(journal->begin_rehearsal(key));
  ASSERT_TRUE(journal->finish_rehearsal({key, RehearsalState::none}));
  EXPECT_TRUE(found(*journal).empty());
  ASSERT_TRUE(journal->begin_rehearsal(key));
  const auto second = open_journal();
  EXPECT_EQ(found(*second).size(), 1U);
  journal.reset();
  for (int i = 0; i < 1000 && !found(*second).empty(); ++i) continue;
  EXPECT_TRUE(found(*second).empty());
}

}  // namespace
}  // namespace bough
