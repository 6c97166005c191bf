#include "spec/app_shape.h"

namespace bough {
namespace {

constexpr Shape kText{Text{}};
constexpr Shape kName{NameText{}};
constexpr Shape kFlag{Flag{}};
constexpr Shape kWhole{WholeNumber{}};
constexpr Shape kDecimal{DecimalNumber{}};
constexpr Shape kTexts{List{&kText}};
constexpr Shape kWholes{List{&kWhole}};

constexpr std::string_view kEngineWords[] = {"PG",    "MYSQL",      "REDIS",  "MONGODB",
                                             "KAFKA", "OPENSEARCH", "VALKEY", "UNSET"};
constexpr Shape kEngine{Choice{kEngineWords}};

constexpr Key kDatabaseKeys[] = {{"name", &kName, Need::required},
                                 {"engine", &kEngine},
                                 {"version", &kText},
                                 {"production", &kFlag},
                                 {"cluster_name", &kText},
                                 {"db_name", &kText},
                                 {"db_user", &kText},
                                 {"size", &kText},
                                 {"num_nodes", &kWhole},
                                 {"migration_command", &kText}};
constexpr Shape kDatabase{Object{kDatabaseKeys, "begin each database with `- name:`"}};
constexpr Shape kDatabases{List{&kDatabase}};

constexpr std::string_view kScopeWords[] = {"RUN_AND_BUILD_TIME", "RUN_TIME", "BUILD_TIME",
                                            "UNSET"};
constexpr Shape kScope{Choice{kScopeWords}};
constexpr std::string_view kTypeWords[] = {"GENERAL", "SECRET"};
constexpr Shape kType{Choice{kTypeWords}};
constexpr Key kEnvKeys[] = {
    {"key", &kName, Need::required}, {"value", &kText}, {"scope", &kScope}, {"type", &kType}};
constexpr Shape kEnv{Object{kEnvKeys, "write `- key: NAME` and below it `value: …`"}};
constexpr Shape kEnvs{List{&kEnv}};

constexpr Key kGitKeys[] = {{"repo_clone_url", &kText}, {"branch", &kText}};
constexpr Shape kGit{Object{kGitKeys}};
constexpr Key kForgeKeys[] = {{"repo", &kText}, {"branch", &kText}, {"deploy_on_push", &kFlag}};
constexpr Shape kForge{Object{kForgeKeys}};
constexpr Key kImagePushKeys[] = {{"enabled", &kFlag}};
constexpr Shape kImagePush{Object{kImagePushKeys}};
constexpr Key kImageKeys[] = {{"registry_type", &kText},
                              {"registry", &kText},
                              {"repository", &kText},
                              {"tag", &kText},
                              {"digest", &kText},
                              {"registry_credentials", &kText},
                              {"deploy_on_push", &kImagePush}};
constexpr Shape kImage{Object{kImageKeys}};

constexpr Key kRouteKeys[] = {{"path", &kText}, {"preserve_path_prefix", &kFlag}};
constexpr Shape kRoute{Object{kRouteKeys}};
constexpr Shape kRoutes{List{&kRoute}};

constexpr Key kMatchKeys[] = {{"exact", &kText}, {"prefix", &kText}, {"regex", &kText}};
constexpr Shape kMatch{Object{kMatchKeys}};
constexpr Shape kMatches{List{&kMatch}};
constexpr Key kCorsKeys[] = {{"allow_origins", &kMatches}, {"allow_methods", &kTexts},
                             {"allow_headers", &kTexts},   {"expose_headers", &kTexts},
                             {"max_age", &kText},          {"allow_credentials", &kFlag}};
constexpr Shape kCors{Object{kCorsKeys}};

constexpr Key kAlertKeys[] = {{"rule", &kText},
                              {"disabled", &kFlag},
                              {"operator", &kText},
                              {"value", &kDecimal},
                              {"window", &kText}};
constexpr Shape kAlert{Object{kAlertKeys}};
constexpr Shape kAlerts{List{&kAlert}};

constexpr Key kPapertrailKeys[] = {{"endpoint", &kText}};
constexpr Shape kPapertrail{Object{kPapertrailKeys}};
constexpr Key kDatadogKeys[] = {{"endpoint", &kText}, {"api_key", &kText}};
constexpr Shape kDatadog{Object{kDatadogKeys}};
constexpr Key kLogtailKeys[] = {{"token", &kText}};
constexpr Shape kLogtail{Object{kLogtailKeys}};
constexpr Key kLoginKeys[] = {{"user", &kText}, {"password", &kText}};
constexpr Shape kLogin{Object{kLoginKeys}};
constexpr Key kSearchKeys[] = {{"endpoint", &kText},
                               {"basic_auth", &kLogin},
                               {"index_name", &kText},
                               {"cluster_name", &kText}};
constexpr Shape kSearch{Object{kSearchKeys}};
constexpr Key kHeaderKeys[] = {{"key", &kText}, {"value", &kText}};
constexpr Shape kHeader{Object{kHeaderKeys}};
constexpr Shape kHeaders{List{&kHeader}};
constexpr Key kLogKeys[] = {{"name", &kText},          {"papertrail", &kPapertrail},
                            {"datadog", &kDatadog},    {"logtail", &kLogtail},
                            {"open_search", &kSearch}, {"endpoint", &kText},
                            {"tls_insecure", &kFlag},  {"headers", &kHeaders}};
constexpr Shape kLog{Object{kLogKeys}};
constexpr Shape kLogs{List{&kLog}};

constexpr Key kCpuKeys[] = {{"percent", &kWhole}};
constexpr Shape kCpu{Object{kCpuKeys}};
constexpr Key kRequestsKeys[] = {{"per_instance", &kWhole}};
constexpr Shape kRequests{Object{kRequestsKeys}};
constexpr Key kDurationKeys[] = {{"p95_milliseconds", &kWhole}};
constexpr Shape kDuration{Object{kDurationKeys}};
constexpr Key kMetricsKeys[] = {
    {"cpu", &kCpu}, {"requests_per_second", &kRequests}, {"request_duration", &kDuration}};
constexpr Shape kMetrics{Object{kMetricsKeys}};
constexpr Key kScalingKeys[] = {
    {"min_instance_count", &kWhole}, {"max_instance_count", &kWhole}, {"metrics", &kMetrics}};
constexpr Shape kScaling{Object{kScalingKeys}};

constexpr Key kHealthKeys[] = {{"path", &kText},
                               {"initial_delay_seconds", &kWhole},
                               {"period_seconds", &kWhole},
                               {"timeout_seconds", &kWhole},
                               {"success_threshold", &kWhole},
                               {"failure_threshold", &kWhole},
                               {"http_path", &kText},
                               {"port", &kWhole}};
constexpr Shape kHealth{Object{kHealthKeys}};

constexpr Key kTerminationKeys[] = {{"drain_seconds", &kWhole}, {"grace_period_seconds", &kWhole}};
constexpr Shape kTermination{Object{kTerminationKeys}};
constexpr Key kLoadingPageKeys[] = {{"enabled", &kFlag}, {"custom_url", &kText}};
constexpr Shape kLoadingPage{Object{kLoadingPageKeys}};
constexpr Key kSleepKeys[] = {{"after_seconds", &kWhole}, {"loading_page", &kLoadingPage}};
constexpr Shape kSleep{Object{kSleepKeys}};

constexpr Key kServiceKeys[] = {{"name", &kName, Need::required},
                                {"git", &kGit},
                                {"github", &kForge},
                                {"gitlab", &kForge},
                                {"bitbucket", &kForge},
                                {"image", &kImage},
                                {"dockerfile_path", &kText},
                                {"build_command", &kText},
                                {"run_command", &kText},
                                {"source_dir", &kText},
                                {"environment_slug", &kText},
                                {"envs", &kEnvs},
                                {"instance_size_slug", &kText},
                                {"instance_count", &kWhole},
                                {"autoscaling", &kScaling},
                                {"http_port", &kWhole},
                                {"protocol", &kText},
                                {"routes", &kRoutes},
                                {"health_check", &kHealth},
                                {"liveness_health_check", &kHealth},
                                {"cors", &kCors},
                                {"internal_ports", &kWholes},
                                {"alerts", &kAlerts},
                                {"log_destinations", &kLogs},
                                {"termination", &kTermination},
                                {"inactivity_sleep", &kSleep}};
constexpr Shape kService{Object{kServiceKeys}};
constexpr Shape kServices{List{&kService}};

constexpr Key kWorkerKeys[] = {{"name", &kName, Need::required},
                               {"git", &kGit},
                               {"github", &kForge},
                               {"gitlab", &kForge},
                               {"bitbucket", &kForge},
                               {"image", &kImage},
                               {"dockerfile_path", &kText},
                               {"build_command", &kText},
                               {"run_command", &kText},
                               {"source_dir", &kText},
                               {"environment_slug", &kText},
                               {"envs", &kEnvs},
                               {"instance_size_slug", &kText},
                               {"instance_count", &kWhole},
                               {"autoscaling", &kScaling},
                               {"alerts", &kAlerts},
                               {"log_destinations", &kLogs},
                               {"termination", &kTermination},
                               {"liveness_health_check", &kHealth}};
constexpr Shape kWorker{Object{kWorkerKeys}};
constexpr Shape kWorkers{List{&kWorker}};

constexpr std::string_view kKindWords[] = {"PRE_DEPLOY", "POST_DEPLOY", "FAILED_DEPLOY",
                                           "SCHEDULED", "UNSPECIFIED"};
constexpr Shape kKind{Choice{kKindWords}};
constexpr Key kScheduleKeys[] = {{"cron", &kText}, {"time_zone", &kText}};
constexpr Shape kSchedule{Object{kScheduleKeys, "write `schedule:` and below it `cron: …`"}};
constexpr Key kJobKeys[] = {{"name", &kName, Need::required},
                            {"git", &kGit},
                            {"github", &kForge},
                            {"gitlab", &kForge},
                            {"bitbucket", &kForge},
                            {"image", &kImage},
                            {"dockerfile_path", &kText},
                            {"build_command", &kText},
                            {"run_command", &kText},
                            {"source_dir", &kText},
                            {"environment_slug", &kText},
                            {"envs", &kEnvs},
                            {"instance_size_slug", &kText},
                            {"instance_count", &kWhole},
                            {"autoscaling", &kScaling},
                            {"kind", &kKind},
                            {"schedule", &kSchedule},
                            {"timeout", &kText},
                            {"alerts", &kAlerts},
                            {"log_destinations", &kLogs},
                            {"termination", &kTermination}};
constexpr Shape kJob{Object{kJobKeys}};
constexpr Shape kJobs{List{&kJob}};

constexpr Key kSiteKeys[] = {{"name", &kName, Need::required},
                             {"git", &kGit},
                             {"github", &kForge},
                             {"gitlab", &kForge},
                             {"bitbucket", &kForge},
                             {"image", &kImage},
                             {"dockerfile_path", &kText},
                             {"build_command", &kText},
                             {"run_command", &kText},
                             {"source_dir", &kText},
                             {"environment_slug", &kText},
                             {"envs", &kEnvs},
                             {"output_dir", &kText},
                             {"index_document", &kText},
                             {"error_document", &kText},
                             {"catchall_document", &kText},
                             {"routes", &kRoutes},
                             {"cors", &kCors},
                             {"log_destinations", &kLogs}};
constexpr Shape kSite{Object{kSiteKeys}};
constexpr Shape kSites{List{&kSite}};

constexpr Key kFunctionKeys[] = {{"name", &kName, Need::required},
                                 {"git", &kGit},
                                 {"github", &kForge},
                                 {"gitlab", &kForge},
                                 {"bitbucket", &kForge},
                                 {"source_dir", &kText},
                                 {"envs", &kEnvs},
                                 {"routes", &kRoutes},
                                 {"alerts", &kAlerts},
                                 {"log_destinations", &kLogs},
                                 {"cors", &kCors}};
constexpr Shape kFunction{Object{kFunctionKeys}};
constexpr Shape kFunctions{List{&kFunction}};

constexpr Key kDomainKeys[] = {{"domain", &kText},      {"type", &kText},
                               {"wildcard", &kFlag},    {"zone", &kText},
                               {"certificate", &kText}, {"minimum_tls_version", &kText}};
constexpr Shape kDomain{Object{kDomainKeys}};
constexpr Shape kDomains{List{&kDomain}};

constexpr Key kRuleMatchKeys[] = {{"path", &kMatch}, {"authority", &kMatch}};
constexpr Shape kRuleMatch{Object{kRuleMatchKeys}};
constexpr Key kRuleComponentKeys[] = {
    {"name", &kText}, {"preserve_path_prefix", &kFlag}, {"rewrite", &kText}};
constexpr Shape kRuleComponent{Object{kRuleComponentKeys}};
constexpr Key kRedirectKeys[] = {{"uri", &kText},
                                 {"authority", &kText},
                                 {"port", &kWhole},
                                 {"scheme", &kText},
                                 {"redirect_code", &kWhole}};
constexpr Shape kRedirect{Object{kRedirectKeys}};
constexpr Key kRuleKeys[] = {{"match", &kRuleMatch},
                             {"component", &kRuleComponent},
                             {"redirect", &kRedirect},
                             {"cors", &kCors}};
constexpr Shape kRule{Object{kRuleKeys}};
constexpr Shape kRules{List{&kRule}};
constexpr Key kSecureHeaderKeys[] = {{"key", &kText}, {"value", &kText}, {"remove_header", &kFlag}};
constexpr Shape kSecureHeader{Object{kSecureHeaderKeys}};
constexpr Key kIngressKeys[] = {{"load_balancer", &kText},
                                {"load_balancer_size", &kWhole},
                                {"rules", &kRules},
                                {"secure_header", &kSecureHeader}};
constexpr Shape kIngress{Object{kIngressKeys}};

constexpr Key kEgressKeys[] = {{"type", &kText}};
constexpr Shape kEgress{Object{kEgressKeys}};
constexpr Key kMaintenanceKeys[] = {
    {"enabled", &kFlag}, {"archive", &kFlag}, {"offline_page_url", &kText}};
constexpr Shape kMaintenance{Object{kMaintenanceKeys}};
constexpr Key kAddressKeys[] = {{"ip", &kText}};
constexpr Shape kAddress{Object{kAddressKeys}};
constexpr Shape kAddresses{List{&kAddress}};
constexpr Key kVpcKeys[] = {{"id", &kText}, {"egress_ips", &kAddresses}};
constexpr Shape kVpc{Object{kVpcKeys}};

constexpr Key kAppKeys[] = {{"name", &kName, Need::required},
                            {"region", &kText},
                            {"databases", &kDatabases},
                            {"services", &kServices},
                            {"static_sites", &kSites},
                            {"workers", &kWorkers},
                            {"jobs", &kJobs},
                            {"functions", &kFunctions},
                            {"envs", &kEnvs},
                            {"domains", &kDomains},
                            {"alerts", &kAlerts},
                            {"ingress", &kIngress},
                            {"egress", &kEgress},
                            {"features", &kTexts},
                            {"maintenance", &kMaintenance},
                            {"vpc", &kVpc},
                            {"disable_edge_cache", &kFlag},
                            {"disable_email_obfuscation", &kFlag},
                            {"enhanced_threat_control_enabled", &kFlag}};
constexpr Shape kApp{Object{kAppKeys, "an App Spec begins with `name: …`"}};
constexpr Key kTemplateKeys[] = {{"spec", &kApp, Need::required}};
constexpr Shape kTemplate{Object{kTemplateKeys}};

}  // namespace

const Shape& app_spec_shape() {
  return kApp;
}

const Shape& deploy_template_shape() {
  return kTemplate;
}

}  // namespace bough
