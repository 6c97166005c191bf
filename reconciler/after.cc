#include "reconciler/planner.h"

namespace bough {
namespace {

Contents* contents(Observed& world, const InstanceName& instance) {
  const auto found = world.instances.find(instance);
  return found == world.instances.end() ? nullptr : std::get_if<Contents>(&found->second);
}

void set_role(Contents& there, const Mark& mark) {
  SeenRole& role = there.roles[mark.name.text()];
  role.can_login = std::holds_alternative<Active>(mark.standing);
  role.mark = mark;
}

template <typename Objects>
void rename(Objects& objects, const std::optional<DatabaseName>& from, const DatabaseName& to) {
  if (!from) return;
  auto object = objects.extract(from->text());
  if (object.empty()) return;
  object.mapped().mark = object.mapped().strayed;
  object.mapped().strayed.reset();
  object.key() = to.text();
  objects.insert(std::move(object));
}

void carry_out(Observed& world, const StartInstance& start) {
  world.instances.insert_or_assign(start.instance, Contents{start.version, {}, {}});
}
void carry_out(Observed& world, const CreateRole& create) {
  // What was found with an earlier one of that name says nothing of this one.
  world.checkups.erase({create.at.instance, create.at.name});
  Contents* there = contents(world, create.at.instance);
  if (!there) return;
  set_role(*there, {create.at.place, create.at.name, 1, Active{}, std::nullopt});
  there->roles[create.at.name.text()].limits =
      as_shown(create.limits, Writes::allowed, there->version);
}
void carry_out(Observed& world, const CreateDatabase& create) {
  world.checkups.erase({create.at.instance, create.at.name});
  if (Contents* there = contents(world, create.at.instance))
    there->databases[create.at.name.text()] = {create.at.name.text(), false, false, true,
                                               std::nullopt};
}
void carry_out(Observed& world, const GrantAccess& grant) {
  Contents* there = contents(world, grant.at.instance);
  if (!there) return;
  SeenDatabase& database = there->databases[grant.at.name.text()];
  database.mark = grant.mark;
  database.owner = grant.at.name.text();
  database.strayed.reset();
  database.open = true;
  database.public_access = false;
  for (const std::string& guest : grant.evict) database.guests.erase(guest);
  set_role(*there, grant.mark);
}
void carry_out(Observed& world, const CopyDatabase& copy) {
  Contents* there = contents(world, copy.at.instance);
  if (!there) return;
  there->stock.erase(copy.spare.text());
  world.checkups.erase({copy.at.instance, copy.at.name});
  there->databases[copy.at.name.text()] = {copy.at.name.text(), true, false, false, copy.mark};
  const bool anew = !there->roles.contains(copy.at.name.text());
  set_role(*there, copy.mark);
  if (anew)
    there->roles[copy.at.name.text()].limits =
        as_shown(copy.limits, Writes::allowed, there->version);
}
void carry_out(Observed& world, const FillTemplate& fill) {
  Contents* there = contents(world, fill.kept.instance);
  if (!there) return;
  std::erase_if(there->stock, [&](const auto& entry) {
    const StockMark& mark = entry.second.mark;
    return mark.stock == fill.kept.stock && mark.state == StockState::ready_template;
  });
  there->stock.insert_or_assign(
      fill.kept.name.text(),
      SeenStock{{fill.kept.stock, fill.kept.name, StockState::ready_template, fill.since}, false});
}
void carry_out(Observed& world, const MakeSpare& make) {
  Contents* there = contents(world, make.kept.instance);
  if (!there) return;
  Instant read{};
  for (const auto& [name, one] : there->stock)
    if (one.mark.stock == make.kept.stock && one.mark.state == StockState::ready_template)
      read = std::max(read, one.mark.read);
  there->stock.insert_or_assign(
      make.kept.name.text(),
      SeenStock{{make.kept.stock, make.kept.name, StockState::spare, read}, false});
}
void carry_out(Observed& world, const DropStock& drop) {
  if (Contents* there = contents(world, drop.kept.instance))
    there->stock.erase(drop.kept.name.text());
}
void carry_out(Observed& world, const SetStanding& set) {
  Contents* there = contents(world, set.at.instance);
  if (!there) return;
  there->databases[set.at.name.text()].mark = set.mark;
  if (there->roles.contains(set.at.name.text())) set_role(*there, set.mark);
}
void carry_out(Observed& world, const SetAside& set) {
  Contents* there = contents(world, set.at.instance);
  if (!there) return;
  there->databases.erase(set.at.name.text());
  there->databases[set.mark.name.text()] = {"", true, false, false, set.mark};
  // What ran there did not run in the database that takes its place.
  world.histories.erase(set.at.place);
}
void carry_out(Observed& world, const RestrictRole& to) {
  Contents* there = contents(world, to.at.instance);
  if (!there) return;
  SeenRole& role = there->roles[to.at.name.text()];
  role.limits = as_shown(to.limits, to.writes, there->version);
  role.writes = to.writes;
  role.elevated = false;
  for (const std::string& other : to.leave) role.member_of.erase(other);
}
void carry_out(Observed& world, const SetPassword& set) {
  Contents* there = contents(world, set.at.instance);
  if (!there) return;
  there->databases[set.at.name.text()].mark = set.mark;
  if (there->roles.contains(set.at.name.text())) set_role(*there, set.mark);
}
void carry_out(Observed& world, const RenameBack& back) {
  Contents* there = contents(world, back.at.instance);
  if (!there) return;
  rename(there->databases, back.database, back.at.name);
  rename(there->roles, back.role, back.at.name);
  if (!back.role) return;
  for (auto& [name, database] : there->databases)
    if (database.owner == back.role->text()) database.owner = back.at.name.text();
}
void carry_out(Observed& world, const MakeExtensions& make) {
  if (Contents* there = contents(world, make.at.instance))
    there->databases[make.at.name.text()].mark = make.mark;
}
void carry_out(Observed& world, const TrustSources& trust) {
  if (Contents* there = contents(world, trust.at.instance))
    there->databases[trust.at.name.text()].trusted = trust.sources;
}
void carry_out(Observed&, const DumpDatabase&) {}
void carry_out(Observed& world, const FillDatabase& fill) {
  Contents* there = contents(world, fill.at.instance);
  if (!there) return;
  const Mark mark{fill.at.place, fill.at.name, 1, Scratch{}, std::nullopt};
  there->databases[fill.at.name.text()] = {fill.at.name.text(), true, false, false, mark};
  there->roles[fill.at.name.text()] = {true, mark};
}
void carry_out(Observed& world, const PutInPlace& put) {
  Contents* there = contents(world, put.at.instance);
  if (!there) return;
  there->databases.erase(put.at.name.text());
  there->roles.erase(put.at.name.text());
  there->databases[put.mark.name.text()] = {put.mark.name.text(), true, false, false, put.mark};
  set_role(*there, put.mark);
  world.histories.erase(put.mark.place);
}
/// What was run in an environment was run in the one that its branch's new name makes.
void move_runs(Observed& world, const Home& from, const Home& to) {
  std::map<RunKey, RunState> runs;
  for (auto& [key, state] : world.runs)
    if (key.home == from) runs.emplace(RunKey{to, key.component, key.commit, key.digest}, state);
  if (runs.empty()) return;
  std::erase_if(world.runs,
                [&](const auto& run) { return run.first.home == from || run.first.home == to; });
  world.runs.merge(runs);
}

void move_acceptances(Observed& world, const Home& from, const Home& to) {
  std::set<Acceptance> accepted;
  for (const Acceptance& word : world.accepted)
    accepted.insert({word.home == from ? to : word.home, word.commit});
  world.accepted = std::move(accepted);
}

void carry_out(Observed& world, const MoveDatabase& move) {
  move_runs(world, move.from.place.home, move.at.place.home);
  move_acceptances(world, move.from.place.home, move.at.place.home);
  Contents* there = contents(world, move.at.instance);
  if (!there) return;
  Mark mark = move.from;
  mark.place = move.at.place;
  there->databases[move.at.name.text()].mark = mark;
  set_role(*there, mark);
}
void carry_out(Observed& world, const AdoptDatabase& adopt) {
  Contents* there = contents(world, adopt.at.instance);
  if (!there) return;
  SeenDatabase& database = there->databases[adopt.at.name.text()];
  database.mark = adopt.mark;
  database.public_access = false;
  set_role(*there, adopt.mark);
}
void carry_out(Observed& world, const DropDatabase& drop) {
  if (Contents* there = contents(world, drop.at.instance))
    there->databases.erase(drop.at.name.text());
}
void carry_out(Observed& world, const DropRole& drop) {
  Contents* there = contents(world, drop.at.instance);
  if (!there) return;
  there->roles.erase(drop.at.name.text());
  for (auto& [name, role] : there->roles) role.member_of.erase(drop.at.name.text());
  for (auto& [name, database] : there->databases) database.guests.erase(drop.at.name.text());
}
void carry_out(Observed& world, const Build& build) {
  const RunKey key{build.home, "", build.commit, digest(build.commands)};
  world.runs[key] = RunState::succeeded;
  world.checkouts.insert(key);
}
void set_mark(Observed& world, const Target& at, const Mark& mark) {
  if (Contents* there = contents(world, at.instance)) there->databases[at.name.text()].mark = mark;
}
void carry_out(Observed& world, const KeepImage& keep) {
  if (Contents* there = contents(world, keep.at.instance))
    there->databases[keep.image.name.text()] = {"", false, false, true, keep.image};
}
void carry_out(Observed& world, const Migrate& migrate) {
  world.histories.erase(migrate.at.place);
  const std::string sum = digest(migrate.commands);
  world.runs[{migrate.at.place.home, migrate.at.place.component.text(), migrate.commit, sum}] =
      RunState::succeeded;
  Mark mark = migrate.mark;
  mark.migrated = Migrated{migrate.commit, sum};
  set_mark(world, migrate.at, mark);
}
void carry_out(Observed& world, const PutBack& put) {
  Contents* there = contents(world, put.at.instance);
  if (!there) return;
  there->databases[put.at.name.text()] = {put.at.name.text(), true, false, false, put.mark};
  there->databases[put.image.name.text()] = {"", false, false, true, put.image};
  const auto history = world.histories.find(put.at.place);
  if (history != world.histories.end()) history->second.attempted.clear();
}
void carry_out(Observed& world, const DropImage& drop) {
  if (Contents* there = contents(world, drop.at.instance))
    there->databases.erase(drop.image.text());
}
void carry_out(Observed& world, const Seed& seed) {
  world.runs[{seed.at.place.home, seed.at.place.component.text(), seed.commit,
              digest(seed.commands)}] = RunState::succeeded;
  Mark mark = seed.mark;
  mark.seeded = seed.seeded;
  set_mark(world, seed.at, mark);
}
void carry_out(Observed& world, const RunJobs& jobs) {
  const std::string sum = digest(jobs.commands);
  world.runs[{jobs.at.place.home, jobs.after, jobs.commit, sum}] = RunState::succeeded;
  if (jobs.kind != RunKind::post_deploy) return;
  Mark mark = jobs.mark;
  mark.released = Migrated{jobs.commit, sum};
  set_mark(world, jobs.at, mark);
}

}  // namespace

Observed after(Observed world, const Step& step) {
  std::visit([&](const auto& action) { carry_out(world, action); }, step.action);
  return world;
}

}  // namespace bough
