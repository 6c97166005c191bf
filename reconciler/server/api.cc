#include "reconciler/server/api.h"

#include <fmt/format.h>

#include <exception>
#include <nlohmann/json.hpp>

#include "reconciler/server/problem.h"

namespace bough::server {
namespace {

using operations::Gives;
using operations::Kind;
using operations::Operation;
using operations::Outcome;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLongestBody = 1024 * 1024;
constexpr std::size_t kMostWaiting = 100;
constexpr std::size_t kMostRehearsalsWaiting = 3;
constexpr std::size_t kMostStreams = 1000;

Error nothing_here() {
  return {Fault::missing, "there is nothing here"};
}

bool is_json(std::string_view type) {
  const std::string_view media = type.substr(0, type.find(';'));
  return forges::equal_ignoring_case(media.substr(0, media.find(' ')), "application/json");
}

/// What is wrong with a body of this length, if anything.
std::optional<std::string> unfit(const Head& head, std::size_t size) {
  const int count = forges::count(head.headers, "Content-Type");
  if (count == 0 && size == 0) return std::nullopt;
  const auto type = forges::only(head.headers, "Content-Type");
  if (type && is_json(*type)) return std::nullopt;
  return "the body is to be application/json";
}

/// The id that a client that lost a stream has last seen.
void resume(const Head& head, Routed& routed) {
  const auto id = forges::only(head.headers, "Last-Event-ID");
  const Operation& operation = *routed.operation;
  if (!id || operation.resume.empty()) return;
  operations::Arguments arguments;
  for (const auto& [name, values] : routed.arguments.values())
    if (name != operation.resume) arguments.put(name, values);
  arguments.add(operation.resume, std::string(*id));
  routed.arguments = std::move(arguments);
}

Workers& pool_of(const Pools& pools, const Operation& operation) {
  if (operation.pool == operations::Pool::rehearsals) return pools.rehearsers;
  if (operation.kind != Kind::acts) return pools.readers;
  return operation.gives == Gives::lines ? pools.writers : pools.brief;
}

Response answer_of(const Outcome& outcome, Form form) {
  const forges::Header status{"Bough-Exit-Status", std::to_string(outcome.exit)};
  if (form == Form::text) {
    const Json document = Json::parse(outcome.document, nullptr, false);
    return {
        200, {{"Content-Type", "text/plain; charset=utf-8"}, status}, document.value("text", "")};
  }
  return {200, {{"Content-Type", "application/json"}, status}, outcome.document + "\n"};
}

}  // namespace

/// One operation on its way: done by a worker, answered as the form says.
class Task {
 public:
  Task(ApiAround& around, Routed routed, Grant grant, Form form, std::shared_ptr<Outlet> outlet)
      : around_(around),
        routed_(std::move(routed)),
        grant_(std::move(grant)),
        form_(form),
        outlet_(outlet),
        talk_(std::make_shared<Talk>(form, std::move(outlet))) {
    // From now on, since it may wait long for a thread or for its turn.
    if (in_lines() && !routed_.operation->follow) around_.streams.attend(talk_);
  }

  void run() {
    if (!around_.enter())
      return end(Error{Fault::unavailable, "the daemon is stopping; try again later"});
    // One request must not end the daemon, whatever a library throws.
    try {
      carry_out();
    } catch (const std::exception& thrown) {
      end(Error{Fault::broken,
                fmt::format("{} failed: {}", routed_.operation->name, printable(thrown.what()))});
    }
    around_.leave();
  }

 private:
  bool in_lines() const { return form_ == Form::lines || form_ == Form::events; }

  void carry_out() {
    operations::Context context = around_.context(grant_);
    const Operation& operation = *routed_.operation;
    if (operation.follow && in_lines()) return follow(context);
    const auto emit = [this](std::string_view line) { talk_->line(line); };
    end(operations::perform(operation, context, routed_.arguments, emit));
  }

  void follow(operations::Context& context) {
    auto feed = operations::follow(*routed_.operation, context, routed_.arguments);
    if (!feed) return end(feed.error());
    count(200);
    around_.streams.add(*std::move(feed), form_, outlet_);
  }

  void end(const Result<Outcome>& outcome) {
    const int status = outcome ? 200 : status_of(outcome.error().fault);
    count(status);
    if (outcome && !in_lines()) return outlet_->send(answer_of(*outcome, form_));
    if (!outcome && talk_->answer(problem(outcome.error()))) return;
    Json last{{"format_version", "1.0"}, {"type", "outcome"}};
    last["exit_status"] = outcome ? outcome->exit : operations::exit_of(outcome.error().fault);
    if (outcome)
      last["document"] = Json::parse(outcome->document, nullptr, false);
    else
      last["problem"] = Json::parse(problem_text(status, outcome.error()), nullptr, false);
    talk_->line(last.dump());
    talk_->end();
  }

