#include "tests/bench/floor.h"

#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/bench/spawn.h"

namespace bough::bench {
namespace {

constexpr std::size_t kAtOnce = 4;
constexpr const char* kPassword = "a-password-of-32-characters-here";

}  // namespace

Floor::Floor(const Ground& ground, const std::string& app, Tool tool, Transport transport)
    : Contestant(ground, app, transport),
      tool_(tool),
      mirror_(project().folder() + "/mirror.git"),
      checkout_(project().folder() + "/checkout") {
  run({{"git", "clone", "--quiet", "--mirror", project().url(), mirror_}});
  std::filesystem::create_directories(checkout_ + "/migrations");
  for (std::size_t i = 0; i < migrations().size(); ++i)
    std::ofstream(fmt::format("{}/migrations/{}.sql", checkout_, i + 1)) << migrations()[i];
  for (std::size_t i = 0; i < kAtOnce; ++i) admins_.push_back(ground.admin());
  known_.insert("main");
}

/// The branches that the last fetch brought, which Git leaves as a file each.
Branches Floor::unknown() {
  Branches found;
  for (const auto& entry : std::filesystem::directory_iterator(mirror_ + "/refs/heads"))
    if (known_.insert(entry.path().filename()).second) found.push_back(entry.path().filename());
  return found;
}

void Floor::catch_up(const Branches&) {
  run({{"git", "-C", mirror_, "fetch", "--quiet", "--prune"}});
  const Branches found = unknown();
  std::atomic<std::size_t> next = 0;
  const auto work = [&](Connection& admin) {
    for (std::size_t i = next++; i < found.size(); i = next++) make(admin, found[i]);
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < std::min(kAtOnce, found.size()); ++i)
    threads.emplace_back([&, i] { work(admins_[i]); });
  work(admins_[0]);
}

void Floor::make(Connection& admin, const std::string& branch) {
  const std::string name = project().database(branch);
  const std::string id = identifier(name);
  const std::string note = literal("made for branch " + branch);
  admin.run(
      fmt::format("BEGIN; CREATE ROLE {0} LOGIN PASSWORD {1} CONNECTION LIMIT 20;"
                  " COMMENT ON ROLE {0} IS {2}; COMMIT",
                  id, literal(kPassword), note));
  admin.run(fmt::format("CREATE DATABASE {0} OWNER {0} TEMPLATE template0", id));
  admin.run(
      fmt::format("BEGIN; REVOKE ALL ON DATABASE {0} FROM PUBLIC;"
                  " GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {0} TO {0};"
                  " COMMENT ON DATABASE {0} IS {1}; COMMIT",
                  id, note));
  migrate(name, kPassword);
}

void Floor::migrate(const std::string& name, const std::string& password) {
  const Ground& ground = project().ground();
  if (tool_ == Tool::psql)
    return run({{"/bin/sh", "-c", project().migration_command()},
                checkout_,
                {{"PGHOST", "127.0.0.1"},
                 {"PGPORT", std::to_string(ground.port)},
                 {"PGUSER", name},
                 {"PGPASSWORD", password},
                 {"PGDATABASE", name},
                 {"PGSSLMODE", "disable"}}});
  Connection inside(ground.conninfo(name, password, name));
  for (const std::string& text : migrations()) inside.run(text);
}

void Floor::look() {
  // The newer protocol loses 40 ms to delayed acknowledgements when a git daemon answers.
  run({{"git", "-c", "protocol.version=0", "ls-remote", "--heads", project().url()}});
  admins_[0].run(
      "SELECT d.datname, r.rolname, s.description FROM pg_database d"
      " JOIN pg_authid r ON r.oid = d.datdba LEFT JOIN pg_shdescription s"
      " ON s.objoid = d.oid AND s.classoid = 'pg_database'::regclass");
}

}  // namespace bough::bench
