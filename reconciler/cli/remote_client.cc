#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "reconciler/cli/client.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/http_client.h"

namespace bough::cli {
namespace {

using operations::Gives;
using operations::Operation;
using operations::Parameter;
using operations::WebAnswer;
using operations::WebRequest;
using Json = nlohmann::ordered_json;
using Type = Parameter::Type;
using Where = Parameter::Where;

constexpr std::chrono::seconds kPatience(900);
constexpr std::chrono::seconds kPause(1);
constexpr int kTries = 60;

constexpr std::pair<const char*, Fault> kFaults[] = {
    {"invalid", Fault::invalid},         {"missing", Fault::missing}, {"refused", Fault::refused},
    {"denied", Fault::denied},           {"locked", Fault::locked},   {"stale", Fault::stale},
    {"unavailable", Fault::unavailable}, {"broken", Fault::broken}};

/// The error that a problem document tells of; nothing when it is none.
std::optional<Error> error_of(const Json& problem) {
  if (!problem.is_object() || !problem.contains("fault") || !problem.contains("message"))
    return std::nullopt;
  for (const auto& [word, fault] : kFaults)
    if (problem["fault"] == word && problem["message"].is_string())
      return Error{fault, problem["message"].get<std::string>()};
  return std::nullopt;
}

Error error_of(const WebAnswer& answer, const std::string& server) {
  if (auto error = error_of(Json::parse(answer.body, nullptr, false))) return *error;
  return {Fault::unavailable,
          fmt::format("{} answered with status {}, which is no answer of bough's", server,
                      answer.status)};
}

Json value_of(const Parameter& parameter, const std::vector<std::string>& values) {
  const auto one = [&](const std::string& value) -> Json {
    if (parameter.type == Type::flag) return value == "true";
    if (parameter.type == Type::number) return Json::parse(value, nullptr, false);
    return value;
  };
  if (parameter.count != Parameter::Count::repeated) return one(values.front());
  Json list = Json::array();
  for (const std::string& value : values) list.push_back(one(value));
  return list;
}

std::string path_of(const Operation& operation, const Arguments& arguments) {
  std::string path(operation.path);
  std::string query;
  for (const Parameter& parameter : operation.parameters) {
    const std::string name(parameter.name);
    const std::string hole = "{" + name + "}";
    if (parameter.where == Where::path)
      path.replace(path.find(hole), hole.size(),
                   operations::url_encoded(arguments.text(parameter.name)));
    if (parameter.where == Where::query)
      for (const std::string& value : arguments.all(parameter.name))
        query += (query.empty() ? "?" : "&") + name + "=" + operations::url_encoded(value);
  }
  return path + query;
}

std::string body_of(const Operation& operation, const Arguments& arguments) {
  Json body = Json::object();
  for (const Parameter& parameter : operation.parameters)
    if (parameter.where == Where::body && arguments.has(parameter.name))
      body[std::string(parameter.name)] = value_of(parameter, arguments.all(parameter.name));
  return body.empty() ? "" : operations::text_of(body);
}

/// Cuts what arrives into lines; the one that tells the outcome is kept.
class Lines {
 public:
  Lines(const Emit& emit, Arguments& resume) : emit_(emit), resume_(resume) {}

  void take(std::string_view part) {
    rest_ += part;
    for (std::size_t end; (end = rest_.find('\n')) != std::string::npos;) {
      if (end > 0) line(rest_.substr(0, end));
      rest_.erase(0, end + 1);
    }
  }
  const std::optional<Json>& outcome() const { return outcome_; }
  bool any() const { return any_; }

 private:
  void line(const std::string& text) {
    Json document = Json::parse(text, nullptr, false);
    if (!document.is_object()) return;
    if (document.value("type", "") == "outcome") {
      outcome_ = std::move(document);
      return;
    }
    any_ = true;
    for (const auto& [member, parameter] :
         {std::pair("id", "after"), std::pair("offset", "offset")})
      if (document.contains(member) && document[member].is_number_integer()) {
        Arguments next;
        next.put(parameter, document[member].get<long long>());
        resume_ = next;
      }
    emit_(text);
  }

