#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/manual.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/operations/secret_names.h"
#include "spec/bindables.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;
using Variables = std::map<std::string, std::string>;

/// The environment that the branch names; without one, production.
Result<Environment> environment_of(const Pass& pass, const Arguments& arguments) {
  if (!arguments.has("branch")) return Environment(Production{});
  if (auto preview = preview_at(arguments.text("branch"))) return *std::move(preview);
  auto name = BranchName::parse(arguments.text("branch"));
  if (!name) return name.error();
  for (const WantedHome& home : pass.survey.desired.homes)
    if (home.branch == *name && is_production(home.home.environment)) return home.home.environment;
  return Environment(Branch{*name});
}

struct Found {
  std::map<std::string, Endpoint> endpoints;
  std::string first;  ///< the first database of the spec that is there
};

/// With a file of a private authority's certificate that programs on this machine can read.
Result<Endpoint> readable(Endpoint endpoint, const Installation& installation) {
  if (endpoint.ca_cert.empty()) return endpoint;
  auto file = authority_file(installation.workspace(), endpoint.ca_cert);
  if (!file) return file.error();
  endpoint.ca_cert_file = *std::move(file);
  return endpoint;
}

/// The one database of each component that lets its login in: one that has moved leaves another
/// behind. Fault::refused when a component has none.
Result<std::vector<Ours>> usable(const std::vector<Ours>& databases) {
  std::map<ComponentName, Ours> result;
  for (const Ours& database : databases)
    if (std::holds_alternative<Active>(database.mark.standing))
      result.emplace(database.at.place.component, database);
  for (const Ours& database : databases)
    if (!result.contains(database.at.place.component))
      return Error{Fault::refused, fmt::format("database {} is {}", database.at.name.text(),
                                               word_of(database.mark.standing))};
  std::vector<Ours> list;
  for (auto& [component, database] : result) list.push_back(std::move(database));
  return list;
}

Result<Found> find_endpoints(const Context& context, const Pass& pass,
                             const Environment& environment, const RepositoryName& repository) {
  Found found;
  auto databases = usable(ours(pass.observed, repository, {environment}));
  if (!databases) return databases.error();
  for (const Ours& database : *databases) {
    auto server = context.installation->server(database.at.instance);
    if (!server) return server.error();
    auto endpoint = readable((*server)->endpoint(database.mark), *context.installation);
    if (!endpoint) return endpoint.error();
    found.endpoints[database.at.place.component.text()] = *std::move(endpoint);
    if (found.first.empty()) found.first = database.at.place.component.text();
  }
  for (const WantedHome& home : pass.survey.desired.homes)
    if (home.home.repository == repository && home.home.environment == environment)
      for (auto wanted = home.databases.rbegin(); wanted != home.databases.rend(); ++wanted)
        if (found.endpoints.contains(wanted->place.component.text()))
          found.first = wanted->place.component.text();
  return found;
}

const AppSpec* spec_of(const Pass& pass, const RepositoryName& repository,
                       const Environment& environment) {
  for (const auto& [home, spec] : pass.survey.specs)
    if (home.repository == repository && home.environment == environment) return &spec;
  return nullptr;
}

/// The variables, and which of them are secrets.
struct Told {
  Variables variables;
  std::set<std::string> secret;
};

Result<Told> variables_of(const Context& context, const Pass& pass,
                          const RepositoryName& repository, const Arguments& arguments) {
  auto environment = environment_of(pass, arguments);
  if (!environment) return environment.error();
  // Production's password is worth as much as every other right together.
  if (is_production(*environment) && !context.asker.may(Scope::admin))
    return Error{Fault::denied, fmt::format("the variables of production need the scope admin, "
                                            "which {} does not have",
                                            context.asker.title())};
  auto found = find_endpoints(context, pass, *environment, repository);
  if (!found) return found.error();
  if (found->endpoints.empty())
    return Error{Fault::missing, fmt::format("{} has no database for {}; see bough status and "
                                             "bough plan",
                                             repository.text(), title(*environment))};
  const AppSpec* spec = spec_of(pass, repository, *environment);
  auto all = spec ? variables({*spec, arguments.text("component"), Phase::run, found->endpoints,
                               found->first})
                  : Result<Variables>(injected_for(found->endpoints.at(found->first)));
  if (!all) return all.error();
  std::set<std::string> secret = secret_names(*all, spec, found->endpoints);
  return Told{*std::move(all), std::move(secret)};
}

}  // namespace

Result<Outcome> env(Context& context, const Arguments& arguments, const Emit&) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  auto pass = look(*context.installation, *context.surveyor, {{*repository}, {}, std::nullopt});
  if (!pass) return pass.error();
  auto found = variables_of(context, *pass, (*repository)->name, arguments);
  if (!found) return found.error();
  return Outcome{text_of({{"format_version", kFormatVersion},
                          {"repository", (*repository)->name.text()},
                          {"variables", found->variables},
                          {"secret", found->secret}})};
}

}  // namespace bough::operations
