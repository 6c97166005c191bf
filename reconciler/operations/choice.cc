#include "reconciler/operations/choice.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace bough::operations {
namespace {

/// As configured, else as the remote's HEAD says; nothing when it is silent.
std::optional<BranchName> production_of(Installation& installation,
                                        const RepositoryConfig& repository) {
  if (repository.production_branch) return repository.production_branch;
  auto borrowed = installation.mirror(repository, std::chrono::seconds(10));
  if (!borrowed) return std::nullopt;
  auto listing = borrowed->mirror->fetch(installation.config().git_timeout);
  return listing ? listing->head : std::nullopt;
}

}  // namespace

std::string text_of(const nlohmann::ordered_json& document) {
  return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<std::vector<const RepositoryConfig*>> repositories(const Context& context,
                                                          const std::string& name) {
  std::vector<const RepositoryConfig*> known;
  std::string names;
  for (const RepositoryConfig& repository : context.installation->config().repositories) {
    if (!context.asker.sees(repository.name.text())) continue;
    if (repository.name.text() == name) return std::vector{&repository};
    known.push_back(&repository);
    names += (names.empty() ? "" : ", ") + repository.name.text();
  }
  if (!name.empty())
    return Error{Fault::missing, fmt::format("there is no repository {}; bough.yaml has: {}",
                                             printable(name), names.empty() ? "none" : names)};
  if (known.empty())
    return Error{Fault::missing, "bough.yaml has no repositories; add one under `repositories:`"};
  return known;
}

Result<const RepositoryConfig*> the_repository(const Context& context, const std::string& name) {
  auto known = repositories(context, name);
  if (!known) return known.error();
  if (known->size() == 1) return known->front();
  return Error{Fault::invalid, "name one repository: there are several in bough.yaml"};
}

Result<Extent> extent_of(const Context& context, const Arguments& arguments) {
  auto chosen = repositories(context, arguments.text("repository"));
  if (!chosen) return chosen.error();
  Extent extent{*std::move(chosen), {}, std::nullopt};
  for (const std::string& text : arguments.all("branch")) {
    auto name = BranchName::parse(text);
    if (!name) return within("branch " + printable(text), name.error());
    extent.branches.insert(*std::move(name));
  }
  return extent;
}

std::set<RepositoryName> names_of(const Extent& extent) {
  std::set<RepositoryName> names;
  for (const RepositoryConfig* repository : extent.repositories) names.insert(repository->name);
  return names;
}

std::set<Environment> environments_of(Installation& installation,
                                      const RepositoryConfig& repository,
                                      const std::vector<std::string>& branches) {
  std::set<Environment> result;
  for (const std::string& text : branches) {
    if (auto preview = preview_at(text)) {
      result.insert(*std::move(preview));
      continue;
    }
    auto name = BranchName::parse(text);
    if (!name) continue;
    const bool production =
        text == "production" || production_of(installation, repository) == *name;
    result.insert(production ? Environment(Production{}) : Environment(Branch{*name}));
  }
  return result;
}

}  // namespace bough::operations
