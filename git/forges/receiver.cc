#include "git/forges/receiver.h"

#include "git/forges/payload.h"

namespace bough::forges {
namespace {

/// `application/json` of `Application/JSON; charset=utf-8`.
std::string_view media_type(std::string_view value) {
  value = value.substr(0, value.find(';'));
  while (value.ends_with(' ')) value.remove_suffix(1);
  return value;
}

bool is_json(std::string_view type) {
  return type.empty() || equal_ignoring_case(type, "application/json") ||
         (type.size() > 5 && equal_ignoring_case(type.substr(type.size() - 5), "+json"));
}

bool sends_forms(Provider provider) {
  return provider == Provider::github || provider == Provider::gitea ||
         provider == Provider::forgejo || provider == Provider::gogs;
}

/// Bitbucket's test of a connection is not signed. It is answered, and nothing comes of it.
bool is_unsigned_ping(Provider provider, const Headers& headers) {
  return provider == Provider::bitbucket_server &&
         only(headers, "X-Event-Key") == "diagnostics:ping" &&
         count(headers, "X-Hub-Signature") == 0;
}

}  // namespace

Receiver::Receiver(Provider provider, const std::vector<Secret>& secrets, Headers headers,
                   Instant now)
    : provider_(provider),
      headers_(std::move(headers)),
      proof_(provider, secrets, headers_, now),
      facts_(wanted_of(provider)),
      json_(facts_) {
  if (is_unsigned_ping(provider, headers_)) {
    settled_ = Delivery{"", "", Ping{}};
  } else if (proof_.claim() == Claim::none) {
    settled_ = Unproven{};
  } else {
    check_media();
  }
}

void Receiver::check_media() {
  const std::string_view type = media_type(only(headers_, "Content-Type").value_or(""));
  if (count(headers_, "Content-Type") > 1) {
    settled_ = UnfitMedia{"there are several Content-Type headers"};
  } else if (count(headers_, "Content-Encoding") > 0) {
    settled_ = UnfitMedia{"the body is compressed; send it as it is"};
  } else if (sends_forms(provider_) &&
             equal_ignoring_case(type, "application/x-www-form-urlencoded")) {
    form_ = std::make_unique<FormStream>();
    signs_payload_ = provider_ != Provider::github;
  } else if (!is_json(type)) {
    settled_ = UnfitMedia{"the Content-Type is not application/json"};
  }
}

void Receiver::take(std::string_view bytes) {
  if (settled_ || bytes.empty()) return;
  empty_ = false;
  if (!form_) {
    proof_.take(bytes);
    json_.feed(bytes);
    return;
  }
  const std::string payload = form_->feed(bytes);
  proof_.take(signs_payload_ ? std::string_view(payload) : bytes);
  json_.feed(payload);
}

Reception Receiver::finish() {
  if (settled_) return *settled_;
  if (!proof_.matches()) return Unproven{};
  const bool generic = provider_ == Provider::generic || provider_ == Provider::standard;
  if (empty_ && generic) return Delivery{"", "", Pushed{}};
  if (form_ && !form_->fine()) return Malformed{"the form has not exactly one field payload"};
  if (!json_.finish()) return Malformed{"the payload is no well-formed JSON"};
  auto delivery = read_delivery(provider_, headers_, facts_);
  if (!delivery) return Malformed{delivery.error().message};
  return *std::move(delivery);
}

}  // namespace bough::forges
