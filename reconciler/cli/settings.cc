#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/documents.h"
#include "spec/config_text.h"

/// The configuration by command: what `bough.yaml` may say is kept in the journal instead.
namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

void put(Json& to, const char* key, const std::string& text) {
  if (!text.empty()) to[key] = text;
}

void put_file(Json& to, const char* key, const std::string& path) {
  if (!path.empty()) to[key] = {{"file", path}};
}

void put_password(Json& to, const SecretArguments& secret) {
  if (!secret.file.empty()) to["password"] = {{"file", secret.file}};
  if (!secret.variable.empty()) to["password"] = {{"env", secret.variable}};
}

Setting setting_of(const RepoArguments& repo) {
  Json entry{{"name", repo.name}, {"url", repo.url}};
  Json login = Json::object();
  put(login, "username", repo.username);
  put_password(login, repo.password);
  put_file(login, "ssh_key", repo.ssh_key);
  put_file(login, "known_hosts", repo.known_hosts);
  put_file(login, "ca_cert", repo.ca_cert);
  if (!login.empty()) entry["credentials"] = login;
  put(entry, "production_branch", repo.production_branch);
  put(entry, "spec", repo.spec);
  Json branches = Json::object();
  if (!repo.include.empty()) branches["include"] = repo.include;
  if (!repo.exclude.empty()) branches["exclude"] = repo.exclude;
  if (!branches.empty()) entry["branches"] = branches;
  put(entry, "build_command", repo.build_command);
  return {SettingKind::repository, repo.name, entry.dump()};
}

Setting setting_of(const LinkArguments& link) {
  Json entry{{"name", link.name}, {"engine", link.engine}, {"url", link.url}};
  put_password(entry, link.password);
  put_file(entry, "ca_cert", link.ca_cert);
  return {SettingKind::instance, link.name, entry.dump()};
}

Setting setting_of(const AssignArguments& assign) {
  Json entry{{"instance", assign.instance}};
  put(entry, "migration_command", assign.migration_command);
  return {SettingKind::assignment, assign.repository, entry.dump()};
}

/// Says what was done; `then` is what follows from it.
int tell(const Globals& globals, SettingKind kind, const std::string& name, const char* done,
         const std::string& then) {
  if (globals.json)
    fmt::print("{}\n", Json{{"format_version", kFormatVersion},
                            {"kind", word_of(kind)},
                            {"name", name},
                            {"done", done},
                            {"message", then}}
                           .dump(2));
  else
    fmt::print("{} {} is {}{}{}\n", word_of(kind), printable(name), done, then.empty() ? "" : ": ",
               then);
  return kOk;
}

/// The settings with this one in the place of the earlier one.
std::vector<Setting> with(std::vector<Setting> settings, const Setting& setting) {
  std::erase_if(settings, [&](const Setting& one) {
    return one.kind == setting.kind && one.name == setting.name;
  });
  settings.push_back(setting);
  return settings;
}

Result<void> keep(Installation& installation, const Setting& setting) {
  auto journal = installation.journal(Installation::Dev::create);
  if (!journal) return journal.error();
  auto kept = (*journal)->settings();
  if (!kept) return kept.error();
  if (auto fits = installation.check_settings(with(*kept, setting)); !fits) return fits;
  return (*journal)->keep(setting);
}

/// Fault::missing, saying where it is set instead, when no command set it.
Result<void> discard(Installation& installation, SettingKind kind, const std::string& name) {
  auto journal = installation.journal();
  if (!journal) return journal.error();
  auto done = *journal ? (*journal)->discard(kind, name) : Result<bool>(false);
  if (!done) return done.error();
  if (*done) return {};
  return Error{Fault::missing,
               fmt::format("no {} {} was set by command; what {} says is changed there",
                           word_of(kind), printable(name), installation.config_file())};
}

