#include "spec/app_shape.h"

#include "spec/app_shape_parts.h"

namespace bough {
namespace app_shape {
namespace {

constexpr Shape kWhole{WholeNumber{}};

constexpr std::string_view kEngineWords[] = {"PG",    "MYSQL",      "REDIS",  "MONGODB",
                                             "KAFKA", "OPENSEARCH", "VALKEY", "UNSET"};
constexpr Shape kEngine{Choice{kEngineWords}};
constexpr Shape kVersion{Text{}, "^[0-9A-Za-z._-]{0,32}$"};
constexpr Shape kObjectName{Text{}, R"(^[^"'`;\\\u0000-\u001f]{0,63}$)"};

constexpr Key kDatabaseKeys[] = {
    {"name", &kName,
     "The component's name, by which references such as ${db.DATABASE_URL} know it; unique in the "
     "app.",
     Need::required},
    {"engine", &kEngine, "The kind of server; PG when it is not set."},
    {"version", &kVersion,
     "The major version, in quotes, such as \"16\". A branch gets an instance of that version."},
    {"production", &kFlag,
     "true asks for a managed cluster, named by cluster_name; otherwise a dev database."},
    {"cluster_name", &kText,
     "The managed cluster. bough takes it as the name of an instance of bough.yaml, and a branch "
     "cannot choose another than its repository's."},
    {"db_name", &kObjectName,
     "The database inside the cluster, PG and MYSQL only. bough gives databases names of its own."},
    {"db_user", &kObjectName,
     "The user inside the cluster, PG and MYSQL only. bough gives each database a login of its "
     "own."},
    {"size", &kText, "Deprecated; carried, not used."},
    {"num_nodes", &kWhole, "Deprecated; carried, not used."},
    {"migration_command", &kText,
     "bough's one addition: the command that migrates this database after each build."}};
constexpr Shape kDatabase{
    Object{kDatabaseKeys, "begin each database with `- name:`", {"production", "cluster_name"}}};
constexpr Shape kDatabases{List{&kDatabase}};

constexpr std::string_view kEgressWords[] = {"AUTOASSIGN", "DEDICATED_IP"};
constexpr Shape kEgressType{Choice{kEgressWords, Others::doubted}};
constexpr Key kEgressKeys[] = {
    {"type", &kEgressType, "How outgoing traffic is addressed: AUTOASSIGN or DEDICATED_IP."}};
constexpr Shape kEgress{Object{kEgressKeys}};
constexpr Key kMaintenanceKeys[] = {
    {"enabled", &kFlag, "Puts the app into maintenance mode."},
    {"archive", &kFlag, "Archives the app; maintenance mode is then on as well."},
    {"offline_page_url", &kText, "The page to show meanwhile."}};
constexpr Shape kMaintenance{Object{kMaintenanceKeys}};
constexpr Key kAddressKeys[] = {{"ip", &kText, "The address."}};
constexpr Shape kAddress{Object{kAddressKeys}};
constexpr Shape kAddresses{List{&kAddress}};
constexpr Key kVpcKeys[] = {{"id", &kText, "The private network's identifier."},
                            {"egress_ips", &kAddresses, "The app's addresses in that network."}};
constexpr Shape kVpc{Object{kVpcKeys, "write `vpc:` and below it `id: …`"}};

constexpr std::string_view kRegionWords[] = {"ams", "atl", "blr", "fra", "lon", "nyc",
                                             "ric", "sfo", "sgp", "syd", "tor"};
constexpr Shape kRegion{Choice{kRegionWords, Others::fine}};

constexpr Key kAppKeys[] = {
    {"name", &kName, "The app's name, which begins the names of its databases.", Need::required},
    {"region", &kRegion, "Where the platform runs the app. bough's servers are where they are."},
    {"databases", &kDatabases,
     "The databases of each environment: what bough makes for every branch."},
    {"services", &kServices, "Components that answer HTTP requests."},
    {"static_sites", &kSites, "Components that are built to files."},
    {"workers", &kWorkers, "Components that run without answering requests."},
    {"jobs", &kJobs,
     "Commands around a deployment, or by schedule. Those of kind PRE_DEPLOY are migrations."},
    {"functions", &kFunctions, "Components of serverless functions."},
    {"envs", &kEnvs, "Variables of all components."},
    {"domains", &kDomains, "The host names of the app."},
    {"alerts", &kAlerts, "Alerts of the app, such as DEPLOYMENT_FAILED."},
    {"ingress", &kIngress, "How requests reach components."},
    {"egress", &kEgress, "How the app's own requests leave."},
    {"features", &kTexts,
     "Features of the platform to switch on, such as buildpack-stack=ubuntu-22."},
    {"maintenance", &kMaintenance, "Maintenance mode."},
    {"vpc", &kVpc, "The private network that the app joins."},
    {"disable_edge_cache", &kFlag, "true keeps responses out of the platform's cache."},
    {"disable_email_obfuscation", &kFlag, "true leaves e-mail addresses in pages as they are."},
    {"enhanced_threat_control_enabled", &kFlag, "true checks suspicious requests against floods."}};
constexpr Shape kApp{Object{kAppKeys, "an App Spec begins with `name: …`"}};
constexpr Key kTemplateKeys[] = {{"spec", &kApp, "The App Spec to deploy.", Need::required}};
constexpr Shape kTemplate{Object{kTemplateKeys}};

}  // namespace
}  // namespace app_shape

const Shape& app_spec_shape() {
  return app_shape::kApp;
}

const Shape& deploy_template_shape() {
  return app_shape::kTemplate;
}

}  // namespace bough
