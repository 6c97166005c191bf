#include "provisioners/postgres/transfer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <sstream>

#include "provisioners/postgres/child.h"
#include "provisioners/postgres/connecting.h"
#include "provisioners/postgres/files.h"
#include "provisioners/postgres/giving_way.h"
#include "provisioners/postgres/layout.h"
#include "provisioners/postgres/login.h"

namespace bough::postgres {
namespace {

/// libpq's variables: nothing of a login is shown in the process list.
std::vector<std::string> environment_of(const Endpoint& endpoint) {
  std::vector<std::string> all{"PGHOST=" + endpoint.host,
                               fmt::format("PGPORT={}", endpoint.port),
                               "PGDATABASE=" + endpoint.database,
                               "PGUSER=" + endpoint.user,
                               "PGPASSWORD=" + endpoint.password,
                               "PGCLIENTENCODING=UTF8",
                               "PGCONNECT_TIMEOUT=20",
                               "PGOPTIONS=-c statement_timeout=0 -c lock_timeout=30s"};
  if (!endpoint.sslmode.empty()) all.push_back("PGSSLMODE=" + endpoint.sslmode);
  return all;
}

/// The certificate of the server's authority in a file, while it lives.
class AuthorityFile {
 public:
  static Result<AuthorityFile> write(const Endpoint& endpoint, const std::string& beside) {
    if (endpoint.ca_cert.empty()) return AuthorityFile("");
    const std::string path = beside + ".ca";
    if (auto written = write_file(path, endpoint.ca_cert, 0644); !written) return written.error();
    return AuthorityFile(path);
  }
  AuthorityFile(AuthorityFile&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  AuthorityFile& operator=(AuthorityFile&&) = delete;
  ~AuthorityFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }
  void add_to(std::vector<std::string>& environment) const {
    if (!path_.empty()) environment.push_back("PGSSLROOTCERT=" + path_);
  }

 private:
  explicit AuthorityFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Result<std::string> run_tool(const Transfer& with, std::vector<std::string> words,
                             const std::vector<std::string>& environment) {
  const std::string name = words.front();
  words.front() = with.programs.folder + "/" + name;
  if (!environment.empty()) words.insert(words.begin() + 1, {"-d", target_of(environment)});
  Child tool{std::move(words), "/", "", with.user, environment};
  tool.stopping = with.stopping;
  auto ended = run(tool);
  if (!ended) return ended.error();
  if (ended->status == 0) return std::move(ended->output);
  return Error{Fault::broken, fmt::format("{} failed: {}", name, last_lines(ended->output, 5))};
}

/// By which a dump is found among the server's sessions, of which those of other machines may be.
std::string next_name() {
  static std::atomic<int> count{0};
  return fmt::format("bough copy {} of {}", ++count, application_name()).substr(0, 63);
}

std::vector<std::string> dump_words(Parts parts, const Omissions& omitted,
                                    const std::string& file) {
  std::vector<std::string> words{
      "pg_dump", "-Fc", "--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions",
      "-f",      file};
  if (parts == Parts::schema) words.push_back("--schema-only");
  if (omitted.large_objects) words.push_back("--no-blobs");
  for (const std::string& table : omitted.rows_of) words.push_back("--exclude-table-data=" + table);
  return words;
}

std::string filtered(std::string_view text, const std::function<bool(std::string_view)>& keep) {
  std::string result;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);)
    if (keep(line)) result += line + "\n";
  return result;
}

/// `215; 1259 16391 TABLE public orders shop`: what it is follows three numbers.
bool is_groundwork(std::string_view line) {
  for (int i = 0; i < 3; ++i) line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
  return line.starts_with("SCHEMA - ") || line.starts_with("EXTENSION - ") ||
         line.starts_with("COMMENT - SCHEMA ") || line.starts_with("COMMENT - EXTENSION ");
}

}  // namespace

Result<Transfer> transfer_for(int version, const std::vector<std::string>& configured,
                              const std::optional<RunUser>& user) {
  std::optional<Programs> best;
  for (const Programs& one : find_programs(configured, user))
    if (one.version >= version && access((one.folder + "/pg_dump").c_str(), X_OK) == 0) best = one;
  if (best) return Transfer{*best, user, {}};
  return Error{Fault::missing,
               fmt::format("there is no pg_dump that reads PostgreSQL {0}: install postgresql-{0}, "
                           "or name the folder of such programs under dev.binaries",
                           version)};
}

Result<void> dump(const Transfer& with, const Endpoint& from, Parts parts, const Omissions& omitted,
                  const std::string& file) {
  auto authority = AuthorityFile::write(from, file);
  if (!authority) return authority.error();
  auto login = login_of(from, authority->path());
  if (!login) return login.error();
  auto watcher = Session::open(*login);
  if (!watcher) return within("reading " + from.database, watcher.error());
  auto environment = environment_of(from);
  authority->add_to(environment);
  const std::string name = next_name();
  environment.push_back("PGAPPNAME=" + name);
  GivingWay giving_way(*std::move(watcher), name);
  auto done = run_tool(with, dump_words(parts, omitted, file), environment);
  if (giving_way.gave_way())
    return Error{
        Fault::unavailable,
        "the copy gave way to a session of production that waited for its lock; try again"};
  return done ? Result<void>() : within("reading " + from.database, done.error());
}

std::string entries_of(std::string_view contents, Entries entries) {
  return filtered(contents, [entries](std::string_view line) {
    return !line.starts_with(';') && is_groundwork(line) == (entries == Entries::groundwork);
  });
}

namespace {

/// Restores the entries of an archive, all or nothing. `more` goes to pg_restore.
Result<void> restore_entries(const Transfer& with, const std::string& file, const Endpoint& to,
                             Entries entries, const std::vector<std::string>& more) {
  auto contents = run_tool(with, {"pg_restore", "-l", file}, {});
  if (!contents) return contents.error();
  const std::string list = file + ".list";
  if (auto written = write_file(list, entries_of(*contents, entries), 0644); !written)
    return written;
  std::vector<std::string> words{
      "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
      "-L",         list};
  words.insert(words.end(), more.begin(), more.end());
  words.push_back(file);
  auto authority = AuthorityFile::write(to, file);
  if (!authority) return authority.error();
  auto environment = environment_of(to);
  authority->add_to(environment);
  auto done = run_tool(with, std::move(words), environment);
  unlink(list.c_str());
  return done ? Result<void>() : within("filling " + to.database, done.error());
}

}  // namespace

Result<void> restore(const Transfer& with, const std::string& file, const Endpoint& to,
                     Entries entries) {
  return restore_entries(with, file, to, entries, {});
}

Result<void> restore(const Transfer& with, const std::string& file, const Endpoint& to,
                     Section section) {
  return restore_entries(with, file, to, Entries::rest,
                         section == Section::rows
                             ? std::vector<std::string>{"--section=pre-data", "--section=data"}
                             : std::vector<std::string>{"--section=post-data"});
}

std::string statements_of(std::string_view dump) {
  return filtered(dump, [](std::string_view line) {
    return !line.empty() && !line.starts_with("--") && !line.starts_with("SET ") &&
           !line.starts_with("\\") && !line.starts_with("SELECT pg_catalog.set_config(");
  });
}

Result<std::string> definitions(const Transfer& with, const Endpoint& of) {
  auto text = run_tool(with,
                       {"pg_dump", "--schema-only", "--no-owner", "--no-privileges",
                        "--no-publications", "--no-subscriptions"},
                       environment_of(of));
  if (!text) return within("reading the definitions of " + of.database, text.error());
  return statements_of(*text);
}

}  // namespace bough::postgres
