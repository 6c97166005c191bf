#include "spec/secret_files.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

TEST(SecretFiles, AreAllThatTheConfigurationNames) {
  const auto reading = read_config(R"(
journal: postgresql://bough@db.example.com/journal
journal_password: {file: a}
tls: {certificate: {file: public}, key: {file: b}}
instances:
  - name: main
    url: postgresql://bough@db.example.com/postgres
    password: {file: c}
    ca_cert: {file: public}
    client_certificate: {file: public}
    client_key: {file: d}
repositories:
  - name: shop
    url: https://git.example.com/shop.git
    credentials: {username: bot, password: {file: e}}
    webhooks: [{provider: github, secret: {file: f}}, {provider: gitea, secret: {env: HOOK}}]
  - name: blog
    url: git@git.example.com:blog.git
    credentials: {ssh_key: {file: g}, known_hosts: {file: public}}
tokens: [{name: ci, scopes: [read], secret: {file: h}}]
)",
                                   "f");
  ASSERT_TRUE(reading.config);
  EXPECT_EQ(secret_files(*reading.config),
            (std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g", "h"}));
}

}  // namespace
}  // namespace bough
