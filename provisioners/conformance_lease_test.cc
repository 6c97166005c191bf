#include <fmt/format.h>

#include <thread>

#include "provisioners/conformance_fixture_test.h"

namespace bough {
namespace {

using std::chrono::milliseconds;

TEST_F(Conformance, ARecordedMigrationIsRead) {
  const Target a = at("a");
  create(a);
  Mark done = mark(a);
  done.migrated = Migrated{*Commit::parse(std::string(40, 'a')), "digest"};
  const auto recorded = server_->record(a, done);
  ASSERT_TRUE(recorded) << recorded.error().message;
  EXPECT_EQ(database(a), open(a, done));
}

TEST_F(Conformance, ASecondWriterIsLockedOutAndToldByWhom) {
  const auto second = conformance_subject().connect();
  const auto lease = second->acquire_lease(milliseconds(50));
  ASSERT_FALSE(lease);
  EXPECT_EQ(lease.error().fault, Fault::locked);
  EXPECT_NE(lease.error().message.find("bough "), std::string::npos) << lease.error().message;
  server_->release_lease();
  EXPECT_TRUE(second->acquire_lease(milliseconds(50)));
}

TEST_F(Conformance, AWaitingWriterGetsTheLeaseOnceItIsFree) {
  const auto second = conformance_subject().connect();
  Result<void> lease = Error{Fault::broken, "not asked"};
  std::jthread waiting([&] { lease = second->acquire_lease(std::chrono::seconds(20)); });
  server_->release_lease();
  waiting.join();
  EXPECT_TRUE(lease) << lease.error().message;
}

TEST_F(Conformance, WithoutALeaseNothingIsWritten) {
  server_->release_lease();
  const auto done = apply(CreateRole{at("a"), {}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::stale);
  EXPECT_EQ(role(at("a")), std::nullopt);
}

TEST_F(Conformance, Row72_AStaleHolderWritesNothing) {
  const Target a = at("a");
  create(a);
  conformance_subject().cut_lease(*server_);
  const auto second = conformance_subject().connect();
  const auto taken = second->acquire_lease(std::chrono::seconds(10));
  ASSERT_TRUE(taken) << taken.error().message;
  const Contents before = seen();
  for (const Action& action :
       std::vector<Action>{CreateRole{at("b"), {}}, CreateDatabase{a}, GrantAccess{a, mark(a)},
                           SetStanding{a, mark(a, Held{})}, DropDatabase{a}, DropRole{a}}) {
    const auto done = apply(action);
    ASSERT_FALSE(done) << "action " << action.index();
    EXPECT_EQ(done.error().fault, Fault::stale) << done.error().message;
  }
  EXPECT_FALSE(server_->record(a, mark(a)));
  EXPECT_FALSE(server_->end_sessions(a));
  EXPECT_EQ(seen(), before);
}

TEST_F(Conformance, ALostLeaseCanBeTakenAgain) {
  conformance_subject().cut_lease(*server_);
  ASSERT_FALSE(apply(CreateRole{at("a"), {}}));
  const auto again = server_->acquire_lease(std::chrono::seconds(10));
  ASSERT_TRUE(again) << again.error().message;
  must(CreateRole{at("a"), {}});
}

TEST_F(Conformance, HostileNamesAreOnlyNames) {
  const std::vector<std::string> names{
      "a\"b",   "a'b",          "a\\b",       "a\nb",         "größe-🌿",
      "a;b--c", "$(touch x)%s", "a\"\"'\\''", " spaced out ", std::string(63, 'x')};
  for (const std::string& name : names) {
    const Target hostile{conformance_subject().instance(), at("a").place,
                         *DatabaseName::parse(name)};
    create(hostile);
    EXPECT_EQ(database(hostile), open(hostile, mark(hostile))) << name;
    EXPECT_TRUE(log_in(hostile)) << name << ": " << log_in(hostile).error().message;
    must(SetStanding{hostile, mark(hostile, Held{})});
    must(DropDatabase{hostile});
    must(DropRole{hostile});
    EXPECT_EQ(database(hostile), std::nullopt) << name;
  }
}

TEST_F(Conformance, BytesThatAreNoTextAreRefusedAsNames) {
  const Target at_bytes{conformance_subject().instance(), at("a").place,
                        *DatabaseName::parse("gr\xf6\xdf")};
  const auto done = apply(CreateRole{at_bytes, {}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::invalid);
}

TEST_F(Conformance, SeveralThreadsCreateAtOnce) {
  std::vector<Target> all;
  for (int i = 0; i < 8; ++i) all.push_back(at(fmt::format("b{}", i)));
  {
    std::vector<std::jthread> threads;
    for (std::size_t lane = 0; lane < 4; ++lane)
      threads.emplace_back([&, lane] {
        for (std::size_t i = lane; i < all.size(); i += 4) create(all[i]);
      });
  }
  const Contents contents = seen();
  for (const Target& one : all)
    EXPECT_EQ(contents.databases.at(one.name.text()), open(one, mark(one)));
}

TEST_F(Conformance, AStepForAnotherInstanceIsRefused) {
  Target elsewhere = at("a");
  elsewhere.instance = *InstanceName::parse("elsewhere");
  EXPECT_FALSE(apply(CreateRole{elsewhere, {}}));
}

TEST_F(Conformance, TheServersVersionIsTold) {
  const auto version = server_->test();
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_FALSE(version->version.empty());
}

}  // namespace
}  // namespace bough
