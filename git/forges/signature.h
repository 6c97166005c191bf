#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/forges/headers.h"
#include "git/forges/provider.h"
#include "spec/secret.h"
#include "spec/time.h"

namespace bough::forges {

enum class Digest { sha256, sha512 };

/// HMAC of bytes as they arrive.
class Mac {
 public:
  Mac(Digest digest, std::string_view key);
  Mac(Mac&&) noexcept;
  ~Mac();
  void take(std::string_view bytes);
  /// Ends it: the raw code.
  std::string code();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Compares in a time that tells nothing of the texts.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// What the headers alone say of who sent a request.
enum class Claim {
  none,    ///< they prove nothing, and nothing can: refuse
  code,    ///< the body decides: see Proof::matches
  proven,  ///< by a token
};

/// Checks that a request comes from who knows one of the secrets, by exactly the rule of its
/// provider. An empty secret proves nothing.
class Proof {
 public:
  Proof(Provider provider, const std::vector<Secret>& secrets, const Headers& headers, Instant now);

  Claim claim() const { return claim_; }
  void take(std::string_view bytes);
  /// After the whole body: whether it is authentic.
  bool matches();

 private:
  void weigh(Provider provider, const std::vector<Secret>& usable, const Headers& headers,
             Instant now);
  void expect(Digest digest, const std::vector<Secret>& secrets, std::string_view code);
  void expect_hex(Digest digest, const std::vector<Secret>& secrets, const Headers& headers,
                  std::string_view name, std::string_view prefix);
  void expect_standard(const std::vector<Secret>& secrets, const Headers& headers, Instant now);
  void expect_generic(const std::vector<Secret>& secrets, const Headers& headers);
  void compare_tokens(const std::vector<Secret>& secrets, std::string_view given);
  void compare_login(const std::vector<Secret>& secrets, const Headers& headers);

  Claim claim_ = Claim::none;
  std::vector<Mac> macs_;
  std::vector<std::string> codes_;  ///< any of these will do
};

/// Whether a secret of GitLab is a signing token, whose requests are then signed.
bool is_signing_token(const Secret& secret);

/// The headers with which a request that carries this body is authentic: for tests of a hook.
Headers signed_headers(Provider provider, const Secret& secret, std::string_view body, Instant now);

}  // namespace bough::forges
