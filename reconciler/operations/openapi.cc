#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/operations/schemas.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;
using Where = Parameter::Where;
using Type = Parameter::Type;
using Count = Parameter::Count;

Json type_of(const Parameter& parameter) {
  Json schema;
  switch (parameter.type) {
    case Type::text:
    case Type::repository:
      schema = {{"type", "string"}};
      break;
    case Type::number:
      schema = {{"type", "integer"}, {"minimum", 0}};
      break;
    case Type::flag:
      schema = {{"type", "boolean"}};
      break;
  }
  if (!parameter.words.empty()) schema["enum"] = parameter.words;
  if (parameter.count != Count::repeated) return schema;
  return {{"type", "array"}, {"items", schema}};
}

Json parameters_of(const Operation& operation) {
  Json list = Json::array();
  for (const Parameter& parameter : operation.parameters) {
    if (parameter.where != Where::path && parameter.where != Where::query) continue;
    list.push_back({{"name", parameter.name},
                    {"in", parameter.where == Where::path ? "path" : "query"},
                    {"required", parameter.count == Count::required},
                    {"description", parameter.description},
                    {"schema", type_of(parameter)}});
  }
  return list;
}

/// Null when the operation takes no body.
Json body_of(const Operation& operation) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Parameter& parameter : operation.parameters) {
    if (parameter.where != Where::body) continue;
    Json schema = type_of(parameter);
    schema["description"] = parameter.description;
    properties[std::string(parameter.name)] = std::move(schema);
    if (parameter.count == Count::required) required.push_back(parameter.name);
  }
  if (properties.empty()) return nullptr;
  const bool needed = !required.empty();
  Json schema{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (needed) schema["required"] = std::move(required);
  return {{"required", needed}, {"content", {{"application/json", {{"schema", schema}}}}}};
}

Json component(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

Json content_of(const Operation& operation) {
  const Json text{{"schema", {{"type", "string"}}}};
  if (operation.gives == Gives::lines) return {{"application/x-ndjson", text}};
  Json content{{"application/json", {{"schema", component(operation.document)}}}};
  if (operation.gives != Gives::feed) return content;
  content["application/x-ndjson"] = text;
  content["text/event-stream"] = text;
  return content;
}

Json responses_of(const Operation& operation) {
  Json good{{"description", operation.gives == Gives::lines
                                ? "A JSON document a line; the last one is an Outcome, whose "
                                  "document is a " +
                                      std::string(operation.document)
                                : "The document"},
            {"content", content_of(operation)}};
  if (operation.gives != Gives::lines)
    good["headers"] = {
        {"Bough-Exit-Status",
         {{"description", "The exit status of the command"}, {"schema", {{"type", "integer"}}}}}};
  return {{"200", std::move(good)}, {"default", {{"$ref", "#/components/responses/Problem"}}}};
}

Json operation_of(const Operation& operation) {
  Json item{{"operationId", operation.name},
            {"summary", operation.summary},
            {"description",
             "Needs the scope `" + std::string(word_of(operation.scope)) + "`" +
                 (operation.about == About::installation ? ", for all repositories." : ".")},
            {"x-bough-scope", word_of(operation.scope)},
            {"x-bough-document", operation.document}};
  if (Json parameters = parameters_of(operation); !parameters.empty())
    item["parameters"] = std::move(parameters);
  if (Json body = body_of(operation); !body.is_null()) item["requestBody"] = std::move(body);
  item["responses"] = responses_of(operation);
  return item;
}

std::string lower(std::string_view method) {
  std::string text(method);
  for (char& c : text) c = static_cast<char>(c - 'A' + 'a');
  return text;
}

Json paths() {
  Json list = Json::object();
  for (const Operation& operation : all())
    list[std::string(operation.path)][lower(operation.method)] = operation_of(operation);
  return list;
}

}  // namespace

Result<Outcome> openapi(Context&, const Arguments&, const Emit&) {
  const Json problem{
      {"description", "What is wrong"},
      {"content", {{"application/problem+json", {{"schema", component("Problem")}}}}}};
  const Json token{{"type", "http"},
                   {"scheme", "bearer"},
                   {"description", "A token of `tokens:` in bough.yaml"}};
  return Outcome{text_of({{"openapi", "3.1.0"},
                          {"info",
                           {{"title", "bough"},
                            {"version", kVersion},
                            {"description",
                             "A database for every branch of your Git "
                             "repositories. Each operation is also a command."},
                            {"license", {{"name", "Apache 2.0"}, {"identifier", "Apache-2.0"}}}}},
                          {"servers", Json::array({{{"url", "/"}}})},
                          {"security", Json::array({{{"token", Json::array()}}})},
                          {"paths", paths()},
                          {"components",
                           {{"securitySchemes", {{"token", token}}},
                            {"responses", {{"Problem", problem}}},
                            {"schemas", Json::parse(document_schemas())}}}})};
}

}  // namespace bough::operations
