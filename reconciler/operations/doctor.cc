#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "reconciler/checkups.h"
#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/doctor_parts.h"
#include "reconciler/operations/groups.h"
#include "reconciler/runner/process.h"

namespace bough::operations {
namespace {

const char* word_of(Health health) {
  switch (health) {
    case Health::good:
      return "ok";
    case Health::doubtful:
      return "warn";
    case Health::bad:
      return "fail";
  }
  return "fail";
}

Finding check_sandbox() {
  auto works = sandbox_works();
  if (works) return {Health::good, "sandbox", "bubblewrap works"};
  return {Health::doubtful, "sandbox", works.error().message};
}

Finding check_user(const Workspace& workspace) {
  if (!workspace.user) return {Health::good, "user", "bough is not root"};
  return {Health::good, "user", "servers and commands run as " + workspace.user->name};
}

void check_servers(const Installation& installation, std::vector<Finding>& findings) {
  DevHost* host = installation.dev_host(Engine::pg);
  std::string versions;
  for (const int version : host->installed())
    versions += (versions.empty() ? "" : ", ") + std::to_string(version);
  findings.push_back({versions.empty() ? Health::doubtful : Health::good, "postgresql",
                      versions.empty() ? "no server programs found; install postgresql, or name "
                                         "their folder under dev.binaries"
                                       : "server programs of version " + versions});
}

void check_instances(Installation& installation, std::vector<Finding>& findings) {
  for (const InstanceConfig& linked : installation.config().instances) {
    auto server = installation.server(linked.name);
    auto tested = server ? (*server)->test() : Result<Provisioner::Tested>(server.error());
    const std::string what = "instance " + linked.name.text();
    findings.push_back({tested ? Health::good : Health::bad, what,
                        tested ? "version " + tested->version : tested.error().message});
    if (!tested) continue;
    for (const std::string& note : tested->notes)
      findings.push_back({Health::doubtful, what, note});
  }
}

std::string size_text(long long bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

/// Looks into every database now, which bough serve does by and by.
void check_databases(Installation& installation, std::vector<Finding>& findings) {
  std::size_t fine = 0;
  for (const Looked& database : databases_in_use(installation)) {
    const std::string what = "database " + database.mark.name.text();
    const auto found = check_up(installation, database);
    const RepositoryConfig* repository =
        installation.repository(database.mark.place.home.repository.text());
    const auto budget = repository ? repository->limits.size_bytes : std::optional<long long>();
    if (!found)
      findings.push_back({Health::bad, what, found.error().message});
    else if (found->let_in == false)
      findings.push_back({Health::bad, what, "its password was changed outside of bough"});
    else if (budget && found->bytes > *budget)
      findings.push_back({Health::doubtful, what,
                          fmt::format("{} is more than its budget of {}", size_text(found->bytes),
                                      size_text(*budget))});
    else
      ++fine;
  }
  findings.push_back({Health::good, "databases", fmt::format("{} are fine", fine)});
}

void check_journal(Installation& installation, std::vector<Finding>& findings) {
  auto journal = installation.journal();
  findings.push_back({journal ? Health::good : Health::bad, "journal",
                      !journal   ? journal.error().message
                      : *journal ? "answers"
                                 : "will be made by the first apply"});
}

void check_repositories(Installation& installation, std::vector<Finding>& findings) {
  for (const RepositoryConfig& repository : installation.config().repositories) {
    auto mirror = installation.mirror(repository);
    if (!mirror) {
      findings.push_back(
          {Health::bad, "repository " + repository.name.text(), mirror.error().message});
      continue;
    }
    auto listing = mirror->mirror->fetch(installation.config().git_timeout);
    findings.push_back(
        {listing ? Health::good : Health::bad, "repository " + repository.name.text(),
         listing ? fmt::format("{} branches", listing->branches.size()) : listing.error().message});
  }
}

void check_disk(const Workspace& workspace, std::vector<Finding>& findings) {
  constexpr std::uintmax_t kLeast = 1 << 30;
  std::error_code failed;
  const auto space = std::filesystem::space(workspace.shared_dir, failed);
  const bool good = !failed && space.available >= kLeast;
  findings.push_back(
      {good ? Health::good : Health::doubtful, "disk",
       failed ? failed.message()
              : fmt::format("{} MiB free in {}", space.available >> 20, workspace.shared_dir)});
}

}  // namespace

Result<Outcome> doctor(Context& context, const Arguments&, const Emit&) {
  Installation& installation = *context.installation;
  std::vector<Finding> findings{
      {Health::good, "configuration", installation.config_file()},
      check_user(installation.workspace()),
      check_sandbox(),
  };
  const std::vector<Finding> limits = check_limits();
  findings.insert(findings.end(), limits.begin(), limits.end());
  check_disk(installation.workspace(), findings);
  check_servers(installation, findings);
  check_instances(installation, findings);
  check_journal(installation, findings);
  check_databases(installation, findings);
  check_repositories(installation, findings);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  bool bad = false;
  for (const Finding& finding : findings) {
    bad = bad || finding.health == Health::bad;
    list.push_back({{"check", finding.what},
                    {"result", word_of(finding.health)},
                    {"message", printable(finding.said)}});
  }
  return Outcome{text_of({{"format_version", kFormatVersion}, {"checks", list}}),
                 bad ? kFailed : kOk};
}

}  // namespace bough::operations
