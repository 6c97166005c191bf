#include "spec/config_shape.h"

namespace bough {
namespace {

constexpr Shape kText{Text{}};
constexpr Shape kFlag{Flag{}};
constexpr Shape kWhole{WholeNumber{}};
constexpr Shape kTexts{List{&kText}};

constexpr std::string_view kSecretHint =
    "secrets are not written into this file: use {file: PATH} or {env: NAME}";
constexpr Key kSecretKeys[] = {{"file", &kText, "The file that holds it."},
                               {"env", &kText, "The variable that holds it."}};
constexpr Shape kSecret{Object{kSecretKeys, kSecretHint}};
constexpr Key kFileKeys[] = {{"file", &kText, "The file's path.", Need::required}};
constexpr Shape kFile{Object{kFileKeys, "write {file: PATH}"}};

constexpr Key kDevKeys[] = {
    {"binaries", &kTexts, "More folders with PostgreSQL's server programs."},
    {"user", &kText, "Who runs servers and commands when bough is root."}};
constexpr Shape kDev{Object{kDevKeys}};

constexpr std::string_view kEngineWords[] = {"PG",    "MYSQL",      "REDIS", "MONGODB",
                                             "KAFKA", "OPENSEARCH", "VALKEY"};
constexpr Shape kEngine{Choice{kEngineWords}};
constexpr std::string_view kSslModeWords[] = {"disable", "allow",     "prefer",
                                              "require", "verify-ca", "verify-full"};
constexpr Shape kSslMode{Choice{kSslModeWords}};
constexpr Shape kLabel{Text{}, "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"};
constexpr Key kInstanceKeys[] = {
    {"name", &kLabel, "What `cluster_name` and `instance` refer to.", Need::required},
    {"engine", &kEngine, "The kind of server; PG when it is not set."},
    {"url", &kText, "How to reach it, without a password: postgresql://bough@host:5432/postgres."},
    {"host", &kText, "Instead of `url`: the name or address of a PostgreSQL server."},
    {"port", &kWhole, "With `host`; 5432 when it is not set."},
    {"user", &kText, "With `host`: bough's own login."},
    {"database", &kText, "With `host`: which one bough connects to; postgres when it is not set."},
    {"sslmode", &kSslMode, "With `host`: how TLS is used; libpq's words."},
    {"password", &kSecret, "The password of that login."},
    {"ca_cert", &kFile, "The certificate authority that the server's certificate is checked by."},
    {"client_certificate", &kFile, "The certificate that bough itself shows."},
    {"client_key", &kFile, "The private key of `client_certificate`."}};
constexpr Shape kInstance{Object{kInstanceKeys, "begin each instance with `- name:`"}};
constexpr Shape kInstances{List{&kInstance}};

constexpr Key kCredentialKeys[] = {
    {"username", &kText, "The user of an https remote."},
    {"password", &kSecret, "Its password or token."},
    {"ssh_key", &kFile, "The private key of an ssh remote; ed25519 or ECDSA."},
    {"known_hosts", &kFile, "The host keys to trust."},
    {"ca_cert", &kFile, "The certificate authority of an https remote."}};
constexpr Shape kCredentials{Object{kCredentialKeys}};
constexpr Key kBranchesKeys[] = {
    {"include", &kTexts, "Patterns of branches to watch; `*` within a path part, `**` across."},
    {"exclude", &kTexts, "Patterns of branches not to watch after all."}};
constexpr Shape kBranches{Object{kBranchesKeys, "write {include: [\"**\"], exclude: []}"}};
constexpr Key kDeletedKeys[] = {
    {"hold", &kText, "How long a database is held before it is dropped; 7d when it is not set."},
    {"dump", &kFlag, "Whether it is dumped first; true when it is not set."}};
constexpr Shape kDeleted{Object{kDeletedKeys, "write {hold: 7d, dump: true}"}};
constexpr Key kLimitKeys[] = {
    {"connections", &kWhole, "The most connections of a database's login."},
    {"statement_timeout", &kText, "How long a statement may take, such as 60s."},
    {"size", &kText, "How large a database may grow, such as 5GiB."},
    {"idle_timeout", &kText, "How long a session may do nothing, such as 10m; PostgreSQL 14 on."},
    {"idle_in_transaction_timeout", &kText, "How long an open transaction may do nothing."}};
constexpr Shape kLimits{Object{kLimitKeys}};
constexpr std::string_view kProviderWords[] = {
    "github",    "gitlab",           "gitea", "forgejo", "gogs",
    "bitbucket", "bitbucket-server", "azure", "generic", "standard"};
constexpr Shape kProvider{Choice{kProviderWords}};
constexpr Key kWebhookKeys[] = {
    {"provider", &kProvider, "Who sends it.", Need::required},
    {"secret", &kSecret, "What its signature is checked with.", Need::required}};
constexpr Shape kWebhook{Object{kWebhookKeys}};
constexpr Shape kWebhooks{List{&kWebhook}};
constexpr std::string_view kCopyWords[] = {"none", "schema", "data", "masked"};
constexpr Shape kCopy{Choice{kCopyWords}};
constexpr std::string_view kMaskingWords[] = {"nothing", "hash", "email", "text", "zero", "empty"};
constexpr Shape kMaskingWord{Choice{kMaskingWords}};
constexpr Key kMaskingKeys[] = {
    {"column", &kText, "`table.column` or `schema.table.column`."},
    {"table", &kText, "`table` or `schema.table`, with `with: empty`."},
    {"with", &kMaskingWord,
     "What takes the place of its values: nothing (NULL), a hash, an email made of it, text of the "
     "same length, zero; or empty, for all rows of a table.",
     Need::required}};
constexpr Shape kMasking{Object{kMaskingKeys, "write {column: users.email, with: email}"}};
constexpr Shape kMaskings{List{&kMasking}};
constexpr Key kTrustedKeys[] = {
    {"address", &kText, "An address, or a network such as 10.0.0.0/8.", Need::required},
    {"login", &kText, "The one login that may come from there; any of the app when not set."}};
constexpr Shape kTrusted{Object{kTrustedKeys, "write {address: 10.0.0.0/8}"}};
constexpr Shape kTrustedSources{List{&kTrusted}};
constexpr std::string_view kFailureWords[] = {"keep", "restore"};
constexpr Shape kFailure{Choice{kFailureWords}};
constexpr std::string_view kSeedWords[] = {"once", "on_change", "always"};
constexpr Shape kSeed{Choice{kSeedWords}};
constexpr std::string_view kForkWords[] = {"none", "approve"};
constexpr Shape kForks{Choice{kForkWords}};
constexpr std::string_view kSandboxWords[] = {"required", "off"};
constexpr Shape kSandbox{Choice{kSandboxWords}};
constexpr std::string_view kPolicyWords[] = {"branch", "operator", "none"};
constexpr Shape kPolicy{Choice{kPolicyWords}};
constexpr std::string_view kSwitchWords[] = {"on", "off"};
constexpr Shape kSwitch{Choice{kSwitchWords}};
constexpr Key kNetworkKeys[] = {
    {"build", &kSwitch, "Whether builds reach the network; on when it is not set."},
    {"migration", &kSwitch,
     "Whether migrations reach more than their databases; off when it is not set."}};
constexpr Shape kNetwork{Object{kNetworkKeys, "write {build: on, migration: off}"}};
constexpr Key kCommandLimitKeys[] = {
    {"memory", &kText, "Memory of all its processes; 2GiB when it is not set."},
    {"processes", &kWhole,
     "Processes at a time, threads four times as many; 512 when it is not set."},
    {"files", &kWhole, "Files in its checkout; 1000000 when it is not set."},
    {"disk", &kText, "Bytes in its checkout; 10GiB when it is not set."}};
constexpr Shape kCommandLimits{Object{kCommandLimitKeys}};
constexpr Shape kWord{Text{}, "."};
constexpr Key kBuildKeys[] = {
    {"wait_for", &kWord, "The name of the build, as its report has it.", Need::required}};
constexpr Shape kBuild{Object{kBuildKeys, "write {wait_for: NAME}"}};
constexpr std::string_view kUnknownWords[] = {"ask", "rerun"};
constexpr Shape kUnknown{Choice{kUnknownWords}};
constexpr Key kRepositoryKeys[] = {
    {"name", &kLabel, "What commands and plans call it.", Need::required},
    {"url", &kText, "The Git remote: https, ssh, git, file, or a path.", Need::required},
    {"credentials", &kCredentials, "How to log in to the remote."},
    {"production_branch", &kText, "The branch of production; the remote's HEAD when not set."},
    {"spec", &kText, "The spec's path; app.yaml, else .do/app.yaml, when it is not set."},
    {"branches", &kBranches, "Which branches get databases; all when it is not set."},
    {"instance", &kLabel,
     "The instance for its databases; a dev instance of the wanted version when it is not set."},
    {"migration_command", &kText, "What migrates its databases; it wins over the spec's."},
    {"build_command", &kText, "What builds it; it wins over the spec's."},
    {"build", &kBuild, "The build elsewhere whose success commands wait for."},
    {"migrations", &kTexts, "Patterns of the migration files; guessed when it is not set."},
    {"on_unknown", &kUnknown,
     "What becomes of an interrupted migration; ask for production, rerun for branches, when it is "
     "not set."},
    {"on_failure", &kFailure,
     "Whether a branch's database is put back when a migration failed; keep when it is not set."},
    {"seed_command", &kText, "What fills a branch's database after its first migration."},
    {"seed", &kSeed, "When `seed_command` runs; once when it is not set."},
    {"rehearse", &kFlag, "Whether each branch's migration is tried on a copy of production."},
    {"forks", &kForks, "Whether approved commits of forks get databases; none when it is not set."},
    {"copy", &kCopy, "What a branch's database starts with; none when it is not set."},
    {"copy_refresh", &kText, "How old a copy of production may be; 24h when it is not set."},
    {"masking", &kMaskings, "What masked copies hide."},
    {"spares", &kWhole, "How many databases are kept ready for new branches."},
    {"extensions", &kTexts, "Extensions that each database gets before it is migrated."},
    {"trusted_sources", &kTrustedSources, "Who else may connect to its dev databases."},
    {"ttl", &kText, "How long a branch keeps its databases without a push; for ever by default."},
    {"on_branch_deleted", &kDeleted, "What becomes of a branch's databases."},
    {"limits", &kLimits, "The limits of each database."},
    {"webhooks", &kWebhooks, "Whose pushes are announced."},
    {"commands", &kPolicy, "Whose commands run; branch, which is all, when it is not set."},
    {"sandbox", &kSandbox, "Whether commands run in a sandbox; required when it is not set."},
    {"network", &kNetwork, "Which commands reach the network."},
    {"command_limits", &kCommandLimits, "What each command may use."},
    {"build_timeout", &kText, "How long a build may take; 30m when it is not set."},
    {"migration_timeout", &kText, "How long a migration may take; 30m when it is not set."}};
constexpr Shape kRepository{Object{kRepositoryKeys, "begin each repository with `- name:`"}};
constexpr Shape kRepositories{List{&kRepository}};

constexpr std::string_view kScopeWords[] = {"read", "plan", "apply", "approve", "admin"};
constexpr Shape kScope{Choice{kScopeWords}};
constexpr Shape kScopes{List{&kScope}};
constexpr Key kTokenKeys[] = {{"name", &kText, "What the log calls it.", Need::required},
                              {"scopes", &kScopes, "What it may do.", Need::required},
                              {"repositories", &kTexts, "What it may see; all when it is not set."},
                              {"secret", &kSecret, "The token itself.", Need::required}};
constexpr Shape kToken{Object{kTokenKeys}};
constexpr Shape kTokens{List{&kToken}};

constexpr Key kTlsKeys[] = {
    {"certificate", &kFile, "The chain in PEM, the server's own first.", Need::required},
    {"key", &kFile, "Its private key in PEM.", Need::required}};
constexpr Shape kTls{Object{kTlsKeys, "write {certificate: {file: PATH}, key: {file: PATH}}"}};

constexpr Key kLogKeys[] = {
    {"keep", &kText, "How long the output of runs is kept; 30d when it is not set."},
    {"most", &kWhole, "How many files of it; 5000 when it is not set."}};
constexpr Shape kLogs{Object{kLogKeys, "write {keep: 30d, most: 5000}"}};

constexpr Key kDumpKeys[] = {
    {"keep", &kText, "How long after they were made; 90d when it is not set."}};
constexpr Shape kDumps{Object{kDumpKeys, "write {keep: 90d}"}};
constexpr Key kConfigKeys[] = {
    {"data_dir", &kText, "The folder for mirrors, dev instances and the key; ./.bough by default."},
    {"journal", &kText, "dev, or the URL of a PostgreSQL database that several daemons may share."},
    {"journal_password", &kSecret, "The password of that URL's login."},
    {"listen", &kText, "The address of the daemon, such as 127.0.0.1:7420."},
    {"poll", &kText, "How often each repository is looked at; 60s when it is not set."},
    {"git_timeout", &kText, "How long a remote may take to answer; 60s when it is not set."},
    {"dev", &kDev, "How dev instances are run."},
    {"logs", &kLogs, "How long the output of runs is kept."},
    {"dumps", &kDumps, "How long dumps of dropped databases are kept."},
    {"instances", &kInstances, "The database servers that bough may use."},
    {"repositories", &kRepositories, "The repositories that bough watches."},
    {"tokens", &kTokens, "Who may use the API."},
    {"public_url", &kText, "How others reach `listen`, such as https://bough.example.com."},
    {"tls", &kTls, "The files that the daemon speaks TLS with; plain HTTP without them."}};
constexpr Shape kConfig{Object{kConfigKeys, "begin with `repositories:`"}};

}  // namespace

const Shape& config_shape() {
  return kConfig;
}

}  // namespace bough
