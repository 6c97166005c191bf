#include "reconciler/backlog.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

using namespace std::chrono_literals;

const Instant kStart{std::chrono::hours(1000)};
const RepositoryName kA = *RepositoryName::parse("a");
const RepositoryName kB = *RepositoryName::parse("b");

Backlog backlog() {
  return {{60s, 1s, 8s}, {kA, kB}, kStart};
}

TEST(Backlog, GivesEveryRepositoryOnceAtTheStart) {
  Backlog work = backlog();
  EXPECT_EQ(work.take(kStart), kA);
  EXPECT_EQ(work.take(kStart), kB);
  EXPECT_EQ(work.take(kStart), std::nullopt);
  EXPECT_EQ(work.next(), std::nullopt);
}

TEST(Backlog, SaysWhenEachIsDue) {
  Backlog work = backlog();
  EXPECT_EQ(work.due(kA), kStart);
  EXPECT_EQ(work.due(*RepositoryName::parse("none")), std::nullopt);
  work.take(kStart);
  EXPECT_EQ(work.due(kA), std::nullopt);
  work.want(kA, kStart + 1s);
  EXPECT_EQ(work.due(kA), std::nullopt);
  work.done(kA, true, kStart + 2s, 0.0);
  EXPECT_EQ(work.due(kA), kStart + 2s) << "it was wanted meanwhile";
  work.take(kStart + 2s);
  work.take(kStart + 2s);
  work.done(kA, true, kStart + 2s, 0.0);
  EXPECT_EQ(work.due(kA), kStart + 56s);
  EXPECT_EQ(work.next(), work.due(kA));
  work.want(kA, kStart + 3s);
  EXPECT_EQ(work.next(), kStart + 3s);
}

TEST(Backlog, Row20_AStormOfAnnouncementsInVainIsLookedAfterOnceASecond) {
  Backlog work = backlog();
  for (int i = 0; i < 3; ++i) {
    work.want(kA, kStart, true);
    work.take(kStart);
    work.want(kA, kStart, true);
    work.done(kA, true, kStart, 0.0);
    work.take(kStart);  // the other one, or nothing
  }
  work.want(kA, kStart + 100ms, true);
  EXPECT_EQ(work.due(kA), kStart + 1s);
  work.want(kA, kStart + 100ms);
  EXPECT_EQ(work.due(kA), kStart + 100ms) << "whoever else wants it need not wait";
  work.take(kStart + 100ms);
  work.changed(kA, kStart + 200ms);
  work.done(kA, true, kStart + 200ms, 0.0);
  work.want(kA, kStart + 300ms, true);
  EXPECT_EQ(work.due(kA), kStart + 300ms) << "a change was found: it hurries again";
}

TEST(Backlog, PollsAgainAroundTheInterval) {
  Backlog work = backlog();
  work.take(kStart);
  work.take(kStart);
  work.done(kA, true, kStart, 0.0);
  EXPECT_EQ(work.next(), kStart + 54s);
  work.done(kB, true, kStart, 0.999);
  EXPECT_EQ(work.take(kStart + 53s), std::nullopt);
  EXPECT_EQ(work.take(kStart + 54s), kA);
  EXPECT_EQ(work.take(kStart + 66s), kB);
}

TEST(Backlog, WaitsLongerAfterEachFailureUpToALimit) {
  Backlog work = backlog();
  work.take(kStart);
  work.take(kStart);
  Instant now = kStart;
  for (const auto pause : {1s, 2s, 4s, 8s, 8s}) {
    work.done(kA, false, now, 0.9999999);
    EXPECT_LE(*work.next() - now, pause);
    EXPECT_GE(*work.next() - now + 1ms, pause);
    now = *work.next();
    ASSERT_EQ(work.take(now), kA);
  }
  work.done(kA, true, now, 0.5);
  EXPECT_EQ(work.next(), now + 60s);
}

TEST(Backlog, WantDuringWorkMakesItDueAgain) {
  Backlog work = backlog();
  work.take(kStart);
  work.want(kA, kStart + 1s);
  work.want(kA, kStart + 2s);
  EXPECT_EQ(work.take(kStart + 2s), kB);
  EXPECT_EQ(work.take(kStart + 2s), std::nullopt);
  work.done(kA, true, kStart + 3s, 0.5);
  EXPECT_EQ(work.take(kStart + 3s), kA);
  work.done(kA, true, kStart + 4s, 0.5);
  EXPECT_EQ(work.take(kStart + 4s), std::nullopt);
}

