#include "spec/secret_files.h"

namespace bough {
namespace {

class Files {
 public:
  void add(const std::optional<std::string>& file) {
    if (file) files_.push_back(*file);
  }
  void add(const SecretSource& source) {
    if (const auto* file = std::get_if<FromFile>(&source)) files_.push_back(file->path);
  }
  void add(const std::optional<SecretSource>& source) {
    if (source) add(*source);
  }
  std::vector<std::string> files() && { return std::move(files_); }

 private:
  std::vector<std::string> files_;
};

}  // namespace

std::vector<std::string> secret_files(const Config& config) {
  Files files;
  files.add(config.journal_password);
  if (config.tls) files.add(std::optional<std::string>(config.tls->key_file));
  for (const InstanceConfig& instance : config.instances) {
    files.add(instance.password);
    files.add(instance.key_file);
  }
  for (const RepositoryConfig& repository : config.repositories) {
    files.add(repository.credentials.password);
    files.add(repository.credentials.ssh_key_file);
    for (const WebhookConfig& webhook : repository.webhooks) files.add(webhook.secret);
  }
  for (const TokenConfig& token : config.tokens) files.add(token.secret);
  return std::move(files).files();
}

}  // namespace bough
