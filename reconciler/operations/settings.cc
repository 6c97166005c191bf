#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "spec/config_text.h"

/// The configuration by command: what `bough.yaml` may say is kept in the journal instead.
namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;

void put(Json& to, const char* key, const std::string& text) {
  if (!text.empty()) to[key] = text;
}

void put_file(Json& to, const char* key, const std::string& path) {
  if (!path.empty()) to[key] = {{"file", path}};
}

void put_password(Json& to, const Arguments& arguments) {
  if (arguments.has("password_file")) to["password"] = {{"file", arguments.text("password_file")}};
  if (arguments.has("password_env")) to["password"] = {{"env", arguments.text("password_env")}};
}

Setting repository_setting(const Arguments& arguments) {
  Json entry{{"name", arguments.text("name")}, {"url", arguments.text("url")}};
  Json login = Json::object();
  put(login, "username", arguments.text("username"));
  put_password(login, arguments);
  put_file(login, "ssh_key", arguments.text("ssh_key"));
  put_file(login, "known_hosts", arguments.text("known_hosts"));
  put_file(login, "ca_cert", arguments.text("ca_cert"));
  if (!login.empty()) entry["credentials"] = login;
  put(entry, "production_branch", arguments.text("production_branch"));
  put(entry, "spec", arguments.text("spec"));
  Json branches = Json::object();
  if (arguments.has("include")) branches["include"] = arguments.all("include");
  if (arguments.has("exclude")) branches["exclude"] = arguments.all("exclude");
  if (!branches.empty()) entry["branches"] = branches;
  put(entry, "build_command", arguments.text("build_command"));
  return {SettingKind::repository, arguments.text("name"), text_of(entry)};
}

std::string engine_of(const Arguments& arguments) {
  return arguments.has("engine") ? arguments.text("engine") : "PG";
}

Setting instance_setting(const Arguments& arguments) {
  Json entry{{"name", arguments.text("name")},
             {"engine", engine_of(arguments)},
             {"url", arguments.text("url")}};
  put_password(entry, arguments);
  put_file(entry, "ca_cert", arguments.text("ca_cert"));
  return {SettingKind::instance, arguments.text("name"), text_of(entry)};
}

Setting assignment_setting(const Arguments& arguments) {
  Json entry{{"instance", arguments.text("instance")}};
  put(entry, "migration_command", arguments.text("migration_command"));
  return {SettingKind::assignment, arguments.text("repository"), text_of(entry)};
}

/// Says what was done; `then` is what follows from it.
Outcome told(const Setting& setting, const char* done, const std::string& then) {
  return {text_of({{"format_version", kFormatVersion},
                   {"kind", word_of(setting.kind)},
                   {"name", printable(setting.name)},
                   {"done", done},
                   {"message", then}})};
}

/// The settings with this one in the place of the earlier one.
std::vector<Setting> with(std::vector<Setting> settings, const Setting& setting) {
  std::erase_if(settings, [&](const Setting& one) {
    return one.kind == setting.kind && one.name == setting.name;
  });
  settings.push_back(setting);
  return settings;
}

Result<void> keep(const Context& context, const Setting& setting) {
  auto journal = context.installation->journal(Installation::Dev::create);
  if (!journal) return journal.error();
  auto kept = (*journal)->settings();
  if (!kept) return kept.error();
  if (auto fits = context.installation->check_settings(with(*kept, setting)); !fits) return fits;
  auto done = (*journal)->keep(setting);
  if (done) context.settings_changed();
  return done;
}

/// Fault::missing, saying where it is set instead, when no command set it.
Result<void> discard(const Context& context, SettingKind kind, const std::string& name) {
  auto journal = context.installation->journal();
  if (!journal) return journal.error();
  auto done = *journal ? (*journal)->discard(kind, name) : Result<bool>(false);
  if (!done) return done.error();
  if (*done) context.settings_changed();
  if (*done) return {};
  return Error{Fault::missing,
               fmt::format("no {} {} was set by command; what {} says is changed there",
                           word_of(kind), printable(name), context.installation->config_file())};
}

/// A connection with what is to be linked, before it is kept.
Result<Provisioner::Tested> try_connection(Installation& installation, const Arguments& arguments) {
  auto name = InstanceName::parse(arguments.text("name"));
  if (!name) return name.error();
  ServerAccess access{*name, arguments.text("url"), std::nullopt, ""};
  if (arguments.has("ca_cert"))
    access.ca_cert_file = resolve(installation.workspace(), arguments.text("ca_cert"));
  std::optional<SecretSource> source;
  if (arguments.has("password_file")) source = FromFile{arguments.text("password_file")};
  if (arguments.has("password_env")) source = FromEnvironment{arguments.text("password_env")};
  if (source) {
    auto password = read_secret(installation.workspace(), *source);
    if (!password) return password.error();
    access.password = *std::move(password);
  }
  const std::string engine = engine_of(arguments);
  const EngineDriver* driver = driver_for(parse_engine(engine).value_or(Engine::pg));
  if (!driver) return Error{Fault::invalid, "engine " + engine + " is not served"};
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

Result<Outcome> add_repository(Context& context, const Arguments& arguments, const Emit&) {
  const Setting setting = repository_setting(arguments);
  if (auto kept = keep(context, setting); !kept) return kept.error();
  return told(setting, "added", "bough plan " + setting.name + " shows what follows");
}

Result<Outcome> remove_repository(Context& context, const Arguments& arguments, const Emit&) {
  const std::string& name = arguments.text("repository");
  if (auto gone = discard(context, SettingKind::repository, name); !gone) return gone.error();
  static_cast<void>(discard(context, SettingKind::assignment, name));
  return told({SettingKind::repository, name, ""}, "removed",
              "its databases stay as they are, and nobody looks after them");
}

Result<Outcome> link(Context& context, const Arguments& arguments, const Emit&) {
  std::string version = "not tried";
  if (!arguments.flag("untried")) {
    auto tried = try_connection(*context.installation, arguments);
    if (!tried) return within("not linked", tried.error());
    version = "version " + tried->version;
  }
  const Setting setting = instance_setting(arguments);
  if (auto kept = keep(context, setting); !kept) return kept.error();
  return told(setting, "linked", version);
}

Result<Outcome> unlink(Context& context, const Arguments& arguments, const Emit&) {
  const std::string& name = arguments.text("instance");
  const std::string users = assigned_to(*context.installation, name);
  if (!users.empty())
    return Error{Fault::refused, fmt::format("instance {} is assigned to {}; bough unassign first",
                                             printable(name), users)};
  if (auto gone = discard(context, SettingKind::instance, name); !gone) return gone.error();
  return told({SettingKind::instance, name, ""}, "unlinked", "its databases stay as they are");
}

Result<Outcome> assign(Context& context, const Arguments& arguments, const Emit&) {
  const Setting setting = assignment_setting(arguments);
  if (auto kept = keep(context, setting); !kept) return kept.error();
  return told(setting, "made", "bough plan " + setting.name + " shows what follows");
}

Result<Outcome> unassign(Context& context, const Arguments& arguments, const Emit&) {
  const std::string& repository = arguments.text("repository");
  if (auto gone = discard(context, SettingKind::assignment, repository); !gone) return gone.error();
  return told({SettingKind::assignment, repository, ""}, "removed",
              "its databases on the instance stay as they are");
}

Result<Outcome> export_config(Context& context, const Arguments&, const Emit&) {
  return Outcome{text_of({{"format_version", kFormatVersion},
                          {"bough.yaml", to_yaml(context.installation->config())}})};
}

}  // namespace bough::operations
