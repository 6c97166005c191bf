#include "reconciler/cli/common.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace bough::cli {

Result<Session> open_session(const Globals& globals, Settings settings) {
  auto installation = Installation::open(globals.config);
  if (!installation) return installation.error();
  if (settings == Settings::with_kept)
    if (auto taken = (*installation)->take_in_settings(); !taken)
      fmt::print(stderr, "bough: warning: what was set by command is not known: {}\n",
                 taken.error().message);
  Session session{*std::move(installation), nullptr, nullptr};
  session.surveyor = std::make_unique<Surveyor>(*session.installation);
  session.leases = std::make_unique<Leases>(*session.installation);
  return session;
}

int complain(const Error& error) {
  fmt::print(stderr, "bough: {}\n", error.message);
  switch (error.fault) {
    case Fault::stale:
      return kStale;
    case Fault::refused:
      return kBlocked;
    case Fault::locked:
      return kLocked;
    case Fault::invalid:
    case Fault::missing:
    case Fault::denied:
    case Fault::unavailable:
    case Fault::broken:
      return kFailed;
  }
  return kFailed;
}

Result<std::vector<const RepositoryConfig*>> repositories(const Installation& installation,
                                                          const std::string& name) {
  std::vector<const RepositoryConfig*> all;
  std::string names;
  for (const RepositoryConfig& repository : installation.config().repositories) {
    if (repository.name.text() == name) return std::vector{&repository};
    all.push_back(&repository);
    names += (names.empty() ? "" : ", ") + repository.name.text();
  }
  if (!name.empty())
    return Error{Fault::missing, fmt::format("there is no repository {}; bough.yaml has: {}",
                                             printable(name), names.empty() ? "none" : names)};
  if (all.empty())
    return Error{Fault::missing, "bough.yaml has no repositories; add one under `repositories:`"};
  return all;
}

Result<Extent> extent_of(const Installation& installation, const std::string& repository,
                         const std::vector<std::string>& branches) {
  auto chosen = repositories(installation, repository);
  if (!chosen) return chosen.error();
  Extent extent{*std::move(chosen), {}, std::nullopt};
  for (const std::string& text : branches) {
    auto name = BranchName::parse(text);
    if (!name) return within("branch " + printable(text), name.error());
    extent.branches.insert(*std::move(name));
  }
  return extent;
}

namespace {

/// As configured, else as the remote's HEAD says; nothing when it is silent.
std::optional<BranchName> production_of(Installation& installation,
                                        const RepositoryConfig& repository) {
  if (repository.production_branch) return repository.production_branch;
  auto borrowed = installation.mirror(repository);
  if (!borrowed) return std::nullopt;
  auto listing = borrowed->mirror->fetch(installation.config().git_timeout);
  return listing ? listing->head : std::nullopt;
}

}  // namespace

std::set<Environment> environments_of(Installation& installation,
                                      const RepositoryConfig& repository,
                                      const std::vector<std::string>& branches) {
  std::set<Environment> result;
  for (const std::string& text : branches) {
    auto name = BranchName::parse(text);
    if (!name) continue;
    const bool production =
        text == "production" || production_of(installation, repository) == *name;
    result.insert(production ? Environment(Production{}) : Environment(Branch{*name}));
  }
  return result;
}

bool on_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

bool confirmed(std::string_view question) {
  if (!on_terminal(STDIN_FILENO)) return false;
  fmt::print("{} [y/N] ", question);
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace bough::cli
