#include "spec/app_spec.h"

#include <utility>

#include "spec/app_reading.h"
#include "spec/app_shape.h"
#include "spec/shape.h"

namespace bough {
namespace {

using namespace app_reading;

constexpr std::size_t kLargest = 256U << 10;

std::vector<std::string> read_features(const Node& app) {
  std::vector<std::string> features;
  for (const Node& item : items_at(app, "features"))
    if (const auto* scalar = std::get_if<Scalar>(&item.content)) features.push_back(scalar->text);
  return features;
}

std::string read_vpc(const Node& app) {
  const Node* vpc = find(app, "vpc");
  return vpc ? text_at(*vpc, "id") : "";
}

std::optional<AppSpec> read_app(const Node& app, Findings& findings) {
  auto name = read_name<AppRule>(app, findings);
  std::vector<DatabaseSpec> databases;
  for (const Node& item : items_at(app, "databases"))
    if (auto database = read_database(item, findings)) databases.push_back(*std::move(database));
  auto components = read_components(app, findings);
  auto envs = read_envs(app, findings);
  check_unique(app, findings);
  const bool complete = databases.size() == items_at(app, "databases").size() &&
                        components.size() == count_components(app);
  if (!name || !complete) return std::nullopt;
  AppSpec spec{*std::move(name),       std::move(databases), std::move(components), std::move(envs),
               text_at(app, "region"), read_vpc(app),        read_features(app)};
  check_references(spec, findings);
  if (findings.has_errors()) return std::nullopt;
  return spec;
}

std::optional<AppSpec> read(std::string_view text, Findings& findings) {
  auto root = read_document(text, findings, kLargest);
  if (!root) return std::nullopt;
  if (std::holds_alternative<Null>(root->content)) {
    if (!findings.has_errors()) findings.say(root->at, "empty", "the file is empty");
    return std::nullopt;
  }
  if (find(*root, "spec")) {
    check(*root, deploy_template_shape(), "the deploy template", Dialect::app_spec, findings);
    return read_app(*find(*root, "spec"), findings);
  }
  check(*root, app_spec_shape(), "the app", Dialect::app_spec, findings);
  return read_app(*root, findings);
}

}  // namespace

bool migrates(const ComponentSpec& component) {
  return component.job && component.job->kind == JobKind::pre_deploy &&
         !component.run_command.empty();
}

SpecReading read_app_spec(std::string_view text, std::string_view file) {
  Findings findings(file, text);
  auto spec = read(text, findings);
  return {std::move(spec), findings.sorted()};
}

}  // namespace bough
