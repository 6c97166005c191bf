#include "provisioners/postgres/stage.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "provisioners/postgres/login.h"
#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/scram.h"

namespace bough::postgres {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kPrefix = "stage.";

/// Of no other server, so that what a migration learns here opens nothing elsewhere.
Result<Key> random_key() {
  std::array<std::uint8_t, 32> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()))
    return Key(bytes);
  return Error{Fault::broken, "there are no random bytes"};
}

std::string lock_of(const std::string& folder) {
  return folder + ".lock";
}

void remove_stage(const std::string& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  fs::remove(lock_of(folder), ignored);
}

/// What killed processes left: a server may still run there, whose data folder tells it.
void remove_abandoned(const StageRequest& request) {
  std::error_code wrong;
  std::vector<std::string> folders;
  for (fs::directory_iterator entry(request.folder, wrong), end; !wrong && entry != end;
       entry.increment(wrong))
    if (entry->path().filename().string().starts_with(kPrefix) && entry->is_directory(wrong))
      folders.push_back(entry->path().string());
  auto key = random_key();
  for (const std::string& folder : folders) {
    auto lock = FileLock::take(lock_of(folder), std::chrono::milliseconds(0));
    if (!lock || !key) continue;
    Host host({folder, *key, request.binaries, request.user});
    for (const DevHost::Status& status : host.status())
      if (status.created) static_cast<void>(host.stop(status.instance));
    remove_stage(folder);
  }
}

Endpoint with_database(const ServerAccess& access, const Login& login, const std::string& name,
                       const Key& key, int generation) {
  return {Engine::pg,
          login.clients.host,
          login.clients.port,
          name,
          name,
          key.password(access.instance.text(), name, generation).reveal(),
          login.clients.sslmode,
          login.clients.ca_cert};
}

}  // namespace

PrivateStage::PrivateStage(const StageRequest& request, std::string folder, FileLock lock,
                           const Key& key)
    : request_(request),
      folder_(std::move(folder)),
      lock_(std::move(lock)),
      key_(key),
      host_({folder_, key_, request.binaries, request.user}),
      instance_(host_.instance_for(std::to_string(request.version))),
      access_{instance_, "", std::nullopt, ""} {}

PrivateStage::~PrivateStage() {
  watching_.reset();
  static_cast<void>(host_.stop(instance_));
  remove_stage(folder_);
}

Result<std::unique_ptr<Stage>> PrivateStage::open(const StageRequest& request) {
  std::error_code wrong;
  fs::create_directories(request.folder, wrong);
  if (wrong) return Error{Fault::broken, "making " + request.folder + ": " + wrong.message()};
  auto key = random_key();
  if (!key) return key.error();
  // Nobody may take a folder for abandoned between its making and its lock.
  auto turn = FileLock::take(request.folder + "/lock", std::chrono::seconds(60));
  if (!turn) return turn.error();
  remove_abandoned(request);
  std::string folder = fmt::format("{}/{}XXXXXX", request.folder, kPrefix);
  if (mkdtemp(folder.data()) == nullptr || chmod(folder.c_str(), 0755) != 0)
    return Error{Fault::broken, fmt::format("making {}: {}", folder, std::strerror(errno))};
  auto lock = FileLock::take(lock_of(folder), std::chrono::seconds(1));
  if (!lock) return lock.error();
  std::unique_ptr<PrivateStage> stage(new PrivateStage(request, folder, *std::move(lock), *key));
  if (auto started = stage->start(); !started) return started.error();
  return std::unique_ptr<Stage>(std::move(stage));
}

Result<void> PrivateStage::start() {
  auto access = host_.ensure(instance_);
  if (!access) return access.error();
  access_ = *std::move(access);
  auto login = admin("postgres");
  if (!login) return login.error();
  auto session = Session::open(*login);
  if (!session) return session.error();
  // Commit times tell how long locks were kept; nothing but the migration is to take any.
  for (const char* setting : {"track_commit_timestamp = on", "autovacuum = off"})
    if (auto set = (*session)->run(fmt::format("ALTER SYSTEM SET {};", setting)); !set)
      return set.error();
  session->reset();
  if (auto stopped = host_.stop(instance_); !stopped) return stopped;
  access = host_.ensure(instance_);
  if (!access) return access.error();
  access_ = *std::move(access);
  return {};
}

