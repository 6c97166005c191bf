#include "git/forges/receiver.h"

#include <gtest/gtest.h>

#include <random>

#include "git/forges/settings.h"

namespace bough::forges {
namespace {

const Instant kNow{std::chrono::seconds(1'700'000'000)};
const Secret kSecret("a secret");

std::string word(const Reception& reception) {
  return std::visit(Match{[](const Unproven&) -> std::string { return "unproven"; },
                          [](const UnfitMedia&) -> std::string { return "unfit"; },
                          [](const Malformed&) -> std::string { return "malformed"; },
                          [](const Delivery& delivery) -> std::string {
                            if (std::holds_alternative<Ping>(delivery.content)) return "ping";
                            return std::holds_alternative<Pushed>(delivery.content) ? "push"
                                                                                    : "other";
                          }},
                    reception);
}

Reception received(Provider provider, Headers headers, std::string_view body,
                   std::size_t step = 4096) {
  Receiver receiver(provider, {kSecret}, std::move(headers), kNow);
  for (std::size_t i = 0; i < body.size(); i += step) receiver.take(body.substr(i, step));
  return receiver.finish();
}

Headers with(Headers headers, const Headers& more) {
  headers.insert(headers.end(), more.begin(), more.end());
  return headers;
}

Headers headers_of(Provider provider, std::string_view signed_text) {
  Headers headers = signed_headers(provider, kSecret, signed_text, kNow);
  for (const Setting& one : sample_push(provider).headers) headers.push_back({one.name, one.value});
  return headers;
}

TEST(Receiver, TakesTheSampleOfEveryProvider) {
  for (const Provider provider : providers()) {
    const std::string body = sample_push(provider).body;
    EXPECT_EQ(word(received(provider, headers_of(provider, body), body)), "push")
        << word_of(provider);
  }
}

TEST(Row4, TheSecretOfAnotherHookIsRefused) {
  for (const Provider provider : providers()) {
    const std::string body = sample_push(provider).body;
    Receiver receiver(provider, {Secret("another")}, headers_of(provider, body), kNow);
    receiver.take(body);
    EXPECT_EQ(word(receiver.finish()), "unproven") << word_of(provider);
  }
}

TEST(Row5, AnotherProvidersHeadersChooseNothing) {
  for (const Provider sender : providers())
    for (const Provider hook : providers()) {
      // Some hosts send each other's signatures on purpose; these pairs are one rule.
      const bool kin = sender == hook ||
                       (sender == Provider::bitbucket && hook == Provider::bitbucket_server) ||
                       (sender == Provider::bitbucket_server && hook == Provider::bitbucket) ||
                       (sender == Provider::gitea && hook == Provider::forgejo);
      if (kin) continue;
      const std::string body = sample_push(sender).body;
      EXPECT_EQ(word(received(hook, headers_of(sender, body), body)), "unproven")
          << word_of(sender) << " to " << word_of(hook);
    }
}

std::string as_form(std::string_view json) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string form = "payload=";
  for (const char c : json) {
    const auto byte = static_cast<unsigned char>(c);
    form += '%';
    form += kDigits[byte >> 4];
    form += kDigits[byte & 15];
  }
  return form;
}

TEST(Row19, FormsAreVerifiedByTheRuleOfTheirHost) {
  const Header type{"Content-Type", "application/x-www-form-urlencoded"};
  for (const Provider provider :
       {Provider::github, Provider::gitea, Provider::forgejo, Provider::gogs}) {
    const std::string json = sample_push(provider).body;
    const std::string form = as_form(json);
    // GitHub signs what it sends; the others sign the payload inside.
    const bool whole = provider == Provider::github;
    const Headers right = with(headers_of(provider, whole ? form : json), {type});
    const Headers wrong = with(headers_of(provider, whole ? json : form), {type});
    EXPECT_EQ(word(received(provider, right, form, 3)), "push") << word_of(provider);
    EXPECT_EQ(word(received(provider, wrong, form, 3)), "unproven") << word_of(provider);
    EXPECT_EQ(word(received(provider, right, form + "&payload=%7B%7D", 3)), "unproven")
        << word_of(provider);
  }
}

TEST(Row19, AFormWithoutAPayloadIsMalformed) {
  const Header type{"Content-Type", "application/x-www-form-urlencoded"};
  for (const char* form : {"a=b", "payload=%zz", "payload=%7", "payload"}) {
    const Headers headers = with(headers_of(Provider::github, form), {type});
    EXPECT_EQ(word(received(Provider::github, headers, form)), "malformed") << form;
  }
}

TEST(Row19, OtherMediaAreUnfit) {
  const std::string body = sample_push(Provider::github).body;
  const Headers plain = headers_of(Provider::github, body);
  for (const Header& header :
       {Header{"Content-Type", "text/plain"}, Header{"Content-Type", "multipart/form-data"},
        Header{"Content-Encoding", "gzip"}})
    EXPECT_EQ(word(received(Provider::github, with(plain, {header}), body)), "unfit")
        << header.value;
  EXPECT_EQ(
      word(received(Provider::github,
                    with(plain, {{"Content-Type", "Application/JSON; charset=utf-8"}}), body)),
      "push");
  const Header form{"Content-Type", "application/x-www-form-urlencoded"};
  const std::string other = sample_push(Provider::gitlab).body;
  EXPECT_EQ(
      word(received(Provider::gitlab, with(headers_of(Provider::gitlab, other), {form}), other)),
      "unfit");
}

TEST(Receiver, AnUnprovenRequestIsRefusedBeforeItsMediaAreLookedAt) {
  EXPECT_EQ(word(received(Provider::github, {{"Content-Encoding", "gzip"}}, "x")), "unproven");
}

TEST(Receiver, MalformedIsSaidOnlyToWhoProvedItself) {
  const std::string body = "{";
  EXPECT_EQ(word(received(Provider::github, headers_of(Provider::github, body), body)),
            "malformed");
  EXPECT_EQ(word(received(Provider::github, headers_of(Provider::github, "other"), body)),
            "unproven");
}

TEST(Receiver, BitbucketsUnsignedPingIsAnsweredAndDoesNothing) {
  const Headers ping{{"X-Event-Key", "diagnostics:ping"}};
  EXPECT_EQ(word(received(Provider::bitbucket_server, ping, R"({"test":true})")), "ping");
  EXPECT_EQ(word(received(Provider::bitbucket, ping, R"({"test":true})")), "unproven");
}

TEST(Receiver, AnyBytesAreSafe) {
  std::mt19937 random(7);
  for (const Provider provider : providers())
    for (int i = 0; i < 400; ++i) {
      std::string body = sample_push(provider).body;
      for (unsigned changes = random() % 4; changes > 0; --changes)
        body[random() % body.size()] = static_cast<char>(random());
      if (random() % 4 == 0) body.resize(random() % (body.size() + 1));
      const Headers headers = headers_of(provider, body);
      const std::string whole = word(received(provider, headers, body));
      EXPECT_EQ(word(received(provider, headers, body, 1 + random() % 9)), whole) << body;
      EXPECT_NE(whole, "unproven") << body;
    }
}

}  // namespace
}  // namespace bough::forges
