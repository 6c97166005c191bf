#include "reconciler/journal/journal.h"

#include <gtest/gtest.h>

#include "provisioners/postgres/session.h"
#include "provisioners/postgres/testing.h"
#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;
using postgres::TestServer;

std::unique_ptr<Journal> open_journal() {
  auto journal = Journal::open(TestServer::instance().access());
  EXPECT_TRUE(journal) << (journal ? "" : journal.error().message);
  return *std::move(journal);
}

/// A commit of its own for each test, so that tests do not see each other's runs.
Commit fresh_commit() {
  static int count = 0;
  return *Commit::parse(std::string(36, 'c') + std::to_string(1000 + ++count));
}

RunRecord run_of(const Environment& environment, const Commit& commit) {
  return {0,
          {home(environment), "db", commit, "digest"},
          RunKind::migration,
          "npm run migrate",
          RunState::running,
          0,
          "",
          "/tmp/log",
          Instant{},
          std::nullopt};
}

RunRecord started(Journal& journal, RunRecord run) {
  run.id = *journal.start_run(run);
  return run;
}

std::map<RunKey, RunState> states(Journal& journal, const Commit& commit) {
  return *journal.states(repo(), {commit});
}

TEST(Journal, TellsTheLatestStateOfARun) {
  const auto journal = open_journal();
  const Commit at = fresh_commit();
  RunRecord run = started(*journal, run_of(on("x"), at));
  EXPECT_EQ(states(*journal, at).at(run.key), RunState::running);
  run.state = RunState::succeeded;
  ASSERT_TRUE(journal->finish_run(run));
  EXPECT_EQ(states(*journal, at).at(run.key), RunState::succeeded);
}

TEST(Journal, RunOfABoughThatIsGoneIsUnknown) {
  const Commit at = fresh_commit();
  auto first = open_journal();
  const RunRecord run = started(*first, run_of(on("x"), at));
  const auto second = open_journal();
  EXPECT_EQ(states(*second, at).at(run.key), RunState::running);
  first.reset();
  // The server notices the end of the session a moment later.
  for (int i = 0; i < 1000 && states(*second, at).at(run.key) == RunState::running; ++i) continue;
  EXPECT_EQ(states(*second, at).at(run.key), RunState::unknown);
}

/// Waits until the server has noticed the end of the session.
bool becomes(Journal& journal, const RunKey& key, std::optional<RunState> state) {
  for (int i = 0; i < 1000; ++i) {
    const auto all = states(journal, key.commit);
    const auto found = all.find(key);
    if (found == all.end() ? !state : found->second == state) return true;
  }
  return false;
}

TEST(Journal, QueuedRunsAreStartedOrWereNeverThere) {
  const auto journal = open_journal();
  const Commit at = fresh_commit();
  RunRecord run = run_of(on("queued"), at);
  run.state = RunState::queued;
  RunRecord other = run;
  other.key.component = "audit";
  const auto ids = *journal->queue({run, other});
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_EQ(states(*journal, at).at(run.key), RunState::queued);
  run.id = ids[0];
  EXPECT_EQ(*journal->start_run(run), ids[0]);
  ASSERT_TRUE(journal->unqueue(ids));
  EXPECT_EQ(states(*journal, at), (std::map<RunKey, RunState>{{run.key, RunState::running}}));
  EXPECT_TRUE(journal->runs({repo().text(), on("queued"), ids[1], 1})->empty());
}

TEST(Journal, QueuedRunOfABoughThatIsGoneWasNeverThere) {
  auto first = open_journal();
  const Commit at = fresh_commit();
  RunRecord run = run_of(on("x"), at);
  run.state = RunState::queued;
  ASSERT_TRUE(first->queue({run}));
  first.reset();
  EXPECT_TRUE(becomes(*open_journal(), run.key, std::nullopt));
}

TEST(Journal, RetryForgetsInterruptedRunsButNotTheirSessions) {
  const Environment where = on("interrupted");
  auto first = open_journal();
  const RunRecord run = started(*first, run_of(where, fresh_commit()));
  const auto journal = open_journal();
  EXPECT_FALSE(*journal->interrupted(place(where)));
  first.reset();
  ASSERT_TRUE(becomes(*journal, run.key, RunState::unknown));
  EXPECT_TRUE(*journal->interrupted(place(where)));
  EXPECT_EQ(*journal->retry(home(where)), 1);
  EXPECT_TRUE(becomes(*journal, run.key, std::nullopt));
  EXPECT_TRUE(*journal->interrupted(place(where)));
}

