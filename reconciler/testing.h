#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/desired.h"
#include "spec/observed.h"
#include "spec/plan.h"

/// Tiny makers of values for tests.
namespace bough::testing_world {

inline RepositoryName repo(std::string_view name = "shop") {
  return *RepositoryName::parse(name);
}
inline InstanceName instance(std::string_view name = "main-pg") {
  return *InstanceName::parse(name);
}
inline Commit commit(char digit = 'a') {
  return *Commit::parse(std::string(40, digit));
}
inline Environment on(std::string_view branch) {
  return Branch{*BranchName::parse(branch)};
}
inline Home home(Environment environment, std::string_view repository = "shop") {
  return {repo(repository), *AppName::parse("shop"), std::move(environment)};
}
inline Place place(Environment environment, std::string_view component = "db") {
  return {home(std::move(environment)), *ComponentName::parse(component)};
}
inline Command command(std::string text, RunKind kind = RunKind::migration) {
  return {kind, std::move(text), "", "", "bough.yaml"};
}
inline BranchName branch_of(const Environment& environment) {
  const auto* branch = std::get_if<Branch>(&environment);
  if (std::holds_alternative<Preview>(environment)) return *BranchName::parse("refs/pull/7/head");
  return branch ? branch->name : *BranchName::parse("main");
}
inline Wanted wanted(const Place& where, std::vector<Command> migrations = {}) {
  return {where, Engine::pg, "", instance(), false, Rank::first, {}, std::move(migrations)};
}
inline WantedHome wanted_home(const Environment& environment,
                              std::vector<Command> migrations = {}) {
  return {home(environment),
          branch_of(environment),
          commit(),
          {},
          {wanted(place(environment), std::move(migrations))},
          std::nullopt};
}
inline Desired wants(std::vector<WantedHome> homes) {
  return {{repo()}, {}, {}, std::move(homes), {}, {}};
}
inline Mark mark(const Place& where, Standing standing = Active{}) {
  return {where, physical_name(where, Rank::first), 1, std::move(standing), std::nullopt};
}
/// A server with one healthy, marked database for each place.
inline Contents holding(const std::vector<Place>& places) {
  Contents contents{15, {}, {}};
  for (const Place& where : places) {
    const std::string name = physical_name(where, Rank::first).text();
    contents.databases[name] = {name, true, false, false, mark(where)};
    contents.roles[name] = {true, mark(where)};
  }
  return contents;
}
inline Observed sees(SeenInstance seen) {
  return {{{instance(), std::move(seen)}}, {}, {}};
}

/// A server that holds the place's database, with what `change` does to it and its role.
template <typename Change>
Observed changed(Change change, const Environment& environment = on("x")) {
  Contents contents = holding({place(environment)});
  change(contents.databases.begin()->second, contents.roles.begin()->second);
  return sees(contents);
}

/// The steps in one word each, with the object they are for: `create-database shop--x`.
inline std::string words(const Step& step) {
  const auto at = [](const char* word, const Target& target) {
    return std::string(word) + " " + target.name.text();
  };
  return std::visit(
      Match{[&](const StartInstance& start) { return "start " + start.instance.text(); },
            [&](const CreateRole& create) { return at("create-role", create.at); },
            [&](const CreateDatabase& create) { return at("create-database", create.at); },
            [&](const CopyDatabase& copy) { return at("copy-database", copy.at); },
            [&](const GrantAccess& grant) { return at("grant", grant.at); },
            [&](const SetStanding& set) { return at(word_of(set.mark.standing).c_str(), set.at); },
            [&](const SetAside& set) { return at("set-aside", set.at); },
            [&](const RestrictRole& to) { return at("restrict", to.at); },
            [&](const SetPassword& set) { return at("password", set.at); },
            [&](const RenameBack& back) { return at("rename-back", back.at); },
            [&](const MakeExtensions& make) { return at("extensions", make.at); },
            [&](const TrustSources& trust) { return at("trust", trust.at); },
            [&](const DumpDatabase& dump) { return at("dump", dump.at); },
            [&](const FillDatabase& fill) { return at("fill", fill.at); },
            [&](const PutInPlace& put) { return at("put-in-place", put.at); },
            [&](const MoveDatabase& move) { return at("move", move.at); },
            [&](const AdoptDatabase& adopt) { return at("adopt", adopt.at); },
            [&](const DropDatabase& drop) { return at("drop-database", drop.at); },
            [&](const DropRole& drop) { return at("drop-role", drop.at); },
            [&](const Build& build) { return "build " + title(build.home.environment); },
            [&](const KeepImage& keep) { return at("copy", keep.at); },
            [&](const Migrate& migrate) { return at("migrate", migrate.at); },
            [&](const PutBack& put) { return at("put-back", put.at); },
            [&](const DropImage& drop) { return at("drop-copy", drop.at); },
            [&](const Seed& seed) { return at("seed", seed.at); },
            [&](const RunJobs& jobs) { return at(word_of(jobs.kind).data(), jobs.at); },
            [&](const FillTemplate& fill) { return "fill " + fill.kept.name.text(); },
            [&](const MakeSpare& make) { return "make-spare " + make.kept.name.text(); },
            [&](const DropStock& drop) { return "drop-stock " + drop.kept.name.text(); }},
      step.action);
}
inline std::vector<std::string> words(const Plan& plan) {
  std::vector<std::string> result;
  for (const Step& step : plan.steps) result.push_back(words(step));
  return result;
}

}  // namespace bough::testing_world
