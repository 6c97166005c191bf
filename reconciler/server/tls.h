#pragma once

#include <memory>
#include <string>

#include "spec/result.h"

struct ssl_ctx_st;

namespace bough::server {

/// Files in PEM.
struct TlsFiles {
  std::string certificate_chain;
  std::string private_key;
};

struct TlsContextFreed {
  void operator()(ssl_ctx_st* context) const;
};
using TlsContext = std::unique_ptr<ssl_ctx_st, TlsContextFreed>;

/// What a server speaks TLS 1.2 and later with; Fault::invalid when the files do not fit together.
Result<TlsContext> server_context(const TlsFiles& files);

}  // namespace bough::server
