#include "reconciler/documents.h"
#include "reconciler/step_words.h"

#include <nlohmann/json.hpp>

#include "provisioners/provisioner.h"
#include "spec/ruling.h"

#ifndef BOUGH_VERSION
#error "BOUGH_VERSION comes from CMake"
#endif

namespace bough {

const char* const kVersion = BOUGH_VERSION;

namespace {

using Json = nlohmann::ordered_json;

/// What a step is called in the documents.
Json statements(const Step& step) {
  Json list = Json::array();
  if (const EngineDriver* driver = driver_for(Engine::pg))
    for (const std::string& statement : driver->render(step)) list.push_back(printable(statement));
  return list;
}

void add_home(Json& item, const Home& home) {
  item["repository"] = home.repository.text();
  item["app"] = home.app.text();
  item["environment"] = kind_of(home.environment);
  const auto* branch = std::get_if<Branch>(&home.environment);
  item["branch"] = branch ? Json(printable(branch->name.text())) : Json();
  if (const auto* preview = std::get_if<Preview>(&home.environment); preview && preview->commit)
    item["revision"] = preview->commit->text();
}

Json standing_of(const Mark& mark) {
  return {{"standing", word_of(mark.standing)},
          {"login", std::holds_alternative<Active>(mark.standing)}};
}

void add_before_and_after(Json& item, const Action& action) {
  item["before"] = Json();
  item["after"] = Json();
  if (const auto* set = std::get_if<SetStanding>(&action)) {
    item["after"] = standing_of(set->mark);
  } else if (const auto* grant = std::get_if<GrantAccess>(&action)) {
    item["after"] = standing_of(grant->mark);
    item["after"]["public_access"] = false;
  } else if (const auto* database = std::get_if<CreateDatabase>(&action)) {
    item["after"] = {{"owner", database->at.name.text()}};
  } else if (const auto* copy = std::get_if<CopyDatabase>(&action)) {
    item["after"] = {{"owner", copy->at.name.text()}, {"copy", word_of(copy->stock.what)}};
  } else if (const auto* role = std::get_if<CreateRole>(&action)) {
    item["after"] = {{"login", true}};
    if (role->limits.connections) item["after"]["connections"] = *role->limits.connections;
  } else if (const auto* aside = std::get_if<SetAside>(&action)) {
    item["before"] = {{"name", printable(aside->at.name.text())}};
    item["after"] = standing_of(aside->mark);
    item["after"]["name"] = printable(aside->mark.name.text());
  } else if (const auto* put = std::get_if<PutInPlace>(&action)) {
    item["before"] = {{"name", printable(put->at.name.text())}};
    item["after"] = standing_of(put->mark);
    item["after"]["name"] = printable(put->mark.name.text());
  } else if (const auto* move = std::get_if<MoveDatabase>(&action)) {
    item["before"] = {{"address", address(move->from.place)}};
    item["after"] = {{"address", address(move->at.place)}};
  } else if (const auto* keep = std::get_if<KeepImage>(&action)) {
    item["after"] = {{"name", printable(keep->image.name.text())}};
  } else if (std::holds_alternative<DropDatabase>(action)) {
    item["before"] = {{"exists", true}};
  }
}

Json change_document(const Step& step) {
  const StepWords words = words_of(step);
  Json item;
  const auto home = home_of(step.action);
  const auto keep = [&](const Kept& kept) {
    item["address"] = kept.stock.repository.text() + "/production/" + kept.stock.component.text();
    item["component"] = kept.stock.component.text();
    item["name"] = kept.name.text();
    item["copy"] = word_of(kept.stock.what);
  };
  std::visit(Match{[&](const StartInstance& start) {
                     item["address"] = start.instance.text();
                     item["name"] = start.instance.text();
                   },
                   [](const Build&) {}, [&](const FillTemplate& fill) { keep(fill.kept); },
                   [&](const MakeSpare& make) { keep(make.kept); },
                   [&](const DropStock& drop) { keep(drop.kept); },
                   [&](const auto& other) {
                     item["address"] = address(other.at.place);
                     item["component"] = other.at.place.component.text();
                     item["name"] = printable(other.at.name.text());
                   }},
             step.action);
  if (home) add_home(item, *home);
  const auto instance = instance_of(step.action);
  item["engine"] = word_of(Engine::pg);
  item["instance"] = instance ? Json(instance->text()) : Json();
  item["object"] = words.object;
  item["actions"] = Json::array({words.action});
  item["because"] = step.because;
  item["drift"] = step.drift;
  add_before_and_after(item, step.action);
  item["statements"] = statements(step);
  item["risk"] = words.risk;
  return item;
}

Json commands_document(const std::vector<Command>& commands) {
  Json list = Json::array();
  for (const Command& command : commands)
    list.push_back({{"command", printable(command.text)},
                    {"source_dir", printable(command.source_dir)},
                    {"origin", command.origin}});
  return list;
}

Json planned_run(const Step& step) {
  Json item;
  const auto run = run_of(step.action);
  const Home& home = run->key.home;
  const auto for_database = [&](const Target& at) {
    item["address"] = address(at.place);
    item["component"] = at.place.component.text();
    item["name"] = printable(at.name.text());
    item["instance"] = at.instance.text();
  };
  if (const auto* migrate = std::get_if<Migrate>(&step.action)) {
    for_database(migrate->at);
  } else if (const auto* seed = std::get_if<Seed>(&step.action)) {
    for_database(seed->at);
  } else {
    item["address"] = home.repository.text() + "/" + path_of(home.environment);
  }
  item["kind"] = word_of(run->kind);
  item["commit"] = run->key.commit.text();
  item["tip_of"] = printable(run->branch.text());
  item["commands"] = commands_document(run->commands);
  add_home(item, home);
  item["because"] = step.because;
  return item;
}

Json waiting_document(const Waiting& waiting) {
  Json item{{"address", waiting.home.repository.text() + "/" + path_of(waiting.home.environment)},
            {"state", "waiting"},
            {"commit", waiting.commit.text()},
            {"tip_of", printable(waiting.branch.text())},
            {"commands", commands_document(waiting.commands)}};
  add_home(item, waiting.home);
  item["because"] = waiting.because;
  return item;
}

bool is_run(const Step& step) {
  return run_of(step.action).has_value();
}

bool is_hold(const Step& step) {
  const auto* set = std::get_if<SetStanding>(&step.action);
  return set && (std::holds_alternative<Held>(set->mark.standing) ||
                 std::holds_alternative<Detached>(set->mark.standing));
}

Json summary_document(const Summary& summary) {
  return {{"create", summary.create},   {"change", summary.change},  {"hold", summary.hold},
          {"destroy", summary.destroy}, {"adopt", summary.adopt},    {"run", summary.run},
          {"waiting", summary.waiting}, {"refused", summary.refused}};
}

}  // namespace

Json diagnostics_document(const std::vector<Diagnostic>& diagnostics) {
  Json list = Json::array();
  for (const Diagnostic& one : diagnostics) {
    const Position end = std::max(one.at, one.end);
    list.push_back({{"file", printable(one.file)},
                    {"line", one.at.line},
                    {"column", one.at.column},
                    {"range",
                     {{"start", {{"line", one.at.line}, {"column", one.at.column}}},
                      {"end", {{"line", end.line}, {"column", end.column}}}}},
                    {"severity", word_of(one.severity)},
                    {"code", one.code},
                    {"message", printable(one.message)},
                    {"rule", ruling_of(one.code).rule},
                    {"fix", printable(one.fix.empty() ? ruling_of(one.code).fix : one.fix)}});
    if (!one.excerpt.line.empty())
      list.back()["excerpt"] = {{"line", printable(one.excerpt.line)},
                                {"from", one.excerpt.from},
                                {"width", one.excerpt.width}};
  }
  return list;
}

Json plan_document(const Plan& plan) {
  Json document{{"format_version", kFormatVersion},
                {"bough_version", kVersion},
                {"plan_id", plan_id(plan)},
                {"applyable", !plan.steps.empty()},
                {"drift", Json::array()},
                {"changes", Json::array()},
                {"held", Json::array()},
                {"runs", Json::array()},
                {"waiting", Json::array()},
                {"refused", Json::array()},
                {"summary", summary_document(summary_of(plan))},
                {"diagnostics", diagnostics_document(plan.diagnostics)},
                {"unapproved", unapproved_document(plan.unapproved)}};
  for (const Step& step : plan.steps) {
    if (step.drift) document["drift"].push_back(change_document(step));
    if (is_run(step))
      document["runs"].push_back(planned_run(step));
    else
      document[is_hold(step) ? "held" : "changes"].push_back(change_document(step));
  }
  document["rehearsals"] = Json::array();
  for (const RehearsalNote& note : plan.rehearsals)
    document["rehearsals"].push_back(rehearsal_note_document(note));
  for (const Waiting& waiting : plan.waiting)
    document["waiting"].push_back(waiting_document(waiting));
  for (const Refusal& refusal : plan.refused)
    document["refused"].push_back({{"address", refusal.address},
                                   {"repository", refusal.repository.text()},
                                   {"reason", printable(refusal.reason)}});
  return document;
}

Json run_document(const RunRecord& run) {
  Json item{{"id", run.id}};
  add_home(item, run.key.home);
  item["component"] = run.key.component.empty() ? Json() : Json(run.key.component);
  item["kind"] = word_of(run.kind);
  item["command"] = printable(run.command);
  item["commit"] = run.key.commit.text();
  item["state"] = word_of(run.state);
  const bool ended = run.state != RunState::queued && run.state != RunState::running &&
                     run.state != RunState::unknown;
  item["exit_code"] = ended ? Json(run.exit_code) : Json();
  item["note"] = printable(run.note);
  item["started_at"] = rfc3339(run.started_at);
  item["seconds"] = run.ended_at
                        ? Json(static_cast<double>((*run.ended_at - run.started_at).count()) / 1000)
                        : Json();
  item["log_file"] = run.log_file;
  return item;
}

Json event_document(const Event& event) {
  return {{"format_version", kFormatVersion}, {"id", event.id},           {"at", rfc3339(event.at)},
          {"repository", event.repository},   {"address", event.address}, {"kind", event.kind},
          {"message", event.message}};
}

}  // namespace bough