  const Emit& emit_;
  Arguments& resume_;
  std::string rest_;
  std::optional<Json> outcome_;
  bool any_ = false;
};

Result<Outcome> outcome_of(const Json& line) {
  if (line.contains("problem"))
    return error_of(line["problem"])
        .value_or(Error{Fault::broken, "the server told of a problem that is none"});
  return Outcome{line.contains("document") ? operations::text_of(line["document"]) : "{}",
                 line.value("exit_status", 0)};
}

/// Nothing in an answer that is not bough's.
std::optional<int> exit_status_of(const WebAnswer& answer) {
  for (const auto& [name, value] : answer.headers)
    if (name == "bough-exit-status" && Json::accept(answer.body)) return std::atoi(value.c_str());
  return std::nullopt;
}

class Remote : public Client {
 public:
  explicit Remote(Server server) : server_(std::move(server)) {
    while (server_.url.ends_with('/')) server_.url.pop_back();
  }

  Result<Outcome> call(std::string_view name, const Arguments& arguments,
                       const Emit& emit) override {
    const Operation& operation = *operations::find(name);
    for (const Parameter& parameter : operation.parameters)
      if (parameter.where == Where::here && arguments.has(parameter.name))
        return Error{Fault::invalid, fmt::format("--{} is about this machine and does not go with "
                                                 "--server",
                                                 parameter.name)};
    if (auto fits = operations::check(operation, arguments); !fits) return fits.error();
    if (operation.follow && arguments.flag("follow")) return follow(operation, arguments, emit);
    if (operation.gives == Gives::lines) return lines(operation, arguments, emit);
    auto answer = operations::ask(request_for(operation, arguments, "application/json"), kPatience);
    if (!answer) return answer.error();
    const auto exit = exit_status_of(*answer);
    if (answer->status != 200 || !exit) return error_of(*answer, server_.url);
    return Outcome{std::move(answer->body), *exit};
  }

 private:
  WebRequest request_for(const Operation& operation, const Arguments& arguments,
                         const char* accept) const {
    WebRequest request;
    request.method = operation.method;
    request.url = server_.url + path_of(operation, arguments);
    request.body = body_of(operation, arguments);
    request.ca_file = server_.ca_file;
    request.headers = {{"Authorization", "Bearer " + server_.token.reveal()}, {"Accept", accept}};
    if (request.method != "GET") request.headers.emplace_back("Content-Type", "application/json");
    return request;
  }

  Result<Outcome> lines(const Operation& operation, const Arguments& arguments, const Emit& emit) {
    Arguments resume;
    Lines taken(emit, resume);
    auto answer = receive(operation, arguments, taken);
    if (!answer) return answer.error();
    if (taken.outcome()) return outcome_of(*taken.outcome());
    return Error{Fault::unavailable,
                 fmt::format("{} ended the answer before the operation was over; bough events "
                             "tells how it ended",
                             server_.url)};
  }

  Result<void> receive(const Operation& operation, const Arguments& arguments, Lines& taken) {
    auto answer = operations::ask(request_for(operation, arguments, "application/x-ndjson"),
                                  kPatience, [&](std::string_view part) {
                                    taken.take(part);
                                    return true;
                                  });
    if (!answer) return answer.error();
    if (answer->status != 200) return error_of(*answer, server_.url);
    return {};
  }

  /// Goes on where it was when the connection ends.
  Result<Outcome> follow(const Operation& operation, Arguments arguments, const Emit& emit) {
    Arguments resume;
    bool begun = false;
    for (int failures = 0; failures < kTries; ++failures) {
      if (failures > 0) std::this_thread::sleep_for(kPause);
      Lines taken(emit, resume);
      Arguments asked;
      for (const auto& [name, values] : arguments.values())
        if (!resume.has(name)) asked.put(name, values);
      for (const auto& [name, values] : resume.values()) asked.put(name, values);
      auto received = receive(operation, asked, taken);
      if (taken.outcome()) return outcome_of(*taken.outcome());
      if (!received && (!begun || received.error().fault != Fault::unavailable))
        if (!taken.any()) return received.error();
      begun = true;
      if (taken.any()) failures = 0;
    }
    return Error{Fault::unavailable, server_.url + " does not answer any more"};
  }

  Server server_;
};

}  // namespace

std::unique_ptr<Client> remote_client(Server server) {
  return std::make_unique<Remote>(std::move(server));
}

}  // namespace bough::cli
