#include "reconciler/planner.h"

namespace bough {
namespace {

Contents* contents(Observed& world, const InstanceName& instance) {
  const auto found = world.instances.find(instance);
  return found == world.instances.end() ? nullptr : std::get_if<Contents>(&found->second);
}

void set_role(Contents& there, const Mark& mark) {
  there.roles[mark.name.text()] = {std::holds_alternative<Active>(mark.standing), mark};
}

void carry_out(Observed& world, const StartInstance& start) {
  world.instances.insert_or_assign(start.instance, Contents{start.version, {}, {}});
}
void carry_out(Observed& world, const CreateRole& create) {
  if (Contents* there = contents(world, create.at.instance))
    set_role(*there, {create.at.place, create.at.name, 1, Active{}, std::nullopt});
}
void carry_out(Observed& world, const CreateDatabase& create) {
  if (Contents* there = contents(world, create.at.instance))
    there->databases[create.at.name.text()] = {create.at.name.text(), false, false, true,
                                               std::nullopt};
}
void carry_out(Observed& world, const GrantAccess& grant) {
  Contents* there = contents(world, grant.at.instance);
  if (!there) return;
  SeenDatabase& database = there->databases[grant.at.name.text()];
  database.mark = grant.mark;
  database.open = true;
  database.public_access = false;
  set_role(*there, grant.mark);
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
void carry_out(Observed& world, const DropDatabase& drop) {
  if (Contents* there = contents(world, drop.at.instance))
    there->databases.erase(drop.at.name.text());
}
void carry_out(Observed& world, const DropRole& drop) {
  if (Contents* there = contents(world, drop.at.instance)) there->roles.erase(drop.at.name.text());
}
void carry_out(Observed& world, const Build& build) {
  const RunKey key{build.home, "", build.commit, digest(build.commands)};
  world.runs[key] = RunState::succeeded;
  world.checkouts.insert(key);
}
void carry_out(Observed& world, const Migrate& migrate) {
  world.histories.erase(migrate.at.place);
  const std::string sum = digest(migrate.commands);
  world.runs[{migrate.at.place.home, migrate.at.place.component.text(), migrate.commit, sum}] =
      RunState::succeeded;
  if (Contents* there = contents(world, migrate.at.instance)) {
    Mark mark = migrate.mark;
    mark.migrated = Migrated{migrate.commit, sum};
    there->databases[migrate.at.name.text()].mark = mark;
  }
}

}  // namespace

Observed after(Observed world, const Step& step) {
  std::visit([&](const auto& action) { carry_out(world, action); }, step.action);
  return world;
}

}  // namespace bough
