#include "reconciler/server/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace bough::server {
namespace {

Error wrong(std::string_view what, const std::string& file) {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return {Fault::invalid, fmt::format("{} {}: {}", what, file, reason ? reason : "unreadable")};
}

}  // namespace

void TlsContextFreed::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

Result<TlsContext> server_context(const TlsFiles& files) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate_chain.c_str()) != 1)
    return wrong("cannot use the certificate", files.certificate_chain);
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.private_key.c_str(), SSL_FILETYPE_PEM) != 1)
    return wrong("cannot use the private key", files.private_key);
  if (SSL_CTX_check_private_key(context.get()) != 1)
    return wrong("the certificate is not of this key", files.private_key);
  return context;
}

}  // namespace bough::server
