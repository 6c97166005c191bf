#include "tests/bench/project.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/bench/spawn.h"

namespace bough::bench {
namespace {

std::string data_of(const std::string& text) {
  return fmt::format("data {}\n{}\n", text.size(), text);
}

std::string commit_to(const std::string& branch) {
  return fmt::format("commit refs/heads/{}\ncommitter b <b@example.com> 1700000000 +0000\n{}",
                     branch, data_of("Change " + branch));
}

std::string file(const std::string& path, const std::string& text) {
  return fmt::format("M 100644 inline {}\n{}", path, data_of(text));
}

}  // namespace

std::string Ground::conninfo(const std::string& user, const std::string& secret,
                             const std::string& database) const {
  return fmt::format(
      "host=127.0.0.1 port={} user={} password={} dbname={} sslmode=disable "
      "gssencmode=disable",
      port, user, secret, database);
}

Connection Ground::admin() const {
  return Connection(conninfo("postgres", password, "postgres"));
}

const std::vector<std::string>& migrations() {
  static const std::vector<std::string> all = {
      "BEGIN;\n"
      "CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
      "  email text NOT NULL UNIQUE, created_at timestamptz NOT NULL DEFAULT now());\n"
      "COMMIT;\n",
      "BEGIN;\n"
      "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
      "  customer_id bigint NOT NULL REFERENCES customers, total numeric(12, 2) NOT NULL);\n"
      "COMMIT;\n",
      "BEGIN;\n"
      "CREATE INDEX orders_customer ON orders (customer_id);\n"
      "ALTER TABLE customers ADD COLUMN name text NOT NULL DEFAULT '';\n"
      "COMMIT;\n",
      "BEGIN;\n"
      "CREATE VIEW spending AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY 1;\n"
      "COMMIT;\n",
      "BEGIN;\n"
      "INSERT INTO customers (email, name) VALUES ('ada@example.com', 'Ada');\n"
      "INSERT INTO orders (customer_id, total) SELECT id, 12.5 FROM customers;\n"
      "COMMIT;\n"};
  return all;
}

void set_on_server(const Ground& ground, const std::string& name, const std::string& value) {
  Connection admin = ground.admin();
  admin.run("ALTER SYSTEM SET " + name + " = " + literal(value));
  admin.run("SELECT pg_reload_conf()");
  // A new connection has the new value once the postmaster has read it; idle ones follow as soon as
  // they are spoken to.
  while (ground.admin().run("SELECT current_setting(" + literal(name) + ")") != value)
    std::this_thread::yield();
}

Project::Project(const Ground& ground, const std::string& app, Transport transport)
    : ground_(ground), app_(app), transport_(transport) {
  std::filesystem::create_directories(folder());
  run({{"git", "init", "--quiet", "--bare", "--initial-branch=main", remote()}});
  std::string stream = commit_to("main");
  stream +=
      file("app.yaml", fmt::format("name: {}\ndatabases:\n  - name: db\n    engine: PG\n", app));
  for (std::size_t i = 0; i < migrations().size(); ++i)
    stream += file(fmt::format("migrations/{}.sql", i + 1), migrations()[i]);
  import(stream);
}

std::string Project::url() const {
  if (transport_ == Transport::file) return "file://" + remote();
  return fmt::format("git://127.0.0.1:{}/{}/remote.git", ground_.git_port, app_);
}

std::string Project::database(const std::string& branch) const {
  return branch == "main" ? app_ + "-production" : app_ + "--" + branch;
}

std::string Project::migration_command() const {
  std::string command = ground_.psql + " -X -q -v ON_ERROR_STOP=1";
  for (std::size_t i = 0; i < migrations().size(); ++i)
    command += fmt::format(" -f migrations/{}.sql", i + 1);
  return command;
}

void Project::import(const std::string& stream) const {
  const std::string path = folder() + "/stream";
  std::ofstream(path, std::ios::binary) << stream;
  run({{"git", "-C", remote(), "fast-import", "--quiet"}, "", {}, path});
}

void Project::push(const Branches& branches) const {
  std::string stream;
  for (const std::string& branch : branches)
    stream += commit_to(branch) + "from refs/heads/main^0\n" + file("branch.txt", branch);
  import(stream);
}

void Project::verify(const Branches& branches) const {
  Connection admin = ground_.admin();
  for (const std::string& branch : branches) {
    const std::string name = database(branch);
    const std::string owner =
        admin.run(fmt::format("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = {}"
                              " AND NOT has_database_privilege('public', oid, 'CONNECT')",
                              literal(name)));
    if (owner != name) give_up(name + " was not made, or is open to everybody");
    Connection inside(ground_.conninfo("postgres", ground_.password, name));
    if (inside.run("SELECT total FROM spending") != "12.50") give_up(name + " is not migrated");
  }
}

void Project::remove(const Branches& branches) const {
  Connection admin = ground_.admin();
  std::string gone;
  // To drop a database the server writes everything of all others out: not to the disk, please.
  set_on_server(ground_, "fsync", "off");
  for (const std::string& branch : branches) {
    const std::string name = identifier(database(branch));
    admin.run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    admin.run("DROP ROLE IF EXISTS " + name);
    gone += "delete refs/heads/" + branch + "\n";
  }
  set_on_server(ground_, "fsync", "on");
  const std::string path = folder() + "/stream";
  std::ofstream(path) << gone;
  run({{"git", "-C", remote(), "update-ref", "--stdin"}, "", {}, path});
}

}  // namespace bough::bench