/// A connection with what is to be linked, before it is kept.
Result<std::string> try_connection(Installation& installation, const LinkArguments& link) {
  auto name = InstanceName::parse(link.name);
  if (!name) return name.error();
  ServerAccess access{*name, link.url, std::nullopt, ""};
  if (!link.ca_cert.empty()) access.ca_cert_file = resolve(installation.workspace(), link.ca_cert);
  std::optional<SecretSource> source;
  if (!link.password.file.empty()) source = FromFile{link.password.file};
  if (!link.password.variable.empty()) source = FromEnvironment{link.password.variable};
  if (source) {
    auto password = read_secret(installation.workspace(), *source);
    if (!password) return password.error();
    access.password = *std::move(password);
  }
  const EngineDriver* driver = driver_for(parse_engine(link.engine).value_or(Engine::pg));
  if (!driver) return Error{Fault::invalid, "engine " + link.engine + " is not served"};
  return driver->connect(access, installation.key(), 1)->test();
}

/// Repositories that name the instance.
std::string assigned_to(const Installation& installation, const std::string& instance) {
  std::string names;
  for (const RepositoryConfig& repository : installation.config().repositories)
    if (repository.instance && repository.instance->text() == instance)
      names += (names.empty() ? "" : ", ") + repository.name.text();
  return names;
}

}  // namespace

int add_repository(const Globals& globals, const RepoArguments& arguments) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  if (auto kept = keep(*session->installation, setting_of(arguments)); !kept)
    return complain(kept.error());
  return tell(globals, SettingKind::repository, arguments.name, "added",
              "bough plan " + arguments.name + " shows what follows");
}

int remove_repository(const Globals& globals, const std::string& name) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  Installation& installation = *session->installation;
  if (auto gone = discard(installation, SettingKind::repository, name); !gone)
    return complain(gone.error());
  static_cast<void>(discard(installation, SettingKind::assignment, name));
  return tell(globals, SettingKind::repository, name, "removed",
              "its databases stay as they are, and nobody looks after them");
}

int link(const Globals& globals, const LinkArguments& arguments) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  Installation& installation = *session->installation;
  std::string version = "not tried";
  if (!arguments.untried) {
    auto tried = try_connection(installation, arguments);
    if (!tried) return complain(within("not linked", tried.error()));
    version = "version " + *tried;
  }
  if (auto kept = keep(installation, setting_of(arguments)); !kept) return complain(kept.error());
  return tell(globals, SettingKind::instance, arguments.name, "linked", version);
}

int unlink(const Globals& globals, const std::string& name) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  const std::string users = assigned_to(*session->installation, name);
  if (!users.empty())
    return complain({Fault::refused, fmt::format("instance {} is assigned to {}; bough unassign "
                                                 "first",
                                                 printable(name), users)});
  if (auto gone = discard(*session->installation, SettingKind::instance, name); !gone)
    return complain(gone.error());
  return tell(globals, SettingKind::instance, name, "unlinked", "its databases stay as they are");
}

int assign(const Globals& globals, const AssignArguments& arguments) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  if (!session->installation->repository(arguments.repository))
    return complain({Fault::missing, "there is no repository " + printable(arguments.repository)});
  if (auto kept = keep(*session->installation, setting_of(arguments)); !kept)
    return complain(kept.error());
  return tell(globals, SettingKind::assignment, arguments.repository, "made",
              "bough plan " + arguments.repository + " shows what follows");
}

int unassign(const Globals& globals, const std::string& repository) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  if (auto gone = discard(*session->installation, SettingKind::assignment, repository); !gone)
    return complain(gone.error());
  return tell(globals, SettingKind::assignment, repository, "removed",
              "its databases on the instance stay as they are");
}

int export_config(const Globals& globals) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  const std::string text = to_yaml(session->installation->config());
  if (globals.json)
    fmt::print("{}\n", Json{{"format_version", kFormatVersion}, {"bough.yaml", text}}.dump(2));
  else
    fmt::print("{}", text);
  return kOk;
}

}  // namespace bough::cli
