#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "git/forges/headers.h"
#include "git/forges/settings.h"
#include "git/forges/signature.h"
#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/operations/http_client.h"
#include "reconciler/webhook.h"

namespace bough::operations {
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
  Hook hook;
  std::string url;
  std::string secret;  ///< in words
};

std::vector<Known> hooks_for(const Installation& installation, const std::string& name) {
  std::vector<Known> known;
  const RepositoryConfig* repository = installation.repository(name);
  if (!repository) return known;
  for (Hook& hook : hooks_of(installation))
    if (hook.repository.text() == name) {
      const std::string url = base_url(installation.config()) + hook.path;
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

}  // namespace

Result<Outcome> webhooks(Context& context, const Arguments& arguments, const Emit&) {
  Json document{{"format_version", kFormatVersion}, {"webhooks", Json::array()}};
  for (const Known& known : hooks_for(*context.installation, arguments.text("repository")))
    document["webhooks"].push_back(document_of(known));
  return Outcome{text_of(document)};
}

Result<Outcome> try_webhooks(Context& context, const Arguments& arguments, const Emit&) {
  Json document{{"format_version", kFormatVersion}, {"deliveries", Json::array()}};
  const auto hooks = hooks_for(*context.installation, arguments.text("repository"));
  bool fine = !hooks.empty();
  for (const Known& known : hooks) {
    document["deliveries"].push_back(tried(known));
    fine = fine && document["deliveries"].back()["ok"].get<bool>();
  }
  return Outcome{text_of(document), fine ? kOk : kFailed};
}

Result<Outcome> report_build(Context& context, const Arguments& arguments, const Emit&) {
  auto commit = Commit::parse(arguments.text("commit"));
  if (!commit) return within("commit", commit.error());
  const RepositoryConfig* repository =
      context.installation->repository(arguments.text("repository"));
  if (!repository) return Error{Fault::missing, "the repository is no longer configured"};
  auto journal = context.installation->journal(Installation::Dev::create);
  if (!journal) return journal.error();
  const std::string& url = arguments.text("url");
  const ReportedBuild build{repository->name,
                            *commit,
                            arguments.text("name"),
                            arguments.text("branch"),
                            arguments.text("state") == "succeeded",
                            context.asker.title() + (url.empty() ? "" : ", " + url)};
  if (auto kept = (*journal)->report(build); !kept) return kept.error();
  context.want(build.repository);
  return Outcome{text_of({{"format_version", kFormatVersion},
                          {"repository", build.repository.text()},
                          {"commit", build.commit.text()},
                          {"name", printable(build.name)},
                          {"state", arguments.text("state")}})};
}

}  // namespace bough::operations
