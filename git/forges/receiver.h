#pragma once

#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "git/forges/delivery.h"
#include "git/forges/facts.h"
#include "git/forges/form_stream.h"
#include "git/forges/signature.h"
#include "spec/result.h"

namespace bough::forges {

/// What became of a request to a hook.
struct Unproven {};  ///< not authentic; nothing else is said of it
struct UnfitMedia {  ///< a content type, encoding or method that this hook does not read
  std::string reason;
};
struct Malformed {  ///< authentic, and not to be understood
  std::string reason;
};
using Reception = std::variant<Unproven, UnfitMedia, Malformed, Delivery>;

/// One request to a hook: checked and read while its body arrives, in constant memory. Pure.
class Receiver {
 public:
  Receiver(Provider provider, const std::vector<Secret>& secrets, Headers headers, Instant now);

  /// Set when the headers decide already; the body need not be read then.
  const std::optional<Reception>& settled() const { return settled_; }
  void take(std::string_view bytes);
  /// After the whole body.
  Reception finish();

 private:
  void check_media();

  Provider provider_;
  Headers headers_;
  Proof proof_;
  Facts facts_;
  JsonStream json_;
  std::unique_ptr<FormStream> form_;
  bool signs_payload_ = false;  ///< the code covers a form's payload, not the form
  bool empty_ = true;
  std::optional<Reception> settled_;
};

}  // namespace bough::forges
