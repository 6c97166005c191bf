#include "reconciler/server/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace bough::server {
namespace {

using operations::Arguments;
using operations::Gives;
using operations::Operation;
using operations::Parameter;
using Json = nlohmann::json;

constexpr int kDeepest = 4;

std::string_view cut(std::string_view& path) {
  const std::size_t slash = std::min(path.find('/', 1), path.size());
  const std::string_view part = path.substr(0, slash);
  path.remove_prefix(slash);
  return part;
}

/// What stands for the holes of a path; nothing when it is another path.
std::optional<Arguments> filled(std::string_view pattern, std::string_view path) {
  Arguments arguments;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = cut(pattern);
    const std::string_view given = cut(path);
    if (!wanted.starts_with("/{")) {
      if (wanted != given) return std::nullopt;
      continue;
    }
    auto value = decoded_path(given.substr(1));
    if (!value || value->empty()) return std::nullopt;
    arguments.add(wanted.substr(2, wanted.size() - 3), *std::move(value));
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return arguments;
}

const Parameter* parameter_of(const Operation& operation, std::string_view name,
                              Parameter::Where where) {
  for (const Parameter& parameter : operation.parameters)
    if (parameter.name == name && parameter.where == where) return &parameter;
  return nullptr;
}

Result<std::string> text_of(const Parameter& parameter, const Json& value) {
  using Type = Parameter::Type;
  const bool number = parameter.type == Type::number;
  const bool flag = parameter.type == Type::flag;
  if (flag && value.is_boolean()) return std::string(value.get<bool>() ? "true" : "false");
  if (number && value.is_number_integer()) return value.dump();
  if (!flag && !number && value.is_string()) return value.get<std::string>();
  return Error{Fault::invalid, fmt::format("{} is a {}", parameter.name,
                                           flag     ? "boolean"
                                           : number ? "whole number"
                                                    : "string")};
}

Result<void> take(const Parameter& parameter, const Json& value, Arguments& to) {
  const bool list = parameter.count == Parameter::Count::repeated;
  if (list && !value.is_array())
    return Error{Fault::invalid, fmt::format("{} is a list", parameter.name)};
  for (const Json& one : list ? value : Json::array({value})) {
    auto text = text_of(parameter, one);
    if (!text) return text.error();
    to.add(parameter.name, *std::move(text));
  }
  return {};
}

/// Null when it is no JSON, or nested as no document of ours is.
Json parsed(std::string_view body) {
  bool deep = false;
  const auto shallow = [&](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > kDeepest;
    return !deep;
  };
  Json document = Json::parse(body, shallow, false);
  return deep || document.is_discarded() ? Json() : document;
}

bool accepts(const Head& head, std::string_view type) {
  const auto value = forges::only(head.headers, "Accept");
  return value && value->find(type) != std::string_view::npos;
}

}  // namespace

Route route(const Head& head) {
  std::string allowed;
  for (const Operation& operation : operations::all()) {
    auto arguments = filled(operation.path, head.path);
    if (!arguments) continue;
    if (operation.method == head.method) return Routed{&operation, *std::move(arguments)};
    allowed += (allowed.empty() ? "" : ", ") + std::string(operation.method);
  }
  if (allowed.empty()) return NoPath{};
  return OtherMethods{allowed};
}

Result<void> read_query(std::string_view query, Routed& routed) {
  const auto values = query_values(query);
  if (!values) return Error{Fault::invalid, "the query is not percent-encoded as it should be"};
  for (const auto& [name, value] : *values) {
    if (!parameter_of(*routed.operation, name, Parameter::Where::query))
      return Error{Fault::invalid, fmt::format("{} has no parameter {} in its query",
                                               routed.operation->name, printable(name))};
    routed.arguments.add(name, value);
  }
  return {};
}

Result<void> read_body(std::string_view body, Routed& routed) {
  if (body.empty()) return {};
  const Json document = parsed(body);
  if (!document.is_object()) return Error{Fault::invalid, "the body is not a JSON object"};
  for (const auto& [name, value] : document.items()) {
    const Parameter* parameter = parameter_of(*routed.operation, name, Parameter::Where::body);
    if (!parameter)
      return Error{Fault::invalid, fmt::format("{} has no member {} in its body",
                                               routed.operation->name, printable(name))};
    if (auto taken = take(*parameter, value, routed.arguments); !taken) return taken;
  }
  return {};
}

Form form_of(const Head& head, const Routed& routed) {
  const Gives gives = routed.operation->gives;
  if (gives != Gives::document && accepts(head, "text/event-stream")) return Form::events;
  if (gives == Gives::lines) return Form::lines;
  if (gives == Gives::feed &&
      (routed.arguments.flag("follow") || accepts(head, "application/x-ndjson")))
    return Form::lines;
  return gives == Gives::feed && accepts(head, "text/plain") ? Form::text : Form::document;
}

}  // namespace bough::server
