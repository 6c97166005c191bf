#include "git/forges/settings.h"

namespace bough::forges {
namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kNoRef = "0000000000000000000000000000000000000000";

std::vector<Setting> gitea_lines(const std::string& url, const std::string& secret) {
  return {{"Target URL", url},
          {"HTTP method", "POST"},
          {"POST content type", kJson},
          {"Secret", secret},
          {"Trigger on", "Custom events: Push, Create, Delete, Status, Workflow run"},
          {"Branch filter", "*"}};
}

std::string quoted(const char* key, const std::string& value) {
  return "\"" + std::string(key) + "\":\"" + value + "\"";
}

std::string github_push() {
  return "{" + quoted("ref", "refs/heads/bough-test") + "," + quoted("before", kNoRef) + "," +
         quoted("after", kNoRef) + "}";
}

}  // namespace

Settings settings_of(Provider provider, const std::string& url, const std::string& secret) {
  switch (provider) {
    case Provider::github:
      return {"Settings → Webhooks → Add webhook",
              {{"Payload URL", url},
               {"Content type", kJson},
               {"Secret", secret},
               {"SSL verification", "Enable"},
               {"Events",
                "Pushes, Branch or tag creation, Branch or tag deletion; for builds "
                "also Workflow runs, Check suites, Statuses"}}};
    case Provider::gitlab:
      return {"Settings → Webhooks → Add new webhook",
              {{"URL", url},
               {"Signing token, or Secret token", secret},
               {"Trigger",
                "Push events (All branches); for builds also Pipeline events, Job "
                "events"},
               {"SSL verification", "Enable"}}};
    case Provider::gitea:
      return {"Settings → Webhooks → Add webhook → Gitea", gitea_lines(url, secret)};
    case Provider::forgejo:
      return {"Settings → Webhooks → Add webhook → Forgejo", gitea_lines(url, secret)};
    case Provider::gogs:
      return {"Settings → Webhooks → Add a new webhook → Gogs",
              {{"Payload URL", url},
               {"Content type", kJson},
               {"Secret", secret},
               {"When", "I will choose: Create, Delete, Push"}}};
    case Provider::bitbucket:
      return {"Repository settings → Webhooks → Add webhook",
              {{"URL", url},
               {"Secret", secret},
               {"Status", "Active"},
               {"Triggers",
                "Repository: Push; for builds also Build status created, Build status "
                "updated"}}};
    case Provider::bitbucket_server:
      return {"Repository settings → Webhooks → Create webhook",
              {{"URL", url},
               {"Secret", secret},
               {"Authentication", "None"},
               {"Events", "Repository: Push"}}};
    case Provider::azure:
      return {"Project settings → Service hooks → Create subscription → Web Hooks",
              {{"Trigger", "Code pushed; another subscription for Build completed"},
               {"URL", url},
               {"Basic authentication username", "bough"},
               {"Basic authentication password", secret},
               {"Resource details to send", "All"}}};
    case Provider::generic:
      return {"any program that can sign",
              {{"POST", url},
               {"Content-Type", kJson},
               {"X-Signature",
                "sha256= and the hexadecimal HMAC-SHA256 of the body, keyed with " + secret},
               {"Body", "{} or {\"repo\": …, \"ref\": …}"}}};
    case Provider::standard:
      return {"any sender of Standard Webhooks",
              {{"POST", url}, {"Content-Type", kJson}, {"Signing secret (whsec_…)", secret}}};
  }
  return {};
}

Sample sample_push(Provider provider) {
  switch (provider) {
    case Provider::github:
      return {{{"X-GitHub-Event", "push"}}, github_push()};
    case Provider::gitlab:
      return {{{"X-Gitlab-Event", "Push Hook"}}, github_push()};
    case Provider::gitea:
      return {{{"X-Gitea-Event", "push"}}, github_push()};
    case Provider::forgejo:
      return {{{"X-Forgejo-Event", "push"}}, github_push()};
    case Provider::gogs:
      return {{{"X-Gogs-Event", "push"}}, github_push()};
    case Provider::bitbucket:
      return {{{"X-Event-Key", "repo:push"}}, R"({"push":{"changes":[]}})"};
    case Provider::bitbucket_server:
      return {{{"X-Event-Key", "repo:refs_changed"}}, R"({"changes":[]})"};
    case Provider::azure:
      return {{}, R"({"eventType":"git.push","resource":{"refUpdates":[]}})"};
    case Provider::generic:
    case Provider::standard:
      break;
  }
  return {{}, R"({"ref":"refs/heads/bough-test"})"};
}

}  // namespace bough::forges
