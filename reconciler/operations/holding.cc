#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/dumps.h"
#include "reconciler/operations/by_command.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/restoration.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;

/// Who may reach production's data may reach its dumps.
std::vector<Dump> dumps_of(const Context& context, const RepositoryName& repository) {
  std::vector<Dump> dumps = dumps_there(*context.installation);
  std::erase_if(dumps,
                [&](const Dump& dump) { return dump.mark.place.home.repository != repository; });
  return dumps;
}

Json about(const Place& place) {
  const auto* branch = std::get_if<Branch>(&place.home.environment);
  const auto* preview = std::get_if<Preview>(&place.home.environment);
  return {{"app", place.home.app.text()},
          {"environment", kind_of(place.home.environment)},
          {"branch", branch ? Json(printable(branch->name.text())) : Json()},
          {"revision", preview && preview->commit ? Json(preview->commit->text()) : Json()},
          {"component", place.component.text()}};
}

long long rows_of(const Dump& dump) {
  long long rows = 0;
  for (const TableSum& table : dump.contents.tables) rows += table.rows;
  return rows;
}

Json dump_document(const Context& context, const Dump& dump) {
  const auto* held = std::get_if<Held>(&dump.mark.standing);
  const auto& migrated = dump.mark.migrated;
  Json item{{"id", dump.id}};
  item.update(about(dump.mark.place));
  item["name"] = printable(dump.mark.name.text());
  item["instance"] = dump.instance.text();
  item["version"] = std::to_string(dump.version);
  item["commit"] = migrated ? Json(migrated->commit.text()) : Json();
  item["held_since"] = held ? Json(rfc3339(held->since)) : Json();
  item["made_at"] = rfc3339(dump.made_at);
  item["kept_until"] = rfc3339(dump.made_at + context.installation->config().dumps.keep);
  item["bytes"] = dump.bytes;
  item["tables"] = dump.contents.tables.size();
  item["rows"] = rows_of(dump);
  item["file"] = dump_file(*context.installation, dump.id);
  return item;
}

Json held_document(const Ours& database) {
  const auto& held = std::get<Held>(database.mark.standing);
  Json item{{"name", printable(database.at.name.text())}};
  item.update(about(database.at.place));
  item["instance"] = database.at.instance.text();
  item["held_since"] = rfc3339(held.since);
  item["aside"] = held.aside;
  item["asks"] = held.ask;
  return item;
}

/// What the journal knows of dumps that could not be made, or that lie elsewhere.
Result<Json> missing_dumps(const Context& context, const RepositoryName& repository,
                           const std::vector<Dump>& there) {
  Json list = Json::array();
  auto journal = context.installation->journal();
  if (!journal) return journal.error();
  if (!*journal) return list;
  auto notes = (*journal)->dump_notes(repository);
  if (!notes) return notes.error();
  for (const DumpNote& note : *notes) {
    const bool here = std::any_of(there.begin(), there.end(),
                                  [&](const Dump& dump) { return dump.id == note.id; });
    const bool kept = note.at + context.installation->config().dumps.keep > now();
    if (here || !kept) continue;
    Json item{{"id", note.id}};
    item.update(about(note.place));
    item["name"] = printable(note.name.text());
    item["at"] = rfc3339(note.at);
    item["message"] =
        note.note.empty() ? printable(note.file) + " is not there any more" : printable(note.note);
    list.push_back(std::move(item));
  }
  return list;
}

Result<Wish> wish_of(Context& context, const RepositoryConfig& repository,
                     const Arguments& arguments) {
  auto environments = named_environments(context, repository, arguments);
  if (!environments) return environments.error();
  if (environments->size() != 1) return Error{Fault::invalid, "name one branch"};
  Wish wish{repository.name, *environments->begin()};
  if (arguments.has("component")) {
    auto component = ComponentName::parse(arguments.text("component"));
    if (!component) return within("component", component.error());
    wish.component = *std::move(component);
  }
  wish.dump = arguments.text("dump");
  wish.aside = arguments.text("aside");
  if (!wish.dump.empty() && !wish.aside.empty())
    return Error{Fault::invalid, "name a dump, or a database that was set aside, not both"};
  wish.limits = repository.limits;
  return wish;
}

