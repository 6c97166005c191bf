#include "spec/config_shape.h"

namespace bough {
namespace {

constexpr Shape kText{Text{}};
constexpr Shape kFlag{Flag{}};
constexpr Shape kWhole{WholeNumber{}};
constexpr Shape kTexts{List{&kText}};

constexpr std::string_view kSecretHint =
    "secrets are not written into this file: use {file: PATH} or {env: NAME}";
constexpr Key kSecretKeys[] = {{"file", &kText}, {"env", &kText}};
constexpr Shape kSecret{Object{kSecretKeys, kSecretHint}};
constexpr Key kFileKeys[] = {{"file", &kText, Need::required}};
constexpr Shape kFile{Object{kFileKeys, "write {file: PATH}"}};

constexpr Key kDevKeys[] = {{"binaries", &kTexts}, {"user", &kText}};
constexpr Shape kDev{Object{kDevKeys}};

constexpr std::string_view kEngineWords[] = {"PG",    "MYSQL",      "REDIS", "MONGODB",
                                             "KAFKA", "OPENSEARCH", "VALKEY"};
constexpr Shape kEngine{Choice{kEngineWords}};
constexpr Key kInstanceKeys[] = {{"name", &kText, Need::required},
                                 {"engine", &kEngine},
                                 {"url", &kText, Need::required},
                                 {"password", &kSecret},
                                 {"ca_cert", &kFile}};
constexpr Shape kInstance{Object{kInstanceKeys, "begin each instance with `- name:`"}};
constexpr Shape kInstances{List{&kInstance}};

constexpr Key kCredentialKeys[] = {{"username", &kText},
                                   {"password", &kSecret},
                                   {"ssh_key", &kFile},
                                   {"known_hosts", &kFile},
                                   {"ca_cert", &kFile}};
constexpr Shape kCredentials{Object{kCredentialKeys}};
constexpr Key kBranchesKeys[] = {{"include", &kTexts}, {"exclude", &kTexts}};
constexpr Shape kBranches{Object{kBranchesKeys, "write {include: [\"**\"], exclude: []}"}};
constexpr Key kDeletedKeys[] = {{"hold", &kText}, {"dump", &kFlag}};
constexpr Shape kDeleted{Object{kDeletedKeys, "write {hold: 7d, dump: true}"}};
constexpr Key kLimitKeys[] = {
    {"connections", &kWhole}, {"statement_timeout", &kText}, {"size", &kText}};
constexpr Shape kLimits{Object{kLimitKeys}};
constexpr std::string_view kProviderWords[] = {
    "github",    "gitlab",           "gitea", "forgejo", "gogs",
    "bitbucket", "bitbucket-server", "azure", "generic", "standard"};
constexpr Shape kProvider{Choice{kProviderWords}};
constexpr Key kWebhookKeys[] = {{"provider", &kProvider, Need::required},
                                {"secret", &kSecret, Need::required}};
constexpr Shape kWebhook{Object{kWebhookKeys}};
constexpr Shape kWebhooks{List{&kWebhook}};
constexpr std::string_view kCopyWords[] = {"none", "schema", "data", "masked"};
constexpr Shape kCopy{Choice{kCopyWords}};
constexpr std::string_view kSandboxWords[] = {"auto", "required", "off"};
constexpr Shape kSandbox{Choice{kSandboxWords}};
constexpr Key kRepositoryKeys[] = {{"name", &kText, Need::required},
                                   {"url", &kText, Need::required},
                                   {"credentials", &kCredentials},
                                   {"production_branch", &kText},
                                   {"spec", &kText},
                                   {"branches", &kBranches},
                                   {"instance", &kText},
                                   {"migration_command", &kText},
                                   {"build_command", &kText},
                                   {"copy", &kCopy},
                                   {"on_branch_deleted", &kDeleted},
                                   {"limits", &kLimits},
                                   {"webhooks", &kWebhooks},
                                   {"sandbox", &kSandbox},
                                   {"build_timeout", &kText},
                                   {"migration_timeout", &kText}};
constexpr Shape kRepository{Object{kRepositoryKeys, "begin each repository with `- name:`"}};
constexpr Shape kRepositories{List{&kRepository}};

constexpr Key kTokenKeys[] = {{"name", &kText, Need::required},
                              {"scopes", &kTexts, Need::required},
                              {"secret", &kSecret, Need::required}};
constexpr Shape kToken{Object{kTokenKeys}};
constexpr Shape kTokens{List{&kToken}};

constexpr Key kConfigKeys[] = {
    {"data_dir", &kText}, {"journal", &kText},        {"journal_password", &kSecret},
    {"listen", &kText},   {"poll", &kText},           {"git_timeout", &kText},
    {"dev", &kDev},       {"instances", &kInstances}, {"repositories", &kRepositories},
    {"tokens", &kTokens}};
constexpr Shape kConfig{Object{kConfigKeys, "begin with `repositories:`"}};

}  // namespace

const Shape& config_shape() {
  return kConfig;
}

}  // namespace bough
