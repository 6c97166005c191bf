#pragma once

#include <string>
#include <vector>

#include "git/forges/provider.h"
#include "spec/secret.h"

namespace bough::forges {

/// One line to fill in on a host's page for a webhook.
struct Setting {
  std::string name;
  std::string value;
};

/// Where the page is, and what to enter there, in its order; the URL and the secret are said as
/// `URL` and `SECRET`.
struct Settings {
  std::string page;
  std::vector<Setting> lines;
};
Settings settings_of(Provider provider, const std::string& url, const std::string& secret);

/// A harmless push, as the provider would send it, with the headers that make it authentic.
struct Sample {
  std::vector<Setting> headers;
  std::string body;
};
Sample sample_push(Provider provider);

}  // namespace bough::forges