/// The superuser's login to one database of the stage.
Result<Login> PrivateStage::admin(const std::string& database) const {
  ServerAccess access = access_;
  constexpr std::string_view kDatabase = "@/postgres?";
  access.url.replace(access.url.find(kDatabase), kDatabase.size(), "@/" + database + "?");
  return login_for(access);
}

Result<Endpoint> PrivateStage::empty(const std::string& name) {
  auto login = admin("postgres");
  if (!login) return login.error();
  auto session = Session::open(*login);
  if (!session) return session.error();
  const Endpoint endpoint = with_database(access_, *login, name, key_, ++generation_);
  const std::string quoted = identifier(name);
  const std::string verifier = literal(scram_verifier(Secret(endpoint.password)));
  const std::vector<std::string> statements{
      fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE);", quoted),
      fmt::format("DROP ROLE IF EXISTS {};", quoted),
      fmt::format("CREATE ROLE {} LOGIN PASSWORD {};", quoted, verifier),
      fmt::format("CREATE DATABASE {0} OWNER {0};", quoted),
      fmt::format("REVOKE ALL ON DATABASE {} FROM PUBLIC;", quoted)};
  for (const std::string& statement : statements)
    if (auto done = (*session)->run(statement); !done) return done.error();
  return endpoint;
}

/// Extensions, and the schemas they may live in, take a superuser; the rest is the login's own.
Result<void> PrivateStage::fill(const Transfer& with, const std::string& file, const Endpoint& to) {
  Endpoint admin_of = to;
  admin_of.user = "bough";
  admin_of.password = access_.password->reveal();
  if (auto laid = restore(with, file, admin_of, Entries::groundwork); !laid) return laid;
  auto login = admin(to.database);
  if (!login) return login.error();
  auto session = Session::open(*login);
  if (!session) return session.error();
  auto schemas = (*session)->run(
      "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT "
      "IN ('public', 'information_schema');");
  if (!schemas) return schemas.error();
  for (const Row& row : *schemas)
    if (auto given = (*session)->run(fmt::format(
            "ALTER SCHEMA {} OWNER TO {};", identifier(row[0].value_or("")), identifier(to.user)));
        !given)
      return given.error();
  return restore(with, file, to, Entries::rest);
}

/// What copies; it ends when the rehearsal is to end.
Result<Transfer> PrivateStage::tools() const {
  auto transfer = transfer_for(request_.version, request_.binaries, request_.user);
  if (transfer) transfer->stopping = request_.stopping;
  return transfer;
}

Result<void> PrivateStage::copy(const Endpoint& from, const Endpoint& to, Content content) {
  auto transfer = tools();
  if (!transfer) return transfer.error();
  const std::string folder = folder_ + "/copy";
  if (auto made = make_folder(folder, 0700, request_.user); !made) return made;
  const std::string file = folder + "/archive";
  const Parts parts = content == Content::data ? Parts::all : Parts::schema;
  auto done = dump(*transfer, from, parts, {}, file);
  if (done) done = fill(*transfer, file, to);
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return done;
}

Result<void> PrivateStage::watch(const Endpoint& at) {
  auto login = admin(at.database);
  if (!login) return login.error();
  auto watching = Watching::begin(*login);
  if (!watching) return within("watching " + at.database, watching.error());
  watching_ = *std::move(watching);
  return {};
}

Result<Sightings> PrivateStage::sightings() {
  auto found = watching_->end();
  watching_.reset();
  return found;
}

Result<std::string> PrivateStage::structure(const Endpoint& of) {
  auto transfer = tools();
  if (!transfer) return transfer.error();
  return definitions(*transfer, of);
}

}  // namespace bough::postgres