/// The interval after a change at kStart that was looked at `later`.
std::chrono::milliseconds interval_after(Backlog& work, std::chrono::milliseconds later) {
  const Instant now = kStart + later;
  work.want(kA, now);
  while (work.take(now) != kA) {
  }
  work.done(kA, true, now, 0.5);
  return *work.next() - now;
}

void announce_changes(Backlog& work, int count) {
  for (int i = 0; i < count; ++i) {
    work.want(kA, kStart, true);
    work.changed(kA, kStart);
  }
}

TEST(Backlog, PollsLessWhereWebhooksAnnounceChanges) {
  Backlog work({60s, 1s, 8s, 10min}, {kA}, kStart);
  announce_changes(work, 2);
  EXPECT_EQ(interval_after(work, 1s), 60s);
  announce_changes(work, 1);
  EXPECT_EQ(interval_after(work, 2s), 300s);
  work.changed(kA, kStart);  // found by polling alone: the webhook is lost
  EXPECT_EQ(interval_after(work, 3s), 60s);
}

TEST(Backlog, CreditsAWebhookWithTheChangeItAnnouncedOnly) {
  Backlog work({60s, 1s, 8s, 10min}, {kA}, kStart);
  announce_changes(work, 3);
  work.want(kA, kStart, true);  // a tag: nothing changes
  EXPECT_EQ(interval_after(work, 1s), 300s);
  work.changed(kA, kStart);
  EXPECT_EQ(interval_after(work, 2s), 60s);
}

TEST(Backlog, CreditsAWebhookAlsoAfterFailures) {
  Backlog work({60s, 1s, 8s, 10min}, {kA}, kStart);
  announce_changes(work, 2);
  work.want(kA, kStart, true);
  work.take(kStart);
  work.done(kA, false, kStart, 0.5);
  work.changed(kA, kStart);
  EXPECT_EQ(interval_after(work, 9s), 300s);
}

TEST(Backlog, PollsLessWhereNothingChangesForDays) {
  Backlog work({60s, 1s, 8s, 10min}, {kA}, kStart);
  EXPECT_EQ(interval_after(work, 23h), 60s);
  EXPECT_EQ(interval_after(work, 25h), 120s);
  EXPECT_EQ(interval_after(work, 8 * 24h), 240s);
  announce_changes(work, 3);
  EXPECT_EQ(interval_after(work, 9 * 24h), 600s);
}

TEST(Backlog, NeverPollsMoreOftenThanConfigured) {
  Backlog work({3600s, 1s, 8s, 10min}, {kA}, kStart);
  announce_changes(work, 5);
  EXPECT_EQ(interval_after(work, 1s), 3600s);
}

TEST(Backlog, RestsForAsLongAsAHostAsks) {
  Backlog work = backlog();
  work.take(kStart);
  work.take(kStart);
  work.rest(kA, kStart + 7s);
  work.want(kA, kStart + 1s, true);
  EXPECT_EQ(work.take(kStart + 6s), std::nullopt);
  EXPECT_EQ(work.take(kStart + 7s), kA);
}

TEST(Backlog, GoesOnWithOtherRepositories) {
  Backlog work = backlog();
  work.take(kStart);
  work.take(kStart);
  work.done(kA, true, kStart, 0.5);
  const RepositoryName added = *RepositoryName::parse("c");
  work.reconfigure({10s, 1s, 8s}, {kA, added}, kStart + 1s);
  work.done(kB, true, kStart + 1s, 0.5);
  EXPECT_EQ(work.take(kStart + 1s), added);
  EXPECT_EQ(work.take(kStart + 59s), std::nullopt);
  EXPECT_EQ(work.take(kStart + 60s), kA);
  work.done(kA, true, kStart + 60s, 0.5);
  EXPECT_EQ(work.next(), kStart + 70s);
}

TEST(Backlog, TellsWhoIsBusyForLongerThanAPoll) {
  Backlog work = backlog();
  work.take(kStart);
  EXPECT_TRUE(work.overdue(kStart + 59s).empty());
  EXPECT_EQ(work.overdue(kStart + 60s), std::vector{kA});
}

}  // namespace
}  // namespace bough
