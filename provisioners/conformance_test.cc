#include "provisioners/conformance_fixture_test.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

namespace bough {

namespace {

using std::chrono::milliseconds;

SeenDatabase closed(const Target& at) {
  return {at.name.text(), false, false, true, std::nullopt};
}

TEST_F(Conformance, EachStepLeavesWhatThePlanPromised) {
  const Target a = at("a");
  must(CreateRole{a, {}});
  EXPECT_EQ(role(a), (SeenRole{true, mark(a)}));
  EXPECT_EQ(database(a), std::nullopt);

  must(CreateDatabase{a});
  EXPECT_EQ(database(a), closed(a));

  must(GrantAccess{a, mark(a)});
  EXPECT_EQ(database(a), open(a, mark(a)));
  EXPECT_EQ(role(a), (SeenRole{true, mark(a)}));

  const Mark held = mark(a, Held{Instant(milliseconds(1'700'000'000'123)), true});
  must(SetStanding{a, held});
  EXPECT_EQ(database(a), open(a, held));
  EXPECT_EQ(role(a), (SeenRole{false, held}));

  must(SetStanding{a, mark(a)});
  EXPECT_EQ(role(a), (SeenRole{true, mark(a)}));

  must(DropDatabase{a});
  EXPECT_EQ(database(a), std::nullopt);
  EXPECT_EQ(role(a), (SeenRole{true, mark(a)}));

  must(DropRole{a});
  EXPECT_EQ(role(a), std::nullopt);
}

TEST_F(Conformance, AnotherDatabaseTakesThePlaceOfOneThatIsSetAside) {
  const Target a = at("a");
  create(a);
  Mark aside = mark(a, Held{Instant(milliseconds(1'700'000'000'123)), false, true});
  aside.name = aside_name(a.name, 1);
  must(SetAside{a, aside});
  EXPECT_EQ(database(a), std::nullopt);
  const Target there{a.instance, a.place, aside.name};
  ASSERT_TRUE(database(there));
  EXPECT_EQ(database(there)->mark, aside);
  EXPECT_NE(database(there)->owner, a.name.text());
  EXPECT_FALSE(database(there)->public_access);
  Endpoint old = server_->endpoint(mark(a));
  old.database = aside.name.text();

  must(CreateDatabase{a});
  must(GrantAccess{a, mark(a)});
  EXPECT_TRUE(log_in(a));
  EXPECT_FALSE(conformance_subject().log_in(old));
  EXPECT_EQ(database(there)->mark, aside);
  must(DropDatabase{there});
  EXPECT_EQ(database(there), std::nullopt);
}

/// The mark of the copy, and that mark once a migration was begun.
Mark image_of(const Target& at, const Mark& of, std::optional<Migrated> attempted = {}) {
  Mark image = of;
  image.name = aside_name(at.name, 0);
  image.standing = Image{Instant(milliseconds(1'700'000'000'123)), std::move(attempted)};
  return image;
}

TEST_F(Conformance, CopyFromBeforeAMigrationTakesTheDatabasesPlace) {
  const Target a = at("a");
  create(a);
  const Mark before = mark(a);
  const Target copy{a.instance, a.place, aside_name(a.name, 0)};
  must(KeepImage{a, image_of(a, before)});
  EXPECT_EQ(database(a), open(a, before));
  ASSERT_TRUE(database(copy));
  EXPECT_EQ(database(copy)->mark, image_of(a, before));
  EXPECT_FALSE(database(copy)->open);

  const Migrated attempt{*Commit::parse(std::string(40, 'a')), "d"};
  ASSERT_TRUE(server_->record(copy, image_of(a, before, attempt)));
  ASSERT_TRUE(conformance_subject().write(server_->endpoint(before)));
  must(PutBack{a, before, image_of(a, before)});
  EXPECT_EQ(database(a), open(a, before));
  EXPECT_EQ(database(copy)->mark, image_of(a, before));
  EXPECT_FALSE(database(copy)->open);
  EXPECT_FALSE(conformance_subject().wrote(server_->endpoint(before)));
  EXPECT_TRUE(log_in(a));
  must(PutBack{a, before, image_of(a, before)});
  EXPECT_FALSE(conformance_subject().wrote(server_->endpoint(before)))
      << "an exchange that was made is not made again";

  must(DropImage{a, copy.name});
  EXPECT_EQ(database(copy), std::nullopt);
  must(DropImage{a, copy.name});
  EXPECT_TRUE(database(a));
}

TEST_F(Conformance, StrangersUnderTheNameOfACopyAreNotTouched) {
  const Target a = at("a"), b = at("b");
  create(a);
  create(b);
  EXPECT_FALSE(apply(KeepImage{a, mark(b)}));
  EXPECT_FALSE(apply(DropImage{a, b.name}));
  EXPECT_FALSE(apply(PutBack{a, mark(a), mark(b)}));
  EXPECT_EQ(database(b), open(b, mark(b)));
  EXPECT_EQ(database(a), open(a, mark(a)));
}

TEST_F(Conformance, EachStepMayBeRepeated) {
  const Target a = at("a");
  const Mark held = mark(a, Held{});
  const std::vector<Action> actions{CreateRole{a, {}},       CreateDatabase{a},
                                    GrantAccess{a, mark(a)}, SetStanding{a, held},
                                    DropDatabase{a},         DropRole{a}};
  for (const Action& action : actions) {
    must(action);
    const Contents once = seen();
    must(action);
    EXPECT_EQ(seen(), once);
  }
}

TEST_F(Conformance, TheFingerprintTellsOfEveryChange) {
  const Target a = at("a");
  const std::vector<Action> actions{CreateRole{a, {}},
                                    CreateDatabase{a},
                                    GrantAccess{a, mark(a)},
                                    SetStanding{a, mark(a, Held{})},
                                    SetStanding{a, mark(a)},
                                    DropDatabase{a},
                                    DropRole{a}};
  std::string before = *server_->fingerprint();
  for (const Action& action : actions) {
    EXPECT_EQ(*server_->fingerprint(), before);
    must(action);
    const std::string after = *server_->fingerprint();
    EXPECT_NE(after, before) << "action " << action.index();
    before = after;
  }
}

TEST_F(Conformance, ACreationThatStoppedAnywhereIsFinished) {
  for (int steps = 0; steps <= 2; ++steps) {
    const Target a = at(fmt::format("a{}", steps));
    if (steps > 0) must(CreateRole{a, {}});
    if (steps > 1) must(CreateDatabase{a});
    create(a);
    EXPECT_EQ(database(a), open(a, mark(a)));
    EXPECT_TRUE(log_in(a)) << log_in(a).error().message;
  }
}

TEST_F(Conformance, ACreationThatStoppedAnywhereIsUndone) {
  for (int steps = 0; steps <= 2; ++steps) {
    const Target a = at(fmt::format("a{}", steps));
    if (steps > 0) must(CreateRole{a, {}});
    if (steps > 1) must(CreateDatabase{a});
    must(DropDatabase{a});
    must(DropRole{a});
    EXPECT_EQ(database(a), std::nullopt);
    EXPECT_EQ(role(a), std::nullopt);
  }
}

TEST_F(Conformance, ADatabaseWithoutItsRoleIsNotMade) {
  const auto done = apply(CreateDatabase{at("a")});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::stale) << done.error().message;
}

TEST_F(Conformance, WhatAStrangerMadeIsRefusedByEveryStep) {
  const Target a = at("a");
  conformance_subject().make_foreign(a.name.text());
  const std::vector<Action> actions{CreateRole{a, {}},
                                    CreateDatabase{a},
                                    GrantAccess{a, mark(a)},
                                    SetStanding{a, mark(a, Held{})},
                                    SetStanding{a, mark(a)},
                                    DropDatabase{a},
                                    DropRole{a}};
  for (const Action& action : actions) {
    const auto done = apply(action);
    ASSERT_FALSE(done) << "action " << action.index();
    EXPECT_EQ(done.error().fault, Fault::refused) << done.error().message;
  }
  EXPECT_FALSE(server_->record(a, mark(a)));
  EXPECT_FALSE(server_->end_sessions(a));
  EXPECT_TRUE(conformance_subject().foreign_is_untouched(a.name.text()));
}

TEST_F(Conformance, WhatBelongsToAnotherPlaceIsRefused) {
  const Target a = at("a");
  create(a);
  const Target other{a.instance, at("b").place, a.name};
  for (const Action& action : std::vector<Action>{CreateRole{other, {}}, DropDatabase{other},
                                                  SetStanding{other, mark(other, Held{})}}) {
    const auto done = apply(action);
    ASSERT_FALSE(done) << "action " << action.index();
    EXPECT_EQ(done.error().fault, Fault::refused) << done.error().message;
  }
  EXPECT_EQ(database(a), open(a, mark(a)));
}

TEST_F(Conformance, ABranchReachesItsOwnDatabaseAndNoOther) {
  const Target a = at("a");
  const Target b = at("b");
  create(a);
  create(b);
  EXPECT_TRUE(log_in(a)) << log_in(a).error().message;
  Endpoint crossed = server_->endpoint(mark(a));
  crossed.database = b.name.text();
  EXPECT_FALSE(conformance_subject().log_in(crossed));
  crossed = server_->endpoint(mark(a));
  crossed.password = server_->endpoint(mark(b)).password;
  EXPECT_FALSE(conformance_subject().log_in(crossed));
}

TEST_F(Conformance, NobodyReachesADatabaseBeforeItIsGranted) {
  const Target a = at("a");
  const Target b = at("b");
  create(a);
  must(CreateRole{b, {}});
  must(CreateDatabase{b});
  Endpoint crossed = server_->endpoint(mark(a));
  crossed.database = b.name.text();
  EXPECT_FALSE(conformance_subject().log_in(crossed));
  EXPECT_FALSE(log_in(b));
}

TEST_F(Conformance, AWithdrawnLoginIsGivenBack) {
  const Target a = at("a");
  create(a);
  for (const Standing& standing : std::vector<Standing>{Held{}, Detached{}, Suspended{}}) {
    must(SetStanding{a, mark(a, standing)});
    EXPECT_FALSE(log_in(a)) << word_of(standing);
    must(SetStanding{a, mark(a)});
    EXPECT_TRUE(log_in(a)) << word_of(standing);
  }
}

}  // namespace
}  // namespace bough