/// A branch that a command brings back is in use.
void renew(Context& context, const Wish& wish, Instant at) {
  const auto* branch = std::get_if<Branch>(&wish.environment);
  auto journal = context.installation->journal();
  if (!branch || !journal || !*journal) return;
  auto known = (*journal)->branches(wish.repository);
  if (!known || !known->contains(branch->name)) return;
  static_cast<void>(
      (*journal)->saw(wish.repository, {{branch->name, {known->at(branch->name).tip, at}}}, {}));
}

}  // namespace

Result<Outcome> dumps(Context& context, const Arguments& arguments, const Emit& emit) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  const RepositoryName& name = (*repository)->name;
  const auto there = dumps_of(context, name);
  const Pass pass = look_at_servers(context, emit);
  Json document{{"format_version", kFormatVersion},
                {"repository", name.text()},
                {"dumps", Json::array()},
                {"held", Json::array()}};
  for (const Dump& dump : there) document["dumps"].push_back(dump_document(context, dump));
  auto held = ours(pass.observed, name, {});
  const auto aside = set_aside(pass.observed, name, {});
  held.insert(held.end(), aside.begin(), aside.end());
  for (const Ours& database : held)
    if (std::holds_alternative<Held>(database.mark.standing))
      document["held"].push_back(held_document(database));
  auto missing = missing_dumps(context, name, there);
  if (!missing) return missing.error();
  document["missing"] = *std::move(missing);
  return Outcome{text_of(document)};
}

Result<Outcome> restore(Context& context, const Arguments& arguments, const Emit& emit) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  auto wish = wish_of(context, **repository, arguments);
  if (!wish) return wish.error();
  if (is_production(wish->environment) && !context.asker.may(Scope::admin))
    return Error{Fault::denied, "production is brought back only for the scope admin"};
  auto turn = turn_for(context, **repository);
  if (!turn) return turn.error();
  Pass pass = look_at_servers(context, emit);
  const Instant at = now();
  auto steps = restoration(*wish, pass.observed, dumps_of(context, wish->repository), at);
  if (!steps) return steps.error();
  renew(context, *wish, at);
  return carry_out_steps(context, pass, *std::move(steps), emit);
}

Result<Outcome> confirm(Context& context, const Arguments& arguments, const Emit& emit) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  const auto environments =
      environments_of(*context.installation, **repository, arguments.all("branch"));
  if (environments.empty() && !arguments.all("branch").empty())
    return Error{Fault::invalid, "there is no such branch"};
  auto turn = turn_for(context, **repository);
  if (!turn) return turn.error();
  Pass pass = look_at_servers(context, emit);
  auto databases = ours(pass.observed, (*repository)->name, environments);
  const auto aside = set_aside(pass.observed, (*repository)->name, environments);
  databases.insert(databases.end(), aside.begin(), aside.end());
  return carry_out_steps(context, pass, confirmation(databases), emit);
}

Result<Outcome> reset(Context& context, const Arguments& arguments, const Emit& emit) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  auto environments = named_environments(context, **repository, arguments);
  if (!environments) return environments.error();
  {
    auto turn = turn_for(context, **repository);
    if (!turn) return turn.error();
    Pass pass = look_at_servers(context, emit);
    auto databases = ours(pass.observed, (*repository)->name, *environments);
    if (arguments.has("component"))
      std::erase_if(databases, [&](const Ours& one) {
        return one.at.place.component.text() != arguments.text("component");
      });
    auto steps = renewal(databases, pass.observed, now());
    if (!steps) return steps.error();
    auto done = carry_out_steps(context, pass, *std::move(steps), emit);
    if (!done || done->exit != kOk) return done;
  }
  Arguments again;
  again.put("repository", arguments.text("repository"));
  again.put("branch", arguments.all("branch"));
  return apply(context, again, emit);
}

}  // namespace bough::operations
