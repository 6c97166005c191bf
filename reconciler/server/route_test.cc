#include "reconciler/server/route.h"

#include <gtest/gtest.h>

namespace bough::server {
namespace {

Head head(const char* method, const char* path, Headers headers = {}) {
  Head made;
  made.method = method;
  made.path = path;
  made.headers = std::move(headers);
  return made;
}

/// What a request comes to, in a few words.
std::string said(const Route& route) {
  return std::visit(Match{[](const Routed& routed) {
                            std::string text(routed.operation->name);
                            for (const auto& [name, values] : routed.arguments.values())
                              text += " " + name + "=" + values.front();
                            return text;
                          },
                          [](const OtherMethods& other) { return "not " + other.allowed; },
                          [](const NoPath&) { return std::string("none"); }},
                    route);
}

TEST(Route, PicksTheOperation) {
  struct Case {
    const char* method;
    const char* path;
    const char* expected;
  };
  const Case cases[] = {
      {"GET", "/v1/status", "status"},
      {"POST", "/v1/status", "not GET"},
      {"GET", "/v1/instances", "instances"},
      {"POST", "/v1/instances", "link"},
      {"PATCH", "/v1/instances", "not POST, GET"},
      {"get", "/v1/status", "not GET"},
      {"GET", "/v1/repositories/shop/env", "env repository=shop"},
      {"GET", "/v1/repositories/a%2fb/env", "env repository=a/b"},
      {"GET", "/v1/repositories/shop/runs/7/log", "log repository=shop run=7"},
      {"DELETE", "/v1/repositories/shop", "repo-remove repository=shop"},
      {"GET", "/v1/repositories//env", "none"},
      {"GET", "/v1/repositories/shop/env/", "none"},
      {"GET", "/v1/repositories/../status", "none"},
      {"GET", "/v1/repositories/%zz/env", "none"},
      {"GET", "/v1//status", "none"},
      {"GET", "/v1/status/", "none"},
      {"GET", "/v1/", "none"},
      {"GET", "", "none"},
      {"GET", "status", "none"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(said(route(head(one.method, one.path))), one.expected) << one.path;
}

Routed routed(const char* operation) {
  return {operations::find(operation), {}};
}

TEST(Query, AddsWhatTheOperationKnows) {
  Routed plan = routed("plan");
  ASSERT_TRUE(read_query("branch=a%2Fb&branch=%ff&&repository=shop", plan));
  EXPECT_EQ(plan.arguments.all("branch"), (std::vector<std::string>{"a/b", "\xff"}));
  EXPECT_EQ(plan.arguments.text("repository"), "shop");
  for (const char* wrong : {"local=/etc", "plan_id=x", "x", "branch=%4", "branch=%zz"})
    EXPECT_FALSE(read_query(wrong, plan)) << wrong;
}

TEST(Body, AddsWhatTheOperationKnows) {
  Routed add = routed("repo-add");
  ASSERT_TRUE(read_body(R"({"name": "shop", "include": ["a", "b"]})", add));
  EXPECT_EQ(add.arguments.all("include"), (std::vector<std::string>{"a", "b"}));
  Routed link = routed("link");
  ASSERT_TRUE(read_body(R"({"untried": true})", link));
  EXPECT_TRUE(link.arguments.flag("untried"));
  EXPECT_TRUE(read_body("", link));
}

TEST(Body, RefusesEverythingElse) {
  const std::string deep = std::string(100'000, '[');
  const std::string bodies[] = {"[]",
                                "null",
                                "{",
                                "{\"name\": 1}",
                                "{\"name\": null}",
                                "{\"name\": [\"x\"]}",
                                "{\"include\": \"x\"}",
                                "{\"include\": [1]}",
                                "{\"include\": {\"a\": 1}}",
                                "{\"repository\": \"x\"}",
                                "{\"name\": \"\xff\"}",
                                "{\"name\": NaN}",
                                deep,
                                "{\"name\": " + deep};
  for (const std::string& body : bodies) {
    Routed add = routed("repo-add");
    const auto read = read_body(body, add);
    ASSERT_FALSE(read) << body.substr(0, 100);
    EXPECT_EQ(read.error().fault, Fault::invalid);
  }
}

TEST(FormOfAnAnswer, FollowsAcceptAndOperation) {
  struct Case {
    const char* operation;
    const char* accept;
    bool follow;
    Form expected;
  };
  const Case cases[] = {
      {"status", "*/*", false, Form::document},
      {"status", "text/event-stream", false, Form::document},
      {"apply", "*/*", false, Form::lines},
      {"apply", "text/event-stream", false, Form::events},
      {"events", "*/*", false, Form::document},
      {"events", "*/*", true, Form::lines},
      {"events", "application/x-ndjson", false, Form::lines},
      {"events", "text/event-stream", false, Form::events},
      {"log", "text/plain", false, Form::text},
  };
  for (const Case& one : cases) {
    Routed asked = routed(one.operation);
    asked.arguments.put("follow", one.follow);
    EXPECT_EQ(form_of(head("GET", "/", {{"Accept", one.accept}}), asked), one.expected)
        << one.operation << " " << one.accept;
  }
}

}  // namespace
}  // namespace bough::server
