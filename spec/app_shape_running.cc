#include "spec/app_shape_parts.h"

namespace bough::app_shape {
namespace {

constexpr std::string_view kRuleWords[] = {"CPU_UTILIZATION",
                                           "MEM_UTILIZATION",
                                           "RESTART_COUNT",
                                           "DEPLOYMENT_FAILED",
                                           "DEPLOYMENT_LIVE",
                                           "DEPLOYMENT_STARTED",
                                           "DEPLOYMENT_CANCELED",
                                           "DOMAIN_FAILED",
                                           "DOMAIN_LIVE",
                                           "AUTOSCALE_FAILED",
                                           "AUTOSCALE_SUCCEEDED",
                                           "JOB_INVOCATION_FAILED",
                                           "FUNCTIONS_ACTIVATION_COUNT",
                                           "FUNCTIONS_AVERAGE_DURATION_MS",
                                           "FUNCTIONS_ERROR_RATE_PER_MINUTE",
                                           "FUNCTIONS_AVERAGE_WAIT_TIME_MS",
                                           "FUNCTIONS_ERROR_COUNT",
                                           "FUNCTIONS_GB_RATE_PER_SECOND",
                                           "REQUESTS_PER_SECOND",
                                           "REQUEST_DURATION_P95_MS",
                                           "UNSPECIFIED_RULE"};
constexpr Shape kRule{Choice{kRuleWords, Others::doubted}};
constexpr std::string_view kOperatorWords[] = {"GREATER_THAN", "LESS_THAN", "UNSPECIFIED_OPERATOR"};
constexpr Shape kOperator{Choice{kOperatorWords, Others::doubted}};
constexpr std::string_view kWindowWords[] = {"FIVE_MINUTES", "TEN_MINUTES", "THIRTY_MINUTES",
                                             "ONE_HOUR", "UNSPECIFIED_WINDOW"};
constexpr Shape kWindow{Choice{kWindowWords, Others::doubted}};
constexpr Key kAlertKeys[] = {{"rule", &kRule, "What is watched."},
                              {"disabled", &kFlag, "true switches it off."},
                              {"operator", &kOperator, "How the value is compared."},
                              {"value", &kDecimal, "The value to compare with."},
                              {"window", &kWindow, "How long it must hold."}};
constexpr Shape kAlert{Object{kAlertKeys, "write `- rule: …`"}};

constexpr Key kPapertrailKeys[] = {{"endpoint", &kText, "The syslog endpoint."}};
constexpr Shape kPapertrail{Object{kPapertrailKeys, "write {endpoint: host:port}"}};
constexpr Key kDatadogKeys[] = {{"endpoint", &kText, "The intake's URL."},
                                {"api_key", &kText, "The API key."}};
constexpr Shape kDatadog{Object{kDatadogKeys}};
constexpr Key kLogtailKeys[] = {{"token", &kText, "The token."}};
constexpr Shape kLogtail{Object{kLogtailKeys}};
constexpr Key kLoginKeys[] = {{"user", &kText, "The user."}, {"password", &kText, "The password."}};
constexpr Shape kLogin{Object{kLoginKeys}};
constexpr Key kSearchKeys[] = {{"endpoint", &kText, "The URL, https://host:port."},
                               {"basic_auth", &kLogin, "The login."},
                               {"index_name", &kText, "The index; logs when it is not set."},
                               {"cluster_name", &kText, "A managed cluster in place of endpoint."}};
constexpr Shape kSearch{Object{kSearchKeys}};
constexpr Key kHeaderKeys[] = {{"key", &kText, "The header's name."},
                               {"value", &kText, "The header's value."}};
constexpr Shape kHeader{Object{kHeaderKeys}};
constexpr Shape kHeaders{List{&kHeader}};
constexpr Key kLogKeys[] = {{"name", &kText, "The destination's name."},
                            {"papertrail", &kPapertrail, "Papertrail."},
                            {"datadog", &kDatadog, "Datadog."},
                            {"logtail", &kLogtail, "Better Stack, formerly Logtail."},
                            {"open_search", &kSearch, "OpenSearch."},
                            {"endpoint", &kText, "Any endpoint that takes logs over HTTP."},
                            {"tls_insecure", &kFlag, "true does not check its certificate."},
                            {"headers", &kHeaders, "Headers to send with them."}};
constexpr Shape kLog{Object{kLogKeys, "begin each destination with `- name:`"}};

constexpr Shape kPercent{WholeNumber{1, 100}};
constexpr Shape kPositive{WholeNumber{1, 1'000'000'000}};
constexpr Shape kCount{WholeNumber{1, 250}};
constexpr Key kCpuKeys[] = {{"percent", &kPercent, "The average use to aim at."}};
constexpr Shape kCpu{Object{kCpuKeys, "write {percent: 80}"}};
constexpr Key kRequestsKeys[] = {{"per_instance", &kPositive, "Requests per second to aim at."}};
constexpr Shape kRequests{Object{kRequestsKeys, "write {per_instance: 100}"}};
constexpr Key kDurationKeys[] = {
    {"p95_milliseconds", &kPositive, "The 95th percentile to aim at."}};
constexpr Shape kDuration{Object{kDurationKeys, "write {p95_milliseconds: 250}"}};
constexpr Key kMetricsKeys[] = {{"cpu", &kCpu, "The use of the processor."},
                                {"requests_per_second", &kRequests, "The number of requests."},
                                {"request_duration", &kDuration, "How long requests take."}};
constexpr Shape kMetrics{Object{kMetricsKeys, "write {cpu: {percent: 80}}"}};
constexpr Key kScalingKeys[] = {{"min_instance_count", &kCount, "The fewest instances."},
                                {"max_instance_count", &kCount, "The most instances."},
                                {"metrics", &kMetrics, "What the number follows."}};

constexpr Shape kDelay{WholeNumber{0, 3600}};
constexpr Shape kPeriod{WholeNumber{1, 300}};
constexpr Shape kPatience{WholeNumber{1, 120}};
constexpr Shape kThreshold{WholeNumber{1, 50}};
constexpr Key kHealthKeys[] = {
    {"path", &kText, "Deprecated: see http_path."},
    {"initial_delay_seconds", &kDelay, "How long to wait before the first check."},
    {"period_seconds", &kPeriod, "How long to wait between checks."},
    {"timeout_seconds", &kPatience, "How long a check may take."},
    {"success_threshold", &kThreshold, "How many successes make it healthy."},
    {"failure_threshold", &kThreshold, "How many failures make it unhealthy."},
    {"http_path", &kText, "The path to ask for; a TCP check when it is not set."},
    {"port", &kPort, "The port to ask; http_port when it is not set."}};

constexpr Shape kDrain{WholeNumber{1, 110}};
constexpr Shape kGrace{WholeNumber{1, 600}};
constexpr Key kTerminationKeys[] = {
    {"drain_seconds", &kDrain, "How long before TERM no new requests are sent; 15 by default."},
    {"grace_period_seconds", &kGrace, "How long after TERM it is killed; 120 by default."}};
constexpr Key kLoadingPageKeys[] = {{"enabled", &kFlag, "Whether a page is shown meanwhile."},
                                    {"custom_url", &kText, "A page of your own."}};
constexpr Shape kLoadingPage{Object{kLoadingPageKeys}};
constexpr Key kSleepKeys[] = {{"after_seconds", &kPositive, "After how long without requests."},
                              {"loading_page", &kLoadingPage, "What is shown while it wakes."}};

}  // namespace

const Shape kAlerts{List{&kAlert}};
const Shape kLogs{List{&kLog}};
const Shape kScaling{Object{kScalingKeys}};
const Shape kHealth{Object{kHealthKeys, "write {http_path: /health}"}};
const Shape kTermination{Object{kTerminationKeys}};
const Shape kSleep{Object{kSleepKeys}};

}  // namespace bough::app_shape
