#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "git/forges/settings.h"
#include "reconciler/cli/commands.h"
#include "reconciler/cli/http_client.h"
#include "reconciler/documents.h"
#include "reconciler/server/hooks.h"
#include "reconciler/server/service.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kPatience(15);

std::string source_text(const SecretSource& source) {
  return std::visit(Match{[](const FromFile& file) { return "the text of the file " + file.path; },
                          [](const FromEnvironment& variable) {
                            return "the value of the environment variable " + variable.variable;
                          }},
                    source);
}

/// Where the secret of a hook is to be found; the secret itself is never printed.
std::string source_of(const RepositoryConfig& repository, forges::Provider provider) {
  for (const WebhookConfig& webhook : repository.webhooks)
    if (webhook.provider == forges::word_of(provider)) return source_text(webhook.secret);
  return "";
}

struct Known {
  server::Hook hook;
  std::string url;
  std::string secret;  ///< in words
};

Result<std::vector<Known>> hooks_of(const Installation& installation, const std::string& name) {
  const RepositoryConfig* repository = installation.repository(name);
  if (!repository)
    return Error{Fault::missing, "there is no repository " + printable(name) +
                                     " in bough.yaml; bough status lists what there is"};
  std::vector<Known> known;
  for (server::Hook& hook : server::hooks_of(installation))
    if (hook.repository.text() == name) {
      const std::string url = server::base_url(installation.config()) + hook.path;
      known.push_back({std::move(hook), url, source_of(*repository, hook.provider)});
    }
  return known;
}

Json document_of(const Known& known) {
  const auto settings = forges::settings_of(known.hook.provider, known.url, known.secret);
  Json lines = Json::array();
  for (const forges::Setting& line : settings.lines)
    lines.push_back({{"name", line.name}, {"value", line.value}});
  return {{"repository", known.hook.repository.text()},
          {"provider", forges::word_of(known.hook.provider)},
          {"path", known.hook.path},
          {"url", known.url},
          {"secret", known.secret},
          {"ready", !known.hook.secrets.empty()},
          {"problems", known.hook.problems},
          {"settings", {{"page", settings.page}, {"lines", lines}}}};
}

std::string text_of(const Json& hook) {
  std::string text = fmt::format("{} of {}\n  {}\n", hook["provider"].get<std::string>(),
                                 hook["repository"].get<std::string>(),
                                 hook["settings"]["page"].get<std::string>());
  for (const Json& line : hook["settings"]["lines"])
    text += fmt::format("    {:<32} {}\n", line["name"].get<std::string>() + ":",
                        line["value"].get<std::string>());
  for (const Json& problem : hook["problems"])
    text += fmt::format("  {}: {}\n", hook["ready"].get<bool>() ? "warning" : "OFF",
                        problem.get<std::string>());
  return text;
}

int show(const Globals& globals, const std::vector<Known>& hooks) {
  Json document{{"format_version", kFormatVersion}, {"webhooks", Json::array()}};
  for (const Known& known : hooks) document["webhooks"].push_back(document_of(known));
  if (globals.json) {
    fmt::print("{}\n", document.dump(2));
    return kOk;
  }
  for (const Json& hook : document["webhooks"]) fmt::print("{}\n", text_of(hook));
  if (hooks.empty())
    fmt::print(
        "No webhooks: add `webhooks: [{{provider: github, secret: {{env: HOOK_SECRET}}}}]` to"
        " the repository.\n");
  return kOk;
}

/// What a signed delivery to the hook's own URL comes to.
Json tried(const Known& known) {
  Json document{{"provider", forges::word_of(known.hook.provider)},
                {"url", known.url},
                {"ok", false},
                {"status", Json()},
                {"message", ""}};
  if (known.hook.secrets.empty()) {
    document["message"] = known.hook.problems.empty() ? "no secret" : known.hook.problems.front();
    return document;
  }
  const forges::Sample sample = forges::sample_push(known.hook.provider);
  WebRequest request{.method = "POST", .url = known.url, .body = sample.body};
  request.headers.emplace_back("Content-Type", "application/json");
  for (const forges::Setting& one : sample.headers)
    request.headers.emplace_back(one.name, one.value);
  for (const forges::Header& one :
       forges::signed_headers(known.hook.provider, known.hook.secrets.front(), sample.body, now()))
    request.headers.emplace_back(one.name, one.value);
  auto answer = ask(request, kPatience);
  if (!answer) {
    document["message"] = printable(answer.error().message) + "; is bough serve running there?";
    return document;
  }
  document["ok"] = answer->status == 202;
  document["status"] = answer->status;
  const Json said = Json::parse(answer->body, nullptr, false);
  if (said.is_object() && said.contains("message") && said["message"].is_string())
    document["message"] = said["message"];
  return document;
}

int try_all(const Globals& globals, const std::vector<Known>& hooks) {
  Json document{{"format_version", kFormatVersion}, {"deliveries", Json::array()}};
  bool fine = !hooks.empty();
  for (const Known& known : hooks) {
    document["deliveries"].push_back(tried(known));
    fine = fine && document["deliveries"].back()["ok"].get<bool>();
  }
  if (globals.json) {
    fmt::print("{}\n", document.dump(2));
    return fine ? kOk : kFailed;
  }
  for (const Json& one : document["deliveries"])
    fmt::print("{:<7} {:<16} {} {}{}\n", one["ok"].get<bool>() ? "OK" : "FAILED",
               one["provider"].get<std::string>(), one["url"].get<std::string>(),
               one["status"].is_null() ? "" : one["status"].dump() + " ",
               one["message"].get<std::string>());
  if (hooks.empty()) fmt::print("No webhooks are configured.\n");
  return fine ? kOk : kFailed;
}

}  // namespace

int webhooks(const Globals& globals, const WebhooksArguments& arguments) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  auto hooks = hooks_of(*session->installation, arguments.repository);
  if (!hooks) return complain(hooks.error());
  return arguments.verb == "test" ? try_all(globals, *hooks) : show(globals, *hooks);
}

}  // namespace bough::cli
