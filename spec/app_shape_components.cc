#include "spec/app_shape_parts.h"

namespace bough::app_shape {
namespace {

constexpr std::string_view kScopeWords[] = {"RUN_AND_BUILD_TIME", "RUN_TIME", "BUILD_TIME",
                                            "UNSET"};
constexpr Shape kScope{Choice{kScopeWords}};
constexpr std::string_view kTypeWords[] = {"GENERAL", "SECRET"};
constexpr Shape kType{Choice{kTypeWords}};
constexpr Shape kVariable{NameText{}, "^[_A-Za-z][_A-Za-z0-9]*$"};
constexpr Key kEnvKeys[] = {
    {"key", &kVariable, "The variable's name.", Need::required},
    {"value", &kText,
     "Its value. ${db.DATABASE_URL} and the like are replaced by what they refer to."},
    {"scope", &kScope, "Who sees it: the build, the run (migrations too), or both, the default."},
    {"type", &kType,
     "SECRET: the platform encrypts the value when it is first given, to EV[…], which only it can "
     "read."}};
constexpr Shape kEnv{Object{kEnvKeys, "write `- key: NAME` and below it `value: …`"}};

constexpr Key kGitKeys[] = {{"repo_clone_url", &kText, "The URL to clone."},
                            {"branch", &kText, "The branch; bough builds the one the file is on."}};
constexpr Shape kGit{Object{kGitKeys, "write `repo_clone_url:` and `branch:` below it"}};
constexpr Key kForgeKeys[] = {
    {"repo", &kText, "The repository as owner/name."},
    {"branch", &kText, "The branch; bough builds the one the file is on."},
    {"deploy_on_push", &kFlag, "Whether a push deploys; bough always acts on pushes."}};
constexpr Shape kForge{Object{kForgeKeys, "write `repo: owner/name` and `branch:` below it"}};
constexpr Key kImagePushKeys[] = {{"enabled", &kFlag, "Whether a pushed image deploys."}};
constexpr Shape kImagePush{Object{kImagePushKeys, "write {enabled: true}"}};
constexpr std::string_view kRegistryWords[] = {"DOCR", "DOCKER_HUB", "GHCR", "UNSPECIFIED"};
constexpr Shape kRegistryType{Choice{kRegistryWords, Others::doubted}};
constexpr Key kImageKeys[] = {
    {"registry_type", &kRegistryType, "The kind of registry."},
    {"registry", &kText, "The registry's name; none for DOCR."},
    {"repository", &kText, "The image's repository."},
    {"tag", &kText, "The image's tag, latest when it is not set; not together with digest."},
    {"digest", &kText, "The image's digest; not together with tag."},
    {"registry_credentials", &kText, "The login of a private registry, user:token."},
    {"deploy_on_push", &kImagePush, "Deploys when a new image is pushed, DOCR only."}};
constexpr Shape kImage{Object{kImageKeys, "write `registry_type:` and `repository:` below it"}};

constexpr std::string_view kSlugWords[] = {"node-js",       "python", "go",   "php",    "ruby",
                                           "ruby-on-rails", "hugo",   "html", "gatsby", "bun"};
constexpr Shape kSlug{Choice{kSlugWords, Others::fine}};
constexpr std::string_view kSizeWords[] = {"apps-s-1vcpu-0.5gb",
                                           "apps-s-1vcpu-1gb-fixed",
                                           "apps-s-1vcpu-1gb",
                                           "apps-s-1vcpu-2gb",
                                           "apps-s-2vcpu-4gb",
                                           "apps-d-1vcpu-0.5gb",
                                           "apps-d-1vcpu-1gb",
                                           "apps-d-1vcpu-2gb",
                                           "apps-d-1vcpu-4gb",
                                           "apps-d-2vcpu-4gb",
                                           "apps-d-2vcpu-8gb",
                                           "apps-d-4vcpu-8gb",
                                           "apps-d-4vcpu-16gb",
                                           "apps-d-8vcpu-32gb",
                                           "basic-xxs",
                                           "basic-xs",
                                           "basic-s",
                                           "basic-m",
                                           "professional-xs",
                                           "professional-s",
                                           "professional-m",
                                           "professional-1l",
                                           "professional-l",
                                           "professional-xl"};
constexpr Shape kSize{Choice{kSizeWords, Others::fine}};
constexpr Shape kCount{WholeNumber{1, 250}};
constexpr std::string_view kProtocolWords[] = {"HTTP", "HTTP2", "UNSPECIFIED"};
constexpr Shape kProtocol{Choice{kProtocolWords, Others::doubted}};
constexpr Shape kPorts{List{&kPort}};

constexpr Key kSourceKeys[] = {
    {"name", &kName, "The component's name, unique in the app.", Need::required},
    {"git", &kGit, "A public Git repository."},
    {"github", &kForge, "A GitHub repository."},
    {"gitlab", &kForge, "A GitLab repository."},
    {"bitbucket", &kForge, "A Bitbucket repository."},
    {"source_dir", &kText,
     "The folder to build and run in, relative to the repository's root. bough runs the "
     "component's commands there."},
    {"envs", &kEnvs, "Variables of this component; they win over the app's."},
    {"log_destinations", &kLogs, "Where logs are sent."}};
constexpr Key kBuildKeys[] = {
    {"image", &kImage, "An image to run in place of source."},
    {"dockerfile_path", &kText,
     "The Dockerfile to build with, relative to the repository's root. bough runs build_command "
     "only."},
    {"build_command", &kText,
     "The command that builds the component. bough runs it for each commit."},
    {"environment_slug", &kSlug, "The buildpack, such as node-js."}};
constexpr Key kRunKeys[] = {
    {"run_command", &kText,
     "The command that runs the component. bough runs that of PRE_DEPLOY jobs, as migrations."},
    {"instance_size_slug", &kSize, "The size of an instance."},
    {"instance_count", &kCount, "How many instances; not together with autoscaling."},
    {"autoscaling", &kScaling, "Scales by load."},
    {"alerts", &kAlerts, "Alerts of this component, such as CPU_UTILIZATION."},
    {"termination", &kTermination, "How an instance is stopped."}};
constexpr Key kServiceOnlyKeys[] = {
    {"http_port", &kPort, "The port that run_command listens on; 8080 when it is not set."},
    {"protocol", &kProtocol, "HTTP, or HTTP2 without TLS."},
    {"routes", &kRoutes, "Deprecated: see ingress."},
    {"health_check", &kHealth, "How readiness is checked."},
    {"liveness_health_check", &kHealth, "How an instance is found to hang, and restarted."},
    {"cors", &kCors, "Deprecated: see ingress."},
    {"internal_ports", &kPorts, "Ports for traffic inside the app."},
    {"inactivity_sleep", &kSleep, "Puts the service to sleep when nobody asks for it."}};
constexpr auto kServiceKeys = joined(kSourceKeys, kBuildKeys, kRunKeys, kServiceOnlyKeys);
constexpr Shape kService{Object{kServiceKeys, "begin each service with `- name:`"}};

constexpr Key kWorkerOnlyKeys[] = {
    {"liveness_health_check", &kHealth, "How an instance is found to hang, and restarted."}};
constexpr auto kWorkerKeys = joined(kSourceKeys, kBuildKeys, kRunKeys, kWorkerOnlyKeys);
constexpr Shape kWorker{Object{kWorkerKeys, "begin each worker with `- name:`"}};

constexpr std::string_view kKindWords[] = {"PRE_DEPLOY", "POST_DEPLOY", "FAILED_DEPLOY",
                                           "SCHEDULED", "UNSPECIFIED"};
constexpr Shape kKind{Choice{kKindWords}};
constexpr Key kScheduleKeys[] = {
    {"cron", &kText, "Five fields: minute, hour, day of the month, month, weekday."},
    {"time_zone", &kText, "The zone that cron is meant in, such as Europe/Berlin."}};
constexpr Shape kSchedule{Object{kScheduleKeys, "write `schedule:` and below it `cron: …`"}};
constexpr Key kJobOnlyKeys[] = {
    {"kind", &kKind,
     "When it runs: PRE_DEPLOY before the deployment (a migration for bough), POST_DEPLOY after "
     "it, FAILED_DEPLOY after one that failed, SCHEDULED by schedule. UNSPECIFIED is POST_DEPLOY."},
    {"schedule", &kSchedule, "When a SCHEDULED job runs."},
    {"timeout", &kText, "How long it may run, such as 1h30m; 30m when it is not set."}};
constexpr auto kJobKeys = joined(kSourceKeys, kBuildKeys, kRunKeys, kJobOnlyKeys);
constexpr Shape kJob{Object{kJobKeys, "begin each job with `- name:`"}};

constexpr Key kSiteOnlyKeys[] = {
    {"output_dir", &kText, "Where the build leaves the files, relative to source_dir."},
    {"index_document", &kText, "The document of a folder; index.html when it is not set."},
    {"error_document", &kText, "The document of errors; 404.html when it is not set."},
    {"catchall_document", &kText, "The document of what is not found, in place of error_document."},
    {"routes", &kRoutes, "Deprecated: see ingress."},
    {"cors", &kCors, "Deprecated: see ingress."}};
constexpr auto kSiteKeys = joined(kSourceKeys, kBuildKeys, kSiteOnlyKeys);
constexpr Shape kSite{Object{kSiteKeys, "begin each static site with `- name:`"}};

constexpr Key kFunctionOnlyKeys[] = {{"routes", &kRoutes, "Deprecated: see ingress."},
                                     {"alerts", &kAlerts, "Alerts of this component."},
                                     {"cors", &kCors, "Deprecated: see ingress."}};
constexpr auto kFunctionKeys = joined(kSourceKeys, kFunctionOnlyKeys);
constexpr Shape kFunction{Object{kFunctionKeys, "begin each component with `- name:`"}};

}  // namespace

const Shape kEnvs{List{&kEnv}};
const Shape kServices{List{&kService}};
const Shape kWorkers{List{&kWorker}};
const Shape kJobs{List{&kJob}};
const Shape kSites{List{&kSite}};
const Shape kFunctions{List{&kFunction}};

}  // namespace bough::app_shape
