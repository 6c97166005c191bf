#include "spec/schema.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "spec/app_shape.h"
#include "spec/config_shape.h"
#include "spec/result.h"
#include "spec/shape.h"

namespace bough {
namespace {

using Json = nlohmann::ordered_json;

enum class Nothing { allowed, refused };

/// Writes shapes as schemas; objects stand once, in the definitions.
class Writer {
 public:
  /// The schema of a value; `name` is what its definition would be called.
  Json schema(const Shape& shape, std::string_view name, Nothing nothing) {
    Json result =
        std::visit(Match{[&](const Text&) {
                           return typed({"string", "number", "boolean"}, nothing);
                         },
                         [&](const NameText&) { return typed({"string"}, nothing); },
                         [&](const Flag&) { return typed({"boolean"}, nothing); },
                         [&](const WholeNumber&) { return typed({"integer"}, nothing); },
                         [&](const DecimalNumber&) { return typed({"number"}, nothing); },
                         [&](const Choice& choice) { return of_choice(choice, nothing); },
                         [&](const List& list) { return of_list(list, name, nothing); },
                         [&](const Object& object) { return of_object(object, name, nothing); }},
                   shape.form);
    if (!shape.pattern.empty()) result["pattern"] = shape.pattern;
    return result;
  }

  const Json& definitions() const { return definitions_; }

 private:
  static Json typed(Json types, Nothing nothing) {
    if (nothing == Nothing::allowed) types.push_back("null");
    return {{"type", types.size() == 1 ? types[0] : types}};
  }

  static Json of_choice(const Choice& choice, Nothing nothing) {
    Json words = Json::array();
    for (std::string_view word : choice.words) words.push_back(word);
    if (choice.others != Others::refused)
      return {{"anyOf", {{{"enum", words}}, typed({"string", "number", "boolean"}, nothing)}}};
    if (nothing == Nothing::allowed) words.push_back(nullptr);
    return {{"enum", words}};
  }

  Json of_list(const List& list, std::string_view name, Nothing nothing) {
    Json result = typed({"array"}, nothing);
    result["items"] = schema(*list.item, name, Nothing::refused);
    return result;
  }

  Json of_object(const Object& object, std::string_view name, Nothing nothing) {
    const Json reference{{"$ref", "#/definitions/" + defined(object, name)}};
    if (nothing == Nothing::allowed) return reference;
    return {{"type", "object"}, {"allOf", Json::array({reference})}};
  }

  /// The name of the object's definition, which is written when it is first asked for.
  std::string defined(const Object& object, std::string_view name) {
    if (const auto known = names_.find(&object); known != names_.end()) return known->second;
    std::string own(name);
    for (int i = 2; !taken_.insert(own).second; ++i) own = fmt::format("{}_{}", name, i);
    names_.emplace(&object, own);
    Json properties = Json::object(), required = Json::array();
    for (const Key& key : object.keys) {
      properties[std::string(key.name)] = property(key);
      if (key.need == Need::required) required.push_back(key.name);
    }
    Json definition{{"type", {"object", "null"}},
                    {"properties", std::move(properties)},
                    {"additionalProperties", false}};
    if (!required.empty()) definition["required"] = std::move(required);
    if (!object.demand.flag.empty()) add_demand(object.demand, definition);
    definitions_[own] = std::move(definition);
    return own;
  }

  Json property(const Key& key) {
    std::string about(key.about);
    if (const auto* limits = std::get_if<WholeNumber>(&key.shape->form))
      if (limits->most != WholeNumber{}.most)
        about += fmt::format(" From {} to {}.", limits->least, limits->most);
    Json result{{"description", about}};
    const Nothing nothing = key.need == Need::required ? Nothing::refused : Nothing::allowed;
    Json form = schema(*key.shape, key.name, nothing);
    // Beside a reference, others are ignored.
    if (form.contains("$ref"))
      result["allOf"] = Json::array({std::move(form)});
    else
      result.update(form);
    return result;
  }

  static void add_demand(const Demand& demand, Json& definition) {
    const std::string flag(demand.flag), key(demand.key);
    definition["if"] = {{"properties", {{flag, {{"const", true}}}}}, {"required", {flag}}};
    definition["then"] = {
        {"properties", {{key, {{"type", {"string", "number"}}, {"minLength", 1}}}}},
        {"required", {key}}};
  }

  Json definitions_ = Json::object();
  std::map<const Object*, std::string> names_;
  std::set<std::string> taken_;
};

Json heading(std::string_view title) {
  return {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", title}};
}

}  // namespace

std::string app_schema() {
  Writer writer;
  Json result = heading("App Spec: app.yaml, or a deploy template");
  result["type"] = "object";
  result["if"] = {{"required", {"spec"}}};
  result["then"] = writer.schema(deploy_template_shape(), "template", Nothing::refused);
  result["else"] = writer.schema(app_spec_shape(), "app", Nothing::refused);
  result["definitions"] = writer.definitions();
  return result.dump(2) + "\n";
}

std::string config_schema() {
  Writer writer;
  Json result = heading("bough's configuration: bough.yaml");
  result["allOf"] = Json::array({writer.schema(config_shape(), "config", Nothing::allowed)});
  result["definitions"] = writer.definitions();
  return result.dump(2) + "\n";
}

}  // namespace bough
