#include "git/forges/signature.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace bough::forges {
namespace {

using Json = nlohmann::json;

const std::string kFolder = std::string(BOUGH_SOURCE_DIR) + "/tests/cases/webhooks/";

std::string file(const std::string& name) {
  std::ifstream stream(kFolder + name, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

Instant at(long long seconds) {
  return Instant(std::chrono::seconds(seconds));
}

bool proves(Provider provider, const std::string& secret, const Headers& headers,
            std::string_view body, Instant now = at(1'700'000'000)) {
  Proof proof(provider, {Secret(secret)}, headers, now);
  for (std::size_t i = 0; i < body.size(); i += 1000) proof.take(body.substr(i, 1000));
  return proof.matches();
}

struct Vector {
  Provider provider;
  std::string secret;
  Headers headers;
  std::string body;
};

Vector vector_of(const Json& row) {
  Vector vector{
      *parse_provider(row["provider"].get<std::string>()),
      row["secret"],
      {{row["header"], row["value"]}},
      row.contains("body_text") ? row["body_text"].get<std::string>() : file(row["body_file"])};
  if (row.contains("headers"))
    for (const auto& [name, value] : row["headers"].items())
      vector.headers.push_back({name, value});
  return vector;
}

TEST(Signature, PublishedVectorsHold) {
  const Json rows = Json::parse(file("vectors.json"));
  ASSERT_GE(rows.size(), 10U);
  for (const Json& row : rows) {
    const Vector vector = vector_of(row);
    const bool sha1 = row["value"].get<std::string>().starts_with("sha1=");
    const Instant then = at(1'614'265'330);
    const std::string name = row["id"];
    EXPECT_EQ(proves(vector.provider, vector.secret, vector.headers, vector.body, then), !sha1)
        << name;
    EXPECT_FALSE(proves(vector.provider, "another", vector.headers, vector.body, then)) << name;
    EXPECT_FALSE(proves(vector.provider, vector.secret, vector.headers, vector.body + " ", then))
        << name;
  }
}

TEST(Signature, WhatIsSignedIsBelievedByEveryProvider) {
  const std::string body = R"({"ref":"refs/heads/main"})";
  for (const Provider provider : providers())
    for (const std::string secret : {"plain secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}) {
      const Instant now = at(1'700'000'000);
      const Headers headers = signed_headers(provider, Secret(secret), body, now);
      EXPECT_TRUE(proves(provider, secret, headers, body, now)) << word_of(provider);
      EXPECT_FALSE(proves(provider, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", headers, body, now))
          << word_of(provider);
      EXPECT_FALSE(proves(provider, secret, {}, body, now)) << word_of(provider);
    }
}

TEST(Row1, NoSignatureProvesNothing) {
  for (const Provider provider : providers())
    EXPECT_EQ(Proof(provider, {Secret("s")}, {}, at(0)).claim(), Claim::none) << word_of(provider);
}

TEST(Row3, Sha1AloneProvesNothing) {
  const Headers headers{{"X-Hub-Signature", "sha1=cf93f9ba3c8d3a789e61f91e1e5c6a360d036e98"}};
  const std::string body = file("payloads/drone-github-push.json");
  EXPECT_FALSE(proves(Provider::github, "topsecret", headers, body));
  EXPECT_FALSE(proves(Provider::bitbucket, "topsecret", headers, body));
}

TEST(Row6, AnEmptySecretProvesNothing) {
  for (const Provider provider : providers()) {
    const Headers headers = signed_headers(provider, Secret(""), "{}", at(0));
    EXPECT_FALSE(proves(provider, "", headers, "{}", at(0))) << word_of(provider);
    EXPECT_EQ(Proof(provider, {}, headers, at(0)).claim(), Claim::none) << word_of(provider);
  }
  EXPECT_FALSE(proves(Provider::gitlab, "", {{"X-Gitlab-Token", ""}}, "{}"));
}

TEST(Row9, ARepeatedSignatureHeaderProvesNothing) {
  for (const Provider provider : providers()) {
    Headers headers = signed_headers(provider, Secret("s"), "{}", at(0));
    headers.push_back(headers.back());
    EXPECT_FALSE(proves(provider, "s", headers, "{}", at(0))) << word_of(provider);
  }
}

struct Timing {
  std::string name;
  long long age;
  bool proves;
};

TEST(Row13, OldAndFutureStandardWebhooksProveNothing) {
  for (const Timing& row :
       {Timing{"Now", 0, true}, Timing{"JustInTime", 300, true}, Timing{"Late", 301, false},
        Timing{"Early", -301, false}, Timing{"LastYear", 31'536'000, false}})
    for (const Provider provider : {Provider::standard, Provider::gitlab}) {
      const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
      const Instant sent = at(1'700'000'000);
      const Headers headers = signed_headers(provider, Secret(secret), "{}", sent);
      EXPECT_EQ(proves(provider, secret, headers, "{}", sent + std::chrono::seconds(row.age)),
                row.proves)
          << row.name;
    }
}

TEST(Signature, OneOfSeveralStandardSignaturesWillDo) {
  const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  Headers headers = signed_headers(Provider::standard, Secret(secret), "{}", at(1));
  headers.back().value = "v1a,abcd v1,AAAA " + headers.back().value;
  EXPECT_TRUE(proves(Provider::standard, secret, headers, "{}", at(1)));
  for (const char* wrong : {"", "v1", "v1,", "v1,!!!!", "v2,AAAA", ",", " "}) {
    headers.back().value = wrong;
    EXPECT_FALSE(proves(Provider::standard, secret, headers, "{}", at(1))) << wrong;
  }
}

TEST(Signature, AnyOfTheSecretsWillDo) {
  const Headers headers = signed_headers(Provider::github, Secret("new"), "{}", at(1));
  Proof proof(Provider::github, {Secret("old"), Secret("new")}, headers, at(1));
  proof.take("{}");
  EXPECT_TRUE(proof.matches());
}

TEST(Signature, GenericTakesSha512ToAndNothingWeaker) {
  Mac mac(Digest::sha512, "s");
  mac.take("{}");
  const std::string code = hex(mac.code());
  EXPECT_TRUE(proves(Provider::generic, "s", {{"X-Signature", "sha512=" + code}}, "{}"));
  EXPECT_FALSE(proves(Provider::generic, "s", {{"X-Signature", "sha1=" + code}}, "{}"));
  EXPECT_FALSE(proves(Provider::generic, "s", {{"X-Signature", code}}, "{}"));
}

TEST(Signature, AzureTakesALoginOrItsOwnHeader) {
  EXPECT_TRUE(proves(Provider::azure, "pass", {{"Authorization", "Basic dXNlcjpwYXNz"}}, "{}"));
  EXPECT_TRUE(proves(Provider::azure, "pass", {{"X-Bough-Token", "pass"}}, "{}"));
  EXPECT_FALSE(proves(Provider::azure, "pass", {{"Authorization", "Bearer dXNlcjpwYXNz"}}, "{}"));
  EXPECT_FALSE(proves(Provider::azure, "pass", {{"Authorization", "Basic cGFzcw=="}}, "{}"));
  EXPECT_FALSE(proves(Provider::azure, "pass", {{"X-Bough-Token", "Pass"}}, "{}"));
}

}  // namespace
}  // namespace bough::forges
