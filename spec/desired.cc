#include "spec/desired.h"

#include <fmt/format.h>

#include "spec/secret.h"

namespace bough {

namespace {

std::string shortened_sum(const std::string& bytes) {
  const auto sum = sha256(bytes);
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()}).substr(0, 32);
}

std::string counted(std::string_view text) {
  return fmt::format("{}:{},", text.size(), text);
}

}  // namespace

std::string_view word_of(RunKind kind) {
  switch (kind) {
    case RunKind::build:
      return "build";
    case RunKind::migration:
      return "migration";
    case RunKind::seed:
      return "seed";
    case RunKind::post_deploy:
      return "post-deploy";
    case RunKind::failed_deploy:
      return "failed-deploy";
  }
  return "migration";
}

std::optional<RunKind> run_kind(std::string_view word) {
  for (const RunKind kind : {RunKind::build, RunKind::migration, RunKind::seed,
                             RunKind::post_deploy, RunKind::failed_deploy})
    if (word_of(kind) == word) return kind;
  return std::nullopt;
}

std::string digest(const std::vector<Command>& commands) {
  std::string bytes;
  for (const Command& command : commands)
    bytes +=
        fmt::format("{}:{}:{}:{},{}:{},", word_of(command.kind), command.text.size(), command.text,
                    command.source_dir.size(), command.source_dir, command.component);
  return shortened_sum(bytes);
}

std::string seed_digest(const WantedHome& home, const Wanted& wanted) {
  if (wanted.seed_when == SeedWhen::once) return "once";
  std::string bytes = digest(wanted.seeds);
  if (wanted.seed_when == SeedWhen::always) bytes += digest(wanted.migrations);
  const bool by_files = wanted.seed_when == SeedWhen::on_change && !home.files.empty();
  if (!by_files) return shortened_sum(bytes + home.commit.text());
  for (const auto& [path, id] : home.files) bytes += counted(path) + counted(id);
  return shortened_sum(bytes);
}

bool may_see_data(const WantedHome& home) {
  return home.author == Author::pusher;
}

}  // namespace bough
