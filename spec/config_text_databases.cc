#include <yaml-cpp/emitter.h>

#include "spec/config_emit.h"
#include "spec/stock.h"
#include "spec/time.h"

namespace bough::emit {
namespace {

using emit::put;
using YAML::Key;
using YAML::Value;

void put(YAML::Emitter& out, const char* key,
         const std::optional<std::chrono::milliseconds>& duration) {
  if (duration) out << Key << key << Value << to_text(*duration);
}

void put(YAML::Emitter& out, const Limits& limits) {
  if (limits == Limits{}) return;
  out << Key << "limits" << Value << YAML::BeginMap;
  if (limits.connections) out << Key << "connections" << Value << *limits.connections;
  put(out, "statement_timeout", limits.statement_timeout);
  if (limits.size_bytes) put(out, "size", std::to_string(*limits.size_bytes));
  put(out, "idle_timeout", limits.idle_timeout);
  put(out, "idle_in_transaction_timeout", limits.idle_in_transaction_timeout);
  out << YAML::EndMap;
}

void put_departure(YAML::Emitter& out, const RepositoryConfig& repository,
                   const RepositoryConfig& usual) {
  if (repository.hold == usual.hold && repository.dump == usual.dump) return;
  out << Key << "on_branch_deleted" << Value << YAML::BeginMap;
  put(out, "hold", repository.hold, usual.hold);
  if (repository.dump != usual.dump) out << Key << "dump" << Value << repository.dump;
  out << YAML::EndMap;
}

void put(YAML::Emitter& out, const MaskingRule& rule) {
  out << YAML::Flow << YAML::BeginMap;
  if (rule.column.empty())
    put(out, "table", rule.table);
  else
    put(out, "column", rule.table + "." + rule.column);
  put(out, "with", rule.with);
  out << YAML::EndMap;
}

void put(YAML::Emitter& out, const TrustedSource& source) {
  out << YAML::Flow << YAML::BeginMap;
  put(out, "address", source.address);
  put(out, "login", source.login);
  out << YAML::EndMap;
}

template <typename Item>
void put_list(YAML::Emitter& out, const char* key, const std::vector<Item>& items) {
  if (items.empty()) return;
  out << Key << key << Value << YAML::BeginSeq;
  for (const Item& item : items) put(out, item);
  out << YAML::EndSeq;
}

void put(YAML::Emitter& out, const CopyConfig& copies, const CopyConfig& usual) {
  put(out, "copy", std::string(word_of(copies.what)), std::string(word_of(usual.what)));
  put(out, "copy_refresh", copies.refresh, usual.refresh);
  put_list(out, "masking", copies.masking);
  if (copies.spares != usual.spares) out << Key << "spares" << Value << copies.spares;
}

void put(YAML::Emitter& out, const SeedConfig& seed) {
  constexpr const char* kWords[] = {"once", "on_change", "always"};
  put(out, "seed_command", seed.command);
  put(out, "seed", std::string(kWords[static_cast<int>(seed.when)]), "once");
}

}  // namespace

void put_database_rules(YAML::Emitter& out, const RepositoryConfig& repository,
                        const RepositoryConfig& usual) {
  put(out, repository.copies, usual.copies);
  put_departure(out, repository, usual);
  put(out, "ttl", repository.ttl);
  put(out, repository.limits);
  put(out, "extensions", repository.extensions);
  put_list(out, "trusted_sources", repository.trusted_sources);
  if (repository.on_failure == OnFailure::restore) put(out, "on_failure", std::string("restore"));
  if (repository.seed) put(out, *repository.seed);
  if (repository.forks == Forks::approve) put(out, "forks", std::string("approve"));
  if (repository.rehearse) out << Key << "rehearse" << Value << true;
}

}  // namespace bough::emit
