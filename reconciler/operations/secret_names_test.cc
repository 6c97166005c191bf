#include "reconciler/operations/secret_names.h"

#include <gtest/gtest.h>

namespace bough::operations {
namespace {

const char kSpec[] = R"(name: shop
envs:
- {key: API_TOKEN, value: 0123456789abcdef, type: SECRET}
services:
- name: web
  envs:
  - {key: SIGNING, value: "~signed~by~web~", type: SECRET}
)";

Endpoint endpoint(const std::string& password) {
  Endpoint at;
  at.password = password;
  return at;
}

const std::map<std::string, Endpoint> kEndpoints{{"db", endpoint("first-pass")},
                                                 {"more", endpoint("sec/ond pass")}};

TEST(SecretNames, AreOfSecretsAndOfWhatHoldsOne) {
  struct Case {
    const char* name;
    const char* value;
    bool secret;
  };
  const Case cases[] = {
      {"API_TOKEN", "0123456789abcdef", true},
      {"HEADER", "Bearer 0123456789abcdef", true},
      {"PGPASSWORD", "first-pass", true},
      {"MORE", "sec/ond pass", true},
      {"MORE_URL", "postgresql://x:sec%2Fond%20pass@db/x", true},
      {"OF_WEB", "a ~signed~by~web~ b", true},
      {"SIGNING", "another of this name", true},
      {"OTHER_PASSWORD", "x", true},
      {"PGHOST", "db.example.com", false},
      {"EMPTY", "", false},
  };
  const auto read = read_app_spec(kSpec, "app.yaml");
  ASSERT_TRUE(read.spec);
  for (const Case& one : cases) {
    const std::map<std::string, std::string> variables{{one.name, one.value}};
    EXPECT_EQ(secret_names(variables, &*read.spec, kEndpoints).contains(one.name), one.secret)
        << one.name;
  }
}

}  // namespace
}  // namespace bough::operations
