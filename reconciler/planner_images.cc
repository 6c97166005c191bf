// What becomes of copies from before migrations that nobody took away: bough was killed.
#include <fmt/format.h>

#include "reconciler/planner_parts.h"
#include "reconciler/planner_run_parts.h"

namespace bough::planner {
namespace {

/// A copy that a server holds.
struct Copy {
  InstanceName instance;
  const SeenDatabase& database;
};

bool may_plan_for(const Desired& desired, const Home& home) {
  const auto unreadable = desired.unreadable.find(home.repository);
  return desired.speaks_for.contains(home.repository) && !is_production(home.environment) &&
         (unreadable == desired.unreadable.end() || !unreadable->second.contains(home.environment));
}

void drop(const Target& of, const DatabaseName& image, const char* because, Draft& draft) {
  draft.add(DropImage{of, image}, because);
}

/// The database that the copy was made of; nothing when it is gone.
std::optional<Seen> original(const Copy& copy, const Sight& sight) {
  const Mark& mark = *copy.database.mark;
  auto seen = sight.find(copy.instance, mark.place);
  if (!seen || seen->database->broken || image_name(seen->name) != mark.name) return std::nullopt;
  return seen;
}

/// The mark says which migration was begun since the copy was made, so no journal is needed.
void plan_copy(const Copy& copy, const Sight& sight, Draft& draft) {
  const Mark& image = *copy.database.mark;
  const auto& attempted = std::get<Image>(image.standing).attempted;
  const auto seen = original(copy, sight);
  const Target of{copy.instance, image.place, seen ? seen->name : image.name};
  if (sight.foreign_role(copy.instance, of.name.text(), image.place)) return;
  if (!attempted) return drop(of, image.name, "a copy that is of no use any more", draft);
  const RunKey run{image.place.home, image.place.component.text(), attempted->commit,
                   attempted->digest};
  if (under_way(state_of(sight, run))) return;
  if (!seen) return drop(of, image.name, "the database that it is a copy of is gone", draft);
  if (copy.database.broken)
    return drop(of, image.name, "an interrupted drop left it unusable", draft);
  Mark back = *seen->database->mark;
  if (back.migrated == attempted)
    return drop(of, image.name, "of no use once the migration succeeded", draft);
  back.migrated = image.migrated;
  back.extensions = image.extensions;
  back.seeded = image.seeded;
  back.released = image.released;
  Mark spent = image;
  spent.standing = Image{std::get<Image>(image.standing).since};
  draft.add(PutBack{of, back, spent},
            fmt::format("the migration to {} did not succeed; as it was before",
                        shortened(attempted->commit)));
  drop(of, image.name, "what the migration left", draft);
}

/// A copy of which nothing but its name and owner tells whose it is.
void plan_half_made(const InstanceName& instance, const Contents& contents, const Mark& role,
                    Draft& draft) {
  const DatabaseName image = image_name(role.name);
  const auto there = contents.databases.find(image.text());
  if (there == contents.databases.end()) return;
  const SeenDatabase& database = there->second;
  if (database.mark || database.open || database.owner != role.name.text()) return;
  drop({instance, role.place, role.name}, image, "its making was interrupted", draft);
}

}  // namespace

void plan_images(const Desired& desired, const Sight& sight, Draft& draft) {
  for (const auto& [instance, seen] : sight.observed().instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases)
      if (database.mark && std::holds_alternative<Image>(database.mark->standing) &&
          may_plan_for(desired, database.mark->place.home))
        plan_copy({instance, database}, sight, draft);
    for (const auto& [name, role] : contents->roles)
      if (role.mark && may_plan_for(desired, role.mark->place.home))
        plan_half_made(instance, *contents, *role.mark, draft);
  }
}

}  // namespace bough::planner