  void count(int status) {
    around_.metrics.count(
        "bough_api_requests_total",
        {{"operation", std::string(routed_.operation->name)}, {"status", std::to_string(status)}});
  }

  ApiAround& around_;
  Routed routed_;
  Grant grant_;
  Form form_;
  std::shared_ptr<Outlet> outlet_;
  std::shared_ptr<Talk> talk_;
};

/// One request, while its body arrives.
class ApiExchange : public Exchange {
 public:
  ApiExchange(Api& api, const Head& head, Routed routed, Grant grant)
      : api_(api), head_(head), routed_(std::move(routed)), grant_(std::move(grant)) {}

  std::uint64_t body_limit() const override { return kLongestBody; }
  void take(std::string_view bytes) override { body_ += bytes; }

  void finish(std::shared_ptr<Outlet> outlet) override {
    const std::string_view name = routed_.operation->name;
    if (const auto wrong = unfit(head_, body_.size()))
      return outlet->send(api_.refuse(415, {Fault::invalid, *wrong}, name));
    auto read = read_body(body_, routed_);
    if (read) read = operations::check(*routed_.operation, routed_.arguments);
    if (!read) return outlet->send(api_.refuse(400, read.error(), name));
    const Form form = form_of(head_, routed_);
    api_.submit(std::move(routed_), std::move(grant_), form, std::move(outlet));
  }

 private:
  Api& api_;
  Head head_;
  Routed routed_;
  Grant grant_;
  std::string body_;
};

Api::Api(const Tokens& tokens, ApiAround around, Rate rate)
    : tokens_(tokens), around_(std::move(around)), rate_(rate) {}

Response Api::refuse(int status, const Error& error, std::string_view operation) {
  around_.metrics.count("bough_api_requests_total", {{"operation", std::string(operation)},
                                                     {"status", std::to_string(status)}});
  return problem(status, error);
}

Site::Beginning Api::begin(const Head& head) {
  auto grant = tokens_.grant_of(head.headers);
  if (!grant) {
    Response response = refuse(
        401, {Fault::denied, "the token is missing or wrong: Authorization: Bearer TOKEN"}, "");
    response.headers.push_back({"WWW-Authenticate", "Bearer"});
    return response;
  }
  if (!buckets_[grant->name].take(rate_, around_.clock())) {
    Response response =
        refuse(429, {Fault::unavailable, "too many requests with this token; try again later"}, "");
    response.headers.push_back({"Retry-After", "1"});
    return response;
  }
  Route found = route(head);
  if (std::holds_alternative<NoPath>(found)) return refuse(404, nothing_here(), "");
  if (const auto* other = std::get_if<OtherMethods>(&found)) {
    Response response = refuse(405, {Fault::invalid, "the method is to be " + other->allowed}, "");
    response.headers.push_back({"Allow", other->allowed});
    return response;
  }
  Routed& routed = std::get<Routed>(found);
  const std::string_view name = routed.operation->name;
  if (auto may = operations::permit(*routed.operation, *grant); !may)
    return refuse(403, may.error(), name);
  if (auto read = read_query(head.query, routed); !read) return refuse(400, read.error(), name);
  resume(head, routed);
  return std::make_unique<ApiExchange>(*this, head, std::move(routed), *std::move(grant));
}

void Api::submit(Routed routed, Grant grant, Form form, std::shared_ptr<Outlet> outlet) {
  const Operation& operation = *routed.operation;
  const bool rehearses = operation.pool == operations::Pool::rehearsals;
  Workers& workers = pool_of(around_.pools, operation);
  const std::size_t most = rehearses ? kMostRehearsalsWaiting : kMostWaiting;
  const bool follows = operation.follow && (form == Form::lines || form == Form::events);
  if (workers.waiting() >= most || (follows && around_.streams.count() >= kMostStreams)) {
    Response response =
        refuse(503, {Fault::unavailable, "too much is waiting; try again later"}, operation.name);
    response.headers.push_back({"Retry-After", rehearses ? "60" : "5"});
    return outlet->send(std::move(response));
  }
  const auto task =
      std::make_shared<Task>(around_, std::move(routed), std::move(grant), form, std::move(outlet));
  workers.add([task] { task->run(); });
}

}  // namespace bough::server
