#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "reconciler/operations/groups.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;
using Where = Parameter::Where;
using Count = Parameter::Count;

Json description() {
  Context context;
  return Json::parse(openapi(context, {}, {})->document);
}

TEST(Table, NamesAndPathsAreUnique) {
  std::set<std::string_view> names;
  std::set<std::pair<std::string_view, std::string_view>> requests;
  for (const Operation& one : all()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_TRUE(requests.emplace(one.method, one.path).second) << one.name;
    EXPECT_EQ(find(one.name), &one);
  }
}

TEST(Table, PathsHaveTheirParameters) {
  for (const Operation& one : all()) {
    std::size_t holes = 0;
    for (const char c : one.path) holes += c == '{' ? 1 : 0;
    for (const Parameter& parameter : one.parameters) {
      if (parameter.where != Where::path) continue;
      --holes;
      const std::string hole = "/{" + std::string(parameter.name) + "}";
      EXPECT_NE(one.path.find(hole), std::string_view::npos) << one.name;
      EXPECT_EQ(parameter.count, Count::required) << one.name;
    }
    EXPECT_EQ(holes, 0U) << one.name;
  }
}

TEST(Table, WhatActsIsNeverRead) {
  for (const Operation& one : all()) {
    if (one.kind == Kind::acts) {
      EXPECT_NE(one.method, "GET") << one.name;
      EXPECT_TRUE(one.scope == Scope::apply || one.scope == Scope::approve ||
                  one.scope == Scope::admin)
          << one.name;
      EXPECT_EQ(one.needs, Needs::all) << one.name << " could not be noted in the journal";
    }
    for (const Parameter& parameter : one.parameters)
      EXPECT_FALSE(one.method == "GET" && parameter.where == Where::body) << one.name;
    EXPECT_EQ(one.gives == Gives::feed, one.follow != nullptr) << one.name;
    EXPECT_EQ(one.gives == Gives::feed, !one.resume.empty()) << one.name;
  }
}

TEST(Description, HasEveryOperationAndDocument) {
  const Json document = description();
  EXPECT_EQ(document["openapi"], "3.1.0");
  for (const Operation& one : all()) {
    std::string method(one.method);
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const Json& item = document["paths"][std::string(one.path)][method];
    EXPECT_EQ(item["operationId"], one.name);
    EXPECT_TRUE(document["components"]["schemas"].contains(one.document)) << one.document;
  }
}

TEST(Description, KeepsWhatOnlyMakesSenseHere) {
  EXPECT_EQ(description().dump().find("working copy"), std::string::npos);
}

Arguments with(const char* name, const char* value) {
  Arguments arguments;
  arguments.add(name, value);
  return arguments;
}

TEST(Check, TellsWhatDoesNotFit) {
  struct Case {
    const char* operation;
    Arguments arguments;
    const char* says;  ///< empty: it fits
  };
  Arguments twice = with("repository", "a");
  twice.add("repository", "b");
  const Case cases[] = {
      {"status", {}, ""},
      {"status", with("branch", "x"), ""},
      {"status", with("brunch", "x"), "has no parameter brunch"},
      {"status", twice, "given more than once"},
      {"events", with("limit", "12"), ""},
      {"events", with("limit", "-1"), "a number"},
      {"events", with("limit", "1x"), "a number"},
      {"events", with("limit", "99999999999999999999"), "a number"},
      {"events", with("follow", "yes"), "true or false"},
      {"schema", {}, "of is missing"},
      {"schema", with("of", "xyz"), "one of app, config"},
  };
  for (const Case& one : cases) {
    const auto fits = check(*find(one.operation), one.arguments);
    const std::string said = fits ? "" : fits.error().message;
    if (*one.says)
      EXPECT_NE(said.find(one.says), std::string::npos) << one.operation << ": " << said;
    else
      EXPECT_EQ(said, "") << one.operation;
  }
}

TEST(Permit, AsksForScopeAndAllRepositories) {
  const Grant reader{"r", {Scope::read}, {}};
  const Grant narrow{"n", {Scope::admin}, {"shop"}};
  EXPECT_TRUE(permit(*find("status"), reader));
  EXPECT_FALSE(permit(*find("apply"), reader));
  EXPECT_TRUE(permit(*find("apply"), narrow));
  EXPECT_FALSE(permit(*find("link"), narrow));
  EXPECT_TRUE(permit(*find("link"), local_grant()));
}

}  // namespace
}  // namespace bough::operations
