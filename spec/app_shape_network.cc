#include "spec/app_shape_parts.h"

namespace bough::app_shape {
namespace {

constexpr Key kRouteKeys[] = {
    {"path", &kText, "The beginning of the paths that reach the component."},
    {"preserve_path_prefix", &kFlag, "true passes the whole path on."}};
constexpr Shape kRoute{Object{kRouteKeys, "write `- path: /`"}};

constexpr Key kMatchKeys[] = {{"exact", &kText, "The whole text."},
                              {"prefix", &kText, "How the text begins."},
                              {"regex", &kText, "A regular expression (RE2)."}};
constexpr Shape kMatch{Object{kMatchKeys, "write {prefix: /} or {exact: …}"}};
constexpr Shape kMatches{List{&kMatch}};
constexpr Key kCorsKeys[] = {
    {"allow_origins", &kMatches, "Origins that may ask."},
    {"allow_methods", &kTexts, "Methods that may be used."},
    {"allow_headers", &kTexts, "Headers that may be sent."},
    {"expose_headers", &kTexts, "Headers that scripts may read."},
    {"max_age", &kText, "How long the answer to a preflight request counts, such as 5h30m."},
    {"allow_credentials", &kFlag, "Whether credentials may be sent."}};

constexpr std::string_view kTypeWords[] = {"DEFAULT", "PRIMARY", "ALIAS", "UNSPECIFIED"};
constexpr Shape kType{Choice{kTypeWords, Others::doubted}};
constexpr std::string_view kTlsWords[] = {"1.2", "1.3"};
constexpr Shape kTls{Choice{kTlsWords, Others::doubted}};
constexpr Key kDomainKeys[] = {
    {"domain", &kText, "The host name."},
    {"type", &kType, "PRIMARY is the one that APP_URL names; others are ALIAS."},
    {"wildcard", &kFlag, "Whether all names below it belong to it."},
    {"zone", &kText, "The DNS zone that the platform manages for it."},
    {"certificate", &kText, "A certificate to use."},
    {"minimum_tls_version", &kTls, "The oldest TLS version, in quotes: \"1.2\" or \"1.3\"."}};
constexpr Shape kDomain{Object{kDomainKeys, "write `- domain: app.example.com`"}};

constexpr Key kRuleMatchKeys[] = {{"path", &kMatch, "The path of the request."},
                                  {"authority", &kMatch, "The host of the request."}};
constexpr Shape kRuleMatch{Object{kRuleMatchKeys, "write {path: {prefix: /}}"}};
constexpr Key kRuleComponentKeys[] = {
    {"name", &kText, "The component that answers."},
    {"preserve_path_prefix", &kFlag, "true passes the whole path on."},
    {"rewrite", &kText, "What the matched beginning of the path becomes."}};
constexpr Shape kRuleComponent{Object{kRuleComponentKeys, "write {name: COMPONENT}"}};
constexpr Shape kCode{WholeNumber{300, 308}};
constexpr Key kRedirectKeys[] = {{"uri", &kText, "The path to go to."},
                                 {"authority", &kText, "The host to go to."},
                                 {"port", &kPort, "The port to go to."},
                                 {"scheme", &kText, "http or https, the default."},
                                 {"redirect_code", &kCode, "The status; 302 when it is not set."}};
constexpr Shape kRedirect{Object{kRedirectKeys}};
constexpr Key kRuleKeys[] = {{"match", &kRuleMatch, "The requests that it is for."},
                             {"component", &kRuleComponent, "The component that answers."},
                             {"redirect", &kRedirect, "Where they are sent instead."},
                             {"cors", &kCors, "What other origins may ask."}};
constexpr Shape kRule{Object{kRuleKeys, "begin each rule with `- match:` or `- component:`"}};
constexpr Shape kRules{List{&kRule}};
constexpr Key kSecureHeaderKeys[] = {{"key", &kText, "The header's name."},
                                     {"value", &kText, "The header's value."},
                                     {"remove_header", &kFlag, "Whether it is taken away."}};
constexpr Shape kSecureHeader{Object{kSecureHeaderKeys}};
constexpr std::string_view kBalancerWords[] = {"DIGITALOCEAN", "UNKNOWN"};
constexpr Shape kBalancer{Choice{kBalancerWords, Others::doubted}};
constexpr Shape kWhole{WholeNumber{}};
constexpr Key kIngressKeys[] = {
    {"load_balancer", &kBalancer, "The load balancer in front of the app."},
    {"load_balancer_size", &kWhole, "Its size."},
    {"rules", &kRules, "Which component answers which requests, in order."},
    {"secure_header", &kSecureHeader, "A header that proves where a request came from."}};

}  // namespace

const Shape kRoutes{List{&kRoute}};
const Shape kCors{Object{kCorsKeys}};
const Shape kDomains{List{&kDomain}};
const Shape kIngress{Object{kIngressKeys, "write `ingress:` and below it `rules:`"}};

}  // namespace bough::app_shape
