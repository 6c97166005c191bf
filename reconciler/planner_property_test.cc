#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "reconciler/planner.h"
#include "reconciler/planner_carrying_test.h"
#include "reconciler/planner_parts.h"
#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;

const Instant kNow{std::chrono::seconds(1'767'225'600)};

/// BOUGH_WORLDS, or as many as sanitizers let pass in half a minute.
unsigned count_of_worlds() {
  const char* wish = std::getenv("BOUGH_WORLDS");
  return wish ? static_cast<unsigned>(std::strtoul(wish, nullptr, 10)) : 1500;
}
const unsigned kWorlds = count_of_worlds();

/// Random desires and servers over few names, so that everything meets everything.
class Worlds {
 public:
  explicit Worlds(unsigned seed) : random_(seed) {}

  Desired desired() {
    Desired result;
    for (const char* name : {"shop", "blog"}) {
      if (one_in(4)) continue;
      const RepositoryName repository = repo(name);
      result.speaks_for.insert(repository);
      result.keeping.emplace(repository, Keeping{std::chrono::hours(2), one_in(2)});
      for (const Environment& environment : environments()) {
        if (one_in(6)) {
          result.unreadable[repository].insert(environment);
        } else if (!one_in(3)) {
          result.homes.push_back(home_in(repository, environment));
        }
      }
    }
    return result;
  }

  Observed observed() {
    Observed result;
    for (const char* name : {"main-pg", "dev-pg15"})
      result.instances.emplace(instance(name), server(name));
    return result;
  }

  void random_runs(const Desired& desired, Observed& world) {
    for (const WantedHome& home : desired.homes) {
      if (!home.builds.empty() && one_in(2))
        world.runs[{home.home, "", home.commit, digest(home.builds)}] = state();
      for (const Wanted& wanted : home.databases)
        if (!wanted.migrations.empty() && one_in(2))
          world.runs[{home.home, wanted.place.component.text(), home.commit,
                      digest(wanted.migrations)}] = state();
    }
  }

  void random_jobs(Desired& desired, Observed& world) {
    for (WantedHome& home : desired.homes) {
      if (one_in(3)) home.on_failure = OnFailure::restore;
      if (one_in(3)) home.after_deploy = {command("after", RunKind::post_deploy)};
      if (one_in(3)) home.after_failure = {command("alarm", RunKind::failed_deploy)};
      random_run(home, "", home.after_deploy, world);
      random_run(home, "", home.after_failure, world);
      for (Wanted& wanted : home.databases) {
        if (is_production(home.home.environment)) continue;
        if (one_in(2)) wanted.seeds = {command("seed", RunKind::seed)};
        wanted.seed_when = static_cast<SeedWhen>(random_() % 3);
        random_run(home, wanted.place.component.text(), wanted.seeds, world);
        random_run(home, wanted.place.component.text(), home.after_failure, world);
      }
    }
    for (auto& [name, seen] : world.instances)
      if (auto* contents = std::get_if<Contents>(&seen)) add_images(*contents);
  }

  /// Only of what bough could look into.
  void random_checkups(Observed& world) {
    for (const auto& [instance, seen] : world.instances) {
      const auto* contents = std::get_if<Contents>(&seen);
      if (!contents) continue;
      for (const auto& [name, database] : contents->databases)
        if (database.mark && one_in(2))
          world.checkups[{instance, database.mark->name}] = {
              static_cast<long long>(random_() % 1500), 1, !one_in(4), kNow};
    }
  }

  void random_histories(Desired& desired, Observed& world) {
    for (WantedHome& home : desired.homes) {
      home.files = files();
      if (one_in(4)) home.on_unknown = OnUnknown::ask;
      if (one_in(8)) home.wait_for = "ci";
      if (one_in(2))
        world.reports.push_back({home.home.repository, home.commit, "ci", "", !one_in(3), "t"});
      if (one_in(8)) world.accepted.insert({home.home, home.commit});
      for (const Wanted& wanted : home.databases)
        if (one_in(9) && is_production(home.home.environment)) world.used.insert(wanted.place);
      for (const Wanted& wanted : home.databases)
        if (one_in(2)) world.histories[wanted.place] = {!one_in(5), files(), files()};
    }
  }

 private:
  MigrationFiles files() {
    MigrationFiles result;
    for (const char* path : {"m/1_a.sql", "m/2_b.sql", "m/3_c.sql"})
      if (!one_in(4)) result[path] = one_in(4) ? "other" : "same";
    return result;
  }
  bool one_in(unsigned n) { return random_() % n == 0; }
  static std::vector<Environment> environments() {
    return {Production{}, on("a"), on("b"), on("c/d"), Preview{commit('e')}, Preview{commit('f')}};
  }
  CopyConfig copies() {
    constexpr Copy kAll[] = {Copy::none, Copy::none, Copy::schema, Copy::masked};
    return {kAll[random_() % 4], std::chrono::hours(24), {}, one_in(2) ? 2 : 0};
  }
  void add_stock(Contents& contents) {
    const Place where = random_place();
    const Stock stock = stock_of(where.home.repository, where.home.app, where.component, copies());
    constexpr StockState kAll[] = {StockState::unfinished, StockState::ready_template,
                                   StockState::spare};
    const StockState state = kAll[random_() % 3];
    const int number = one_in(2) ? 1 : 2;
    const DatabaseName name = one_in(2) ? template_name(stock, number) : spare_name(stock, number);
    contents.stock.insert_or_assign(
        name.text(),
        SeenStock{{stock, name, state, one_in(2) ? kNow : kNow - std::chrono::hours(48)},
                  one_in(9)});
  }
  RunState state() {
    constexpr RunState kAll[] = {RunState::running,   RunState::succeeded, RunState::failed,
                                 RunState::timed_out, RunState::cancelled, RunState::unknown};
    return kAll[random_() % 6];
  }
  Place random_place() {
    const auto all = environments();
    return {
        {repo(one_in(3) ? "blog" : "shop"), *AppName::parse("shop"), all[random_() % all.size()]},
        *ComponentName::parse(one_in(4) ? "audit" : "db")};
  }
  WantedHome home_in(const RepositoryName& repository, const Environment& environment) {
    WantedHome result{{repository, *AppName::parse("shop"), environment},
                      branch_of(environment),
                      commit(one_in(2) ? 'a' : 'b'),
                      {},
                      {},
                      std::nullopt};
    if (one_in(2)) result.builds = {command("build", RunKind::build)};
    if (one_in(8)) result.runs_refused = "unresolved";
    Rank rank = Rank::first;
    for (const char* component : {"db", "audit"}) {
      if (one_in(3)) continue;
      Wanted one = wanted({result.home, *ComponentName::parse(component)});
      one.rank = rank;
      one.instance = instance(one_in(3) ? "dev-pg15" : "main-pg");
      if (one_in(2)) one.migrations = {command("migrate")};
      if (one_in(4)) one.extensions = {"citext"};
      if (one_in(4)) one.trusted = {{"10.0.0.0/8", std::nullopt}};
      if (one_in(3)) one.limits = limits();
      one.copies = copies();
      result.databases.push_back(one);
      rank = Rank::further;
    }
    return result;
  }
  Limits limits() {
    Limits result;
    if (one_in(2)) result.connections = 20;
    if (one_in(2)) result.statement_timeout = std::chrono::seconds(60);
    if (one_in(2)) result.idle_timeout = std::chrono::seconds(5);
    if (one_in(2)) result.size_bytes = 1000;
    return result;
  }
  /// What people do to our objects behind our back.
  void tamper(SeenDatabase& database, SeenRole& role) {
    if (one_in(4)) role.limits = as_shown(limits(), Writes::allowed, 15);
    if (one_in(9)) role.writes = Writes::discouraged;
    if (one_in(9)) role.elevated = true;
    if (one_in(9)) role.member_of = {"pg_monitor", "shop--a", "team"};
    if (one_in(9)) database.owner = "alice";
    if (one_in(9)) database.guests = {"shop--b", "reader"};
    if (one_in(9)) database.trusted = {{"192.0.2.1/32", std::nullopt}};
  }
  /// Under another name, with the note of the first.
  template <typename Object>
  void put(std::map<std::string, Object>& objects, const std::string& name, Object object) {
    if (object.mark && one_in(6)) {
      object.strayed = std::exchange(object.mark, std::nullopt);
      objects[name + "-then"] = object;
    } else {
      objects[name] = object;
    }
  }
  Standing standing(const Place& where) {
    if (!one_in(3)) return Active{};
    if (is_production(where.home.environment)) return Detached{kNow};
    if (one_in(3)) return Held{kNow - std::chrono::hours(3), one_in(4)};  // long enough
    return one_in(2) ? Standing{Held{kNow, false}} : Standing{Suspended{kNow}};
  }
  void random_run(const WantedHome& home, const std::string& component,
                  const std::vector<Command>& commands, Observed& world) {
    if (!commands.empty() && one_in(3))
      world.runs[{home.home, component, home.commit, digest(commands)}] = state();
  }
  std::optional<Migrated> migrated() {
    if (one_in(3)) return std::nullopt;
    return Migrated{commit(one_in(2) ? 'a' : 'b'), digest({command("migrate")})};
  }
  /// Copies from before migrations, of databases that may be gone.
  void add_images(Contents& contents) {
    for (const auto& [name, role] : std::map(contents.roles)) {
      const auto of = contents.databases.find(name);
      if (!role.mark || of == contents.databases.end() || !of->second.mark || of->second.broken)
        continue;
      if (is_production(role.mark->place.home.environment) || !one_in(3)) continue;
      const DatabaseName image = planner::image_name(role.mark->name);
      Mark mark = *role.mark;
      mark.name = image;
      mark.migrated = migrated();
      mark.standing = Image{kNow, migrated()};
      SeenDatabase database{"admin", false, one_in(9), true, mark};
      if (one_in(4)) database = {name, false, one_in(9), true, std::nullopt};
      contents.databases[image.text()] = database;
    }
  }
  void add_object(Contents& contents) {
    const Place where = random_place();
    const std::string name = physical_name(where, one_in(4) ? Rank::further : Rank::first).text();
    Mark ours{where, *DatabaseName::parse(name), 1, standing(where), std::nullopt};
    if (one_in(2))
      ours.migrated = Migrated{commit(one_in(2) ? 'a' : 'b'), digest({command("migrate")})};
    if (one_in(3)) ours.seeded = "once";
    SeenDatabase database{name, !one_in(5), one_in(9), one_in(5), ours};
    SeenRole role{one_in(2), ours};
    if (one_in(6)) database = {"alice", true, false, true, std::nullopt};
    if (one_in(9)) database = {name, false, one_in(3), true, std::nullopt};
    if (one_in(8)) role.mark.reset();
    tamper(database, role);
    if (role.mark && one_in(2)) role.mark->opened = true;
    if (!one_in(6)) put(contents.databases, name, database);
    if (!one_in(6)) put(contents.roles, name, role);
  }
  SeenInstance server(const std::string& name) {
    if (one_in(8)) return Unreachable{"down"};
    if (name == "dev-pg15" && one_in(4)) return NotCreated{15};
    if (one_in(10)) return Unavailable{"not installed"};
    Contents contents{15, {}, {}};
    for (unsigned count = random_() % 8; count > 0; --count) add_object(contents);
    for (unsigned count = random_() % 6; count > 0; --count) add_stock(contents);
    // Who has been granted something is there.
    const auto absent = [&](const std::string& one) {
      return one.starts_with("shop") && !contents.roles.contains(one);
    };
    for (auto& [name_there, database] : contents.databases) std::erase_if(database.guests, absent);
    for (auto& [name_there, role] : contents.roles) std::erase_if(role.member_of, absent);
    return contents;
  }

  std::mt19937 random_;
};

// A second one may follow what the first one frees or makes: a name, production for copies.
TEST(PlannerProperty, CarriedOutPlansLeaveNothingToPlan) {
  unsigned again = 0;
  for (unsigned seed = 0; seed < kWorlds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Worlds worlds(seed);
    Desired desired = worlds.desired();
    Observed world = worlds.observed();
    worlds.random_runs(desired, world);
    worlds.random_histories(desired, world);
    worlds.random_jobs(desired, world);
    worlds.random_checkups(world);
    const Plan first = plan(desired, world, {}, kNow);
    const Observed then = carried_out(desired, world, first);
    Plan second = plan(desired, then, {}, kNow + std::chrono::hours(1));
    const auto between = words(second);
    if (!second.steps.empty()) {
      ++again;
      second = plan(desired, carried_out(desired, then, second), {}, kNow + std::chrono::hours(1));
    }
    ASSERT_EQ(words(second), std::vector<std::string>())
        << testing::PrintToString(words(first)) << "\nthen " << testing::PrintToString(between);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_LT(again, kWorlds / 20);
}

TEST(PlannerProperty, NothingIsPlannedForAnEmptyDesire) {
  for (unsigned seed = 0; seed < kWorlds; ++seed)
    ASSERT_TRUE(plan({}, Worlds(seed).observed(), {}, kNow).steps.empty()) << seed;
}

TEST(PlannerProperty, EveryWantIsMetOrRefused) {
  for (unsigned seed = 0; seed < kWorlds; ++seed) {
    Worlds worlds(seed);
    const Desired desired = worlds.desired();
    const Observed world = worlds.observed();
    const Plan made = plan(desired, world, {}, kNow);
    const Observed then = carried_out(desired, world, made);
    std::set<Place> met;
    for (const auto& [name, seen] : then.instances)
      if (const auto* contents = std::get_if<Contents>(&seen))
        for (const auto& [object, database] : contents->databases)
          if (database.mark) met.insert(database.mark->place);
    for (const Refusal& refusal : made.refused)
      if (refusal.place) met.insert(*refusal.place);
    for (const WantedHome& home : desired.homes)
      for (const Wanted& one : home.databases)
        ASSERT_TRUE(met.contains(one.place)) << "seed " << seed << " " << address(one.place);
  }
}

}  // namespace
}  // namespace bough