TEST(Journal, TellsWhatWasTriedSinceTheLastSuccess) {
  const auto journal = open_journal();
  const Environment where = on("tried");
  const auto ended = [&](RunState state) {
    RunRecord run = started(*journal, run_of(where, fresh_commit()));
    run.state = state;
    EXPECT_TRUE(journal->finish_run(run));
    return run.key.commit;
  };
  ended(RunState::failed);
  ended(RunState::succeeded);
  const Commit second = ended(RunState::failed);
  const Commit third = ended(RunState::timed_out);
  ASSERT_TRUE(journal->retry(home(where)));
  EXPECT_EQ(journal->attempts(repo())->at(place(where)), (std::set<Commit>{second, third}));
  ASSERT_TRUE(journal->forget(place(where)));
  EXPECT_FALSE(journal->attempts(repo())->contains(place(where)));
}

TEST(Journal, KeepsAPersonsWordOnce) {
  const auto journal = open_journal();
  const Acceptance word{home(on("\xff")), fresh_commit()};
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(journal->accept(word));
  EXPECT_TRUE(journal->accepted(repo())->contains(word));
  EXPECT_FALSE(journal->accepted(repo("other"))->contains(word));
}

TEST(Journal, RetryForgetsFailuresAndKeepsSuccesses) {
  const auto journal = open_journal();
  const Commit at = fresh_commit();
  RunRecord bad = started(*journal, run_of(on("retry"), at));
  bad.state = RunState::failed;
  ASSERT_TRUE(journal->finish_run(bad));
  RunRecord good = run_of(on("retry"), at);
  good.key.component = "";
  good = started(*journal, good);
  good.state = RunState::succeeded;
  ASSERT_TRUE(journal->finish_run(good));
  EXPECT_EQ(*journal->retry(home(on("retry"))), 1);
  EXPECT_EQ(states(*journal, at), (std::map<RunKey, RunState>{{good.key, RunState::succeeded}}));
}

TEST(Journal, ForgetsTheRunsOfADatabaseThatIsMadeAnew) {
  const auto journal = open_journal();
  const Commit at = fresh_commit();
  RunRecord run = started(*journal, run_of(on("anew"), at));
  run.state = RunState::succeeded;
  ASSERT_TRUE(journal->finish_run(run));
  ASSERT_TRUE(journal->forget(place(on("anew"))));
  EXPECT_TRUE(states(*journal, at).empty());
}

TEST(Journal, RunsGoWithABranchThatIsRenamed) {
  const auto journal = open_journal();
  const Commit at = fresh_commit();
  const Home from = home(on("before")), to = home(on("after"));
  const auto failed = [&](const Home& where, std::string component) {
    RunRecord run = run_of(on("x"), at);
    run.key = {where, std::move(component), at, "digest"};
    run = started(*journal, run);
    run.state = RunState::failed;
    EXPECT_TRUE(journal->finish_run(run));
    return run.key;
  };
  failed(from, "db");
  failed(to, "audit");  // of an earlier branch of that name
  ASSERT_TRUE(journal->accept({from, at}));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(journal->move(from, to));
  const RunKey moved{to, "db", at, "digest"};
  EXPECT_EQ(states(*journal, at), (std::map<RunKey, RunState>{{moved, RunState::failed}}));
  EXPECT_EQ(journal->attempts(repo())->at({to, *ComponentName::parse("db")}), std::set<Commit>{at});
  EXPECT_TRUE(journal->accepted(repo())->contains({to, at}));
  EXPECT_FALSE(journal->accepted(repo())->contains({from, at}));
}

TEST(Journal, KeepsBranchNamesThatAreNoText) {
  const auto journal = open_journal();
  const Commit at = fresh_commit();
  const Environment odd = on("\xff';DROP\xe2\x80\xa8$(id)");
  const RunRecord run = started(*journal, run_of(odd, at));
  EXPECT_TRUE(states(*journal, at).contains(run.key));
  const auto runs = *journal->runs({repo().text(), odd, 0, 10});
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs.front().key, run.key);
}

TEST(Journal, SettledStepsAreEvents) {
  const auto journal = open_journal();
  const Step step{CreateDatabase{{instance(), place(on("x")), *DatabaseName::parse("shop--x")}},
                  "branch x asks for database db", false};
  const auto before = *journal->events({{repo().text()}, std::nullopt, 1});
  const auto ids = *journal->intend("plan", {step, step});
  ASSERT_EQ(ids.size(), 2U);
  ASSERT_TRUE(journal->settle(ids[0], step, ""));
  ASSERT_TRUE(journal->settle(ids[1], step, "the disk is full"));
  const long long last = before.empty() ? 0 : before.back().id;
  const auto events = *journal->events({{repo().text()}, last, 10});
  ASSERT_GE(events.size(), 2U);
  EXPECT_EQ(events[events.size() - 2].kind, "step-done");
  EXPECT_EQ(events.back().kind, "step-failed");
  EXPECT_NE(events.back().message.find("the disk is full"), std::string::npos);
}

