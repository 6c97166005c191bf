#include "tests/bench/scenarios.h"

#include <fmt/format.h>
#include <unistd.h>

#include <functional>

#include "tests/bench/table.h"

namespace bough::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kGoalOne = 1.3;
constexpr double kGoalMany = 1.2;
constexpr double kGoalPass = 1.2;

/// Somebody in a table.
struct Entry {
  Contestant& who;
  Row row;
  std::vector<double> passes{};
};

std::vector<Entry> entries(Lineup& lineup, double goal) {
  return {{lineup.floor, {"floor: git and libpq", Part::floor}},
          {lineup.floor_with_psql, {"floor, migrating with psql", Part::floor_with_tool}},
          {lineup.peer, {"peer: a script for CI", Part::peer}},
          {lineup.resident, {"bough, resident", Part::bough, goal}},
          {lineup.sandboxed, {"bough, resident, with sandbox"}},
          {lineup.command_line, {"bough apply, a whole process"}}};
}

std::vector<Row> rows_of(const std::vector<Entry>& all) {
  std::vector<Row> rows;
  for (const Entry& entry : all) rows.push_back(entry.row);
  return rows;
}

Branches named(const std::string& prefix, int count) {
  Branches branches;
  for (int i = 0; i < count; ++i) branches.push_back(fmt::format("{}{}", prefix, i));
  return branches;
}

/// Pushes, times, checks; `after` sees the branches before they are removed.
void bout(Entry& entry, const Branches& branches, const std::function<void()>& after) {
  const Project& project = entry.who.project();
  project.push(branches);
  // What others have written meanwhile must not wait for the disk on somebody's time.
  sync();
  entry.row.times.push_back(timed([&] { entry.who.catch_up(branches); }));
  project.verify(branches);
  after();
  project.remove(branches);
  entry.who.catch_up({});
}

/// Calls `round(number)` as often as the effort allows.
void repeat(const Effort& effort, const std::function<void(int)>& round) {
  const auto start = Clock::now();
  for (int i = 0; i < effort.rounds; ++i) {
    const auto used = Clock::now() - start;
    // One more round must fit in as well.
    if (i > 0 && used + used / i > effort.longest) return;
    round(i);
  }
}

void tell_traffic(const std::string& name, Contestant& who, const std::string& branch) {
  const Ground& ground = who.project().ground();
  who.project().push({branch});
  {
    const MessageLog log(ground);
    const Traffic before = traffic(ground);
    who.catch_up({branch});
    print_traffic(name, traffic(ground) - before);
  }
  who.project().remove({branch});
  who.catch_up({});
}

Parts parts_of(Resident& resident, const Branches& branches) {
  Parts parts;
  for (const std::string& branch : branches) {
    resident.project().push({branch});
    sync();
    resident.take_apart(parts);
    resident.project().remove({branch});
    resident.catch_up({});
  }
  return parts;
}

void pass_over(Entry& entry, int times) {
  entry.who.look();
  for (int i = 0; i < times; ++i) entry.passes.push_back(timed([&] { entry.who.look(); }));
}

std::vector<Row> rows_of_passes(const std::vector<Entry>& all) {
  std::vector<Row> rows;
  for (const Entry& entry : all) {
    if (entry.passes.empty()) continue;
    Row row = entry.row;
    if (row.goal) row.goal = kGoalPass;
    row.times = entry.passes;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

Lineup::Lineup(const Ground& ground)
    : floor(ground, "floor", Floor::Tool::none),
      floor_with_psql(ground, "floor-psql", Floor::Tool::psql),
      peer(ground, "peer"),
      resident(ground, "resident", {}),
      sandboxed(ground, "sandboxed", {"required", true, Transport::file}),
      command_line(ground, "process") {}

void one_branch(Lineup& lineup, const Effort& effort) {
  std::vector<Entry> all = entries(lineup, kGoalOne);
  for (Entry& entry : all) bout(entry, {"warm-up"}, [] {});
  for (Entry& entry : all) entry.row.times.clear();
  repeat(effort, [&](int round) {
    for (Entry& entry : all) bout(entry, {fmt::format("one-{}", round)}, [] {});
  });
  print_table("One new branch, from push to migrated", rows_of(all));
  print_parts("Where bough's time goes, without a sandbox",
              parts_of(lineup.resident, named("part-", effort.rounds)));
  print_parts("With the sandbox", parts_of(lineup.sandboxed, named("part-", effort.rounds)));
  fmt::print("\nWhat one new branch asks of others\n");
  tell_traffic("floor", lineup.floor, "count");
  tell_traffic("bough", lineup.resident, "count");
}

void fifty_branches(Lineup& lineup, const Effort& effort) {
  std::vector<Entry> all = entries(lineup, kGoalMany);
  repeat(effort, [&](int round) {
    for (Entry& entry : all) {
      const Part part = entry.row.part;
      if (part == Part::peer && round > 0) continue;  // it takes as long as all others
      bout(entry, named(fmt::format("r{}-", round), 50), [&] {
        if (part == Part::floor_with_tool) return;  // as the floor
        pass_over(entry, part == Part::peer ? 1 : 5);
      });
    }
  });
  print_table("50 new branches at once", rows_of(all));
  print_table("A pass without a change over 50 branches", rows_of_passes(all));
}

void wide_repository(const Ground& ground, int branches) {
  const Branches names = named("wide-", branches);
  Floor floor(ground, "wide-floor", Floor::Tool::none, Transport::daemon);
  Resident resident(ground, "wide", {"off", false, Transport::daemon});
  floor.project().push(names);
  resident.project().push(names);
  // Only the setting up: what is timed reads.
  set_on_server(ground, "fsync", "off");
  resident.catch_up({});
  set_on_server(ground, "fsync", "on");
  ground.admin().run("CHECKPOINT");
  Row floor_row{"floor: git and libpq", Part::floor};
  Row row{"bough, resident", Part::bough, kGoalPass};
  resident.look();
  for (int i = 0; i < 10; ++i) {
    floor_row.times.push_back(timed([&] { floor.look(); }));
    row.times.push_back(timed([&] { resident.look(); }));
  }
  print_table(fmt::format("A pass without a change over {} branches, by git daemon", branches),
              {floor_row, row});
  const MessageLog log(ground);
  const Traffic before = traffic(ground);
  resident.look();
  print_traffic("bough, one such pass", traffic(ground) - before);
  Parts parts;
  for (int i = 0; i < 5; ++i) resident.take_apart(parts);
  print_parts("Where its time goes", parts);
}

}  // namespace bough::bench
