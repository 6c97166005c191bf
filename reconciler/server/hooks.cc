#include "reconciler/server/hooks.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "git/forges/binding.h"

namespace bough::server {
namespace {

using Json = nlohmann::ordered_json;
using forges::BuildFinished;
using forges::Delivery;
using forges::Pushed;

constexpr std::uint64_t kLongestBody = 25 * 1024 * 1024;  // what GitHub sends at most
constexpr std::size_t kRemembered = 1000;
constexpr std::size_t kMostRefsTold = 100;

Response told(int status, const Json& document) {
  return {status,
          {{"Content-Type", "application/json"}},
          document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Json result(const char* word, const char* event) {
  return {{"format_version", "1.0"}, {"result", word}, {"event", event}};
}

Response ignored(const char* event, const std::string& because) {
  Json document = result("ignored", event);
  document["because"] = because;
  return told(200, document);
}

Response accepted(const Pushed& pushed) {
  Json document = result("accepted", "push");
  document["refs"] = Json::array();
  for (const forges::RefHint& hint : pushed.refs)
    if (document["refs"].size() < kMostRefsTold)
      document["refs"].push_back(
          {{"ref", hint.ref}, {"before", hint.before}, {"after", hint.after}});
  return told(202, document);
}

/// As the journal keeps it; an error says why it cannot be believed.
Result<ReportedBuild> believed(const Hook& hook, const BuildFinished& build) {
  auto commit = Commit::parse(build.commit);
  if (!commit) return within("the build's commit", commit.error());
  if (build.repository.empty())
    return Error{Fault::refused, "it does not say whose commit was built"};
  if (!forges::may_be(build.repository, hook.repository_url))
    return Error{Fault::refused, "it built a commit of another repository, such as a fork"};
  if (build.of_tag) return Error{Fault::refused, "it built a tag"};
  return ReportedBuild{hook.repository,
                       *std::move(commit),
                       build.name,
                       build.branch,
                       build.outcome == forges::BuildOutcome::succeeded,
                       fmt::format("webhook {}", forges::word_of(hook.provider))};
}

}  // namespace

/// One request to a hook.
class HookExchange : public Exchange {
 public:
  HookExchange(Hooks& hooks, Hooks::Entry& entry, const Head& head)
      : hooks_(hooks),
        entry_(entry),
        receiver_(entry.hook.provider, entry.hook.secrets, head.headers, hooks.effects_.clock()) {}

  std::uint64_t body_limit() const override { return kLongestBody; }
  void take(std::string_view bytes) override { receiver_.take(bytes); }

  void finish(std::shared_ptr<Outlet> outlet) override {
    std::visit(Match{[&](const forges::Unproven&) { end(outlet, "refused", unproven()); },
                     [&](const forges::UnfitMedia& unfit) {
                       end(outlet, "unfit", refusal(415, unfit.reason));
                     },
                     [&](const forges::Malformed& bad) {
                       end(outlet, "malformed", refusal(400, bad.reason));
                     },
                     [&](const Delivery& delivery) { deliver(delivery, outlet); }},
               receiver_.finish());
  }

  /// The answer that the headers decide, before any body was sent.
  std::optional<Response> settled() {
    const auto& reception = receiver_.settled();
    if (!reception) return std::nullopt;
    if (std::holds_alternative<forges::Unproven>(*reception)) {
      hooks_.count(entry_, "refused");
      return unproven();
    }
    if (const auto* unfit = std::get_if<forges::UnfitMedia>(&*reception)) {
      hooks_.count(entry_, "unfit");
      return refusal(415, unfit->reason);
    }
    return std::nullopt;
  }

 private:
  static Response unproven() { return refusal(401, "the signature or token is missing or wrong"); }

  void end(const std::shared_ptr<Outlet>& outlet, const char* word, Response response) {
    hooks_.count(entry_, word);
    outlet->send(std::move(response));
  }

  void deliver(const Delivery& delivery, const std::shared_ptr<Outlet>& outlet) {
    const Hook& hook = entry_.hook;
    if (!forges::may_be(delivery.repository, hook.repository_url)) {
      hooks_.effects_.say(hook.repository,
                          fmt::format("ignored a delivery of {} that is about {}",
                                      forges::word_of(hook.provider), delivery.repository));
      return end(outlet, "ignored", ignored("other", "it is about another repository"));
    }
    std::visit(
        Match{[&](const Pushed& pushed) { push(pushed, delivery.id, outlet); },
              [&](const BuildFinished& build) { report(build, outlet); },
              [&](const forges::Ping&) { end(outlet, "ping", told(200, result("pong", "ping"))); },
              [&](const forges::Irrelevant& other) {
                end(outlet, "ignored", ignored(other.event.c_str(), "nothing depends on it"));
              }},
        delivery.content);
  }

  void push(const Pushed& pushed, const std::string& id, const std::shared_ptr<Outlet>& outlet) {
    if (!forges::concerns_branches(pushed))
      return end(outlet, "ignored", ignored("push", "it names no branch"));
    if (hooks_.repeated(entry_, id))
      return end(outlet, "repeated", told(200, result("repeated", "push")));
    hooks_.effects_.announce(entry_.hook.repository);
    end(outlet, "accepted", accepted(pushed));
  }

  /// Acknowledged when it is durable: hosts do not tell twice.
  void report(const BuildFinished& build, const std::shared_ptr<Outlet>& outlet) {
    auto fact = believed(entry_.hook, build);
    if (!fact) {
      hooks_.effects_.say(entry_.hook.repository,
                          "a finished build does not count: " + fact.error().message);
      return end(outlet, "ignored", ignored("build", fact.error().message));
    }
    hooks_.count(entry_, "accepted");
    hooks_.effects_.later([effects = &hooks_.effects_, fact = *fact, outlet] {
      if (auto kept = effects->report(fact); !kept)
        return outlet->send(refusal(503, "the journal does not answer; send it again later"));
      effects->want(fact.repository);
      outlet->send(told(202, result("accepted", "build")));
    });
  }

  Hooks& hooks_;
  Hooks::Entry& entry_;
  forges::Receiver receiver_;
};

Hooks::Hooks(std::vector<Hook> hooks, HookEffects effects, Metrics& metrics, Rate rate)
    : effects_(std::move(effects)), metrics_(metrics), rate_(rate) {
  for (Hook& hook : hooks)
    if (!hook.secrets.empty()) entries_.emplace(hook.path, Entry{hook, {}, {}, {}});
}

void Hooks::count(const Entry& entry, const char* result) {
  metrics_.count(
      "bough_webhook_requests_total",
      {{"provider", std::string(forges::word_of(entry.hook.provider))}, {"result", result}});
}

bool Hooks::repeated(Entry& entry, const std::string& id) {
  if (id.empty()) return false;
  if (!entry.seen.insert(id).second) return true;
  entry.order.push_back(id);
  if (entry.order.size() > kRemembered) {
    entry.seen.erase(entry.order.front());
    entry.order.pop_front();
  }
  return false;
}

Site::Beginning Hooks::begin(const Head& head) {
  const auto found = entries_.find(head.path);
  if (found == entries_.end()) return refusal(404, "there is nothing here");
  Entry& entry = found->second;
  if (!entry.bucket.take(rate_, effects_.clock())) {
    count(entry, "limited");
    Response response = refusal(429, "too many deliveries for this hook");
    response.headers.push_back({"Retry-After", "1"});
    return response;
  }
  if (head.method != "POST") {
    count(entry, "unfit");
    return refusal(415, "hooks take POST requests with a JSON body");
  }
  auto exchange = std::make_unique<HookExchange>(*this, entry, head);
  if (auto answer = exchange->settled()) return *std::move(answer);
  return exchange;
}

}  // namespace bough::server