TEST(Journal, ConnectsAgainAfterItsSessionWasEnded) {
  const auto journal = open_journal();
  const Commit at = fresh_commit();
  const RunRecord run = started(*journal, run_of(on("x"), at));
  TestServer::instance().sql(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname ="
      " 'bough_journal'");
  EXPECT_TRUE(states(*journal, at).contains(run.key));
}

void end_sessions_of_the_journal() {
  TestServer::instance().end_sessions(
      "SELECT pid FROM pg_stat_activity WHERE datname = 'bough_journal'");
}

TEST(Journal, RecordsTheEndOfARunWhoseSessionWasEnded) {
  const auto journal = open_journal();
  RunRecord run = started(*journal, run_of(on("cut"), fresh_commit()));
  run.state = RunState::failed;
  end_sessions_of_the_journal();
  EXPECT_TRUE(journal->finish_run(run));
  EXPECT_EQ(states(*journal, run.key.commit).at(run.key), RunState::failed);
}

TEST(Journal, RecordsTheEndOfARunOnceTheServerIsBack) {
  const auto journal = open_journal();
  RunRecord run = started(*journal, run_of(on("away"), fresh_commit()));
  run.state = RunState::succeeded;
  TestServer::instance().sql("ALTER DATABASE bough_journal ALLOW_CONNECTIONS false");
  end_sessions_of_the_journal();
  EXPECT_FALSE(journal->finish_run(run));
  TestServer::instance().sql("ALTER DATABASE bough_journal ALLOW_CONNECTIONS true");
  EXPECT_EQ(states(*journal, run.key.commit).at(run.key), RunState::succeeded);
}

TEST(Journal, RecordsTheEndOfARunOnce) {
  const auto journal = open_journal();
  RunRecord run = started(*journal, run_of(on("twice"), fresh_commit()));
  run.state = RunState::failed;
  ASSERT_TRUE(journal->finish_run(run));
  run.state = RunState::succeeded;
  ASSERT_TRUE(journal->finish_run(run));
  EXPECT_EQ(states(*journal, run.key.commit).at(run.key), RunState::failed);
}

TEST(Journal, RunThatCouldNotBeStartedDoesNotStayQueued) {
  const auto journal = open_journal();
  RunRecord run = run_of(on("unstarted"), fresh_commit());
  run.state = RunState::queued;
  run.id = journal->queue({run})->front();
  TestServer::instance().sql("ALTER DATABASE bough_journal ALLOW_CONNECTIONS false");
  end_sessions_of_the_journal();
  EXPECT_FALSE(journal->start_run(run));
  EXPECT_FALSE(journal->unqueue({run.id}));
  TestServer::instance().sql("ALTER DATABASE bough_journal ALLOW_CONNECTIONS true");
  EXPECT_TRUE(states(*journal, run.key.commit).empty());
}

TEST(Journal, KeepsTheLatestReportOfABuildOnce) {
  const auto journal = open_journal();
  ReportedBuild build{repo(), fresh_commit(), "CI'; --", "main", false, "webhook github"};
  const auto before = *journal->events({{repo().text()}, std::nullopt, 1});
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(journal->report(build));
  build.succeeded = true;
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(journal->report(build));
  EXPECT_EQ(*journal->reports(repo(), {build.commit}), (std::vector{build}));
  EXPECT_TRUE(journal->reports(repo(), {fresh_commit()})->empty());
  const auto events =
      *journal->events({{repo().text()}, before.empty() ? 0 : before.back().id, 10});
  EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const Event& event) { return event.kind == "build-reported"; }),
            2);
}

TEST(Journal, CountsTheHoldersOfALease) {
  const auto journal = open_journal();
  const long long first = *journal->next_epoch(instance("counted"));
  EXPECT_EQ(*journal->next_epoch(instance("counted")), first + 1);
}

/// An event that is written now may get a smaller id than one that is there already.
TEST(Journal, SettledEventsWaitForThoseBeingWritten) {
  const auto journal = open_journal();
  const EventFilter of_tests{{"settled"}, 0, 100, true};
  auto login = postgres::login_for(TestServer::instance().access());
  ASSERT_TRUE(login);
  login->conninfo = Secret(login->conninfo.reveal() + " dbname='bough_journal'");
  auto other = postgres::Session::open(*login);
  ASSERT_TRUE(other);
  ASSERT_TRUE(
      (*other)->run("BEGIN; INSERT INTO bough.events (repository, address, kind, message)"
                    " VALUES ('settled', '', 'test', 'first')"));
  ASSERT_TRUE(journal->note({0, Instant{}, "settled", "", "test", "second"}));
  const auto early = journal->events(of_tests);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().fault, Fault::unavailable);
  ASSERT_TRUE((*other)->run("COMMIT"));
  const auto events = *journal->events(of_tests);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].message, "first");
  EXPECT_EQ(events[1].message, "second");
}

}  // namespace
}  // namespace bough
