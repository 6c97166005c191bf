#include "git/tls_stream.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <git2.h>
#include <git2/sys/stream.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "git/handles.h"
#include "spec/handle.h"

namespace bough {
namespace {

using Ssl = Handle<SSL, SSL_free>;
using SslContext = Handle<SSL_CTX, SSL_CTX_free>;
using Addresses = Handle<addrinfo, freeaddrinfo>;

TlsRules& rules() {
  static TlsRules the_rules;
  return the_rules;
}

struct TlsStream : git_stream {
  std::string host;
  std::string port;
  int socket = -1;
  SslContext context;
  Ssl ssl;
};

int fail(int code, const std::string& message) {
  git_error_set_str(GIT_ERROR_SSL, message.c_str());
  return code;
}

std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "the connection was closed";
}

bool is_address(const std::string& host) {
  in6_addr ignored{};
  return inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

/// Connects within the deadline; -1 and errno when it does not work.
int connected_socket(const addrinfo& address, Deadline deadline) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if (connect(fd, address.ai_addr, address.ai_addrlen) == 0) return fd;
  int failure = errno;
  if (failure == EINPROGRESS) {
    socklen_t size = sizeof failure;
    const auto waited = wait_for(fd, POLLOUT, deadline);
    if (waited != Transfer::done || getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0)
      failure = ETIMEDOUT;
    if (failure == 0) return fd;
  }
  close(fd);
  errno = failure;
  return -1;
}

/// Tries every address of the host; one that does not answer leaves time for the next.
int open_socket(TlsStream& stream) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int failed = getaddrinfo(stream.host.c_str(), stream.port.c_str(), &hints, &list))
    return fail(-1, "the host " + stream.host + " is not known: " + gai_strerror(failed));
  const Addresses addresses(list);
  for (const addrinfo* one = list; one; one = one->ai_next) {
    const auto now = std::chrono::steady_clock::now();
    const auto left = rules().deadline - now;
    stream.socket = connected_socket(*one, now + (one->ai_next ? left / 2 : left));
    if (stream.socket >= 0) return 0;
  }
  return fail(-1, "no connection to " + stream.host + ":" + stream.port + ": " + strerror(errno));
}

int prepare_ssl(TlsStream& stream) {
  stream.context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = stream.context.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const std::string& file = rules().ca_cert_file;
  const int loaded = file.empty() ? SSL_CTX_set_default_verify_paths(context)
                                  : SSL_CTX_load_verify_file(context, file.c_str());
  if (loaded != 1)
    return fail(GIT_ECERTIFICATE,
                "the certificates in " + file + " cannot be used: " + openssl_reason());
  stream.ssl.reset(SSL_new(context));
  SSL* ssl = stream.ssl.get();
  const bool named =
      is_address(stream.host)
          ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), stream.host.c_str()) == 1
          : SSL_set1_host(ssl, stream.host.c_str()) == 1 &&
                SSL_set_tlsext_host_name(ssl, stream.host.c_str()) == 1;
  if (!named || SSL_set_fd(ssl, stream.socket) != 1) return fail(-1, "TLS: " + openssl_reason());
  return 0;
}

/// Waits for what OpenSSL wants after `outcome`: 1 to try again, 0 at the end of the stream, -1 on
/// failure.
int settle(TlsStream& stream, int outcome) {
  const int wants = SSL_get_error(stream.ssl.get(), outcome);
  if (wants == SSL_ERROR_ZERO_RETURN) return 0;
  if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE)
    return fail(-1, "TLS with " + stream.host + ": " + openssl_reason());
  const short events = wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
  if (wait_for(stream.socket, events, rules().deadline) == Transfer::done) return 1;
  return fail(-1, stream.host + " gave no full answer within the time allowed");
}

int greet(TlsStream& stream) {
  for (;;) {
    ERR_clear_error();
    const int outcome = SSL_connect(stream.ssl.get());
    if (outcome == 1) return 0;
    const long verdict = SSL_get_verify_result(stream.ssl.get());
    if (verdict != X509_V_OK)
      return fail(GIT_ECERTIFICATE, "the certificate of " + stream.host + " is not trusted: " +
                                        X509_verify_cert_error_string(verdict));
    const int settled = settle(stream, outcome);
    if (settled == 0) return fail(-1, stream.host + " closed the connection");
    if (settled < 0) return -1;
  }
}

TlsStream& stream_of(git_stream* base) {
  return *static_cast<TlsStream*>(base);
}

int connect_stream(git_stream* base) {
  TlsStream& stream = stream_of(base);
  if (const int failed = open_socket(stream)) return failed;
  if (const int failed = prepare_ssl(stream)) return failed;
  return greet(stream);
}

ssize_t read_stream(git_stream* base, void* data, size_t size) {
  TlsStream& stream = stream_of(base);
  for (;;) {
    ERR_clear_error();
    const int got =
        SSL_read(stream.ssl.get(), data, static_cast<int>(std::min<size_t>(size, 1 << 20)));
    if (got > 0) return got;
    const int settled = settle(stream, got);
    if (settled <= 0) return settled;
  }
}

ssize_t write_stream(git_stream* base, const char* data, size_t size, int) {
  TlsStream& stream = stream_of(base);
  for (;;) {
    ERR_clear_error();
    const int put =
        SSL_write(stream.ssl.get(), data, static_cast<int>(std::min<size_t>(size, 1 << 20)));
    if (put > 0) return put;
    const int settled = settle(stream, put);
    if (settled == 0) return fail(-1, stream.host + " closed the connection");
    if (settled < 0) return -1;
  }
}

int close_stream(git_stream* base) {
  TlsStream& stream = stream_of(base);
  if (stream.ssl && SSL_is_init_finished(stream.ssl.get())) SSL_shutdown(stream.ssl.get());
  ERR_clear_error();
  stream.ssl.reset();
  if (const int fd = std::exchange(stream.socket, -1); fd >= 0) close(fd);
  return 0;
}

void free_stream(git_stream* base) {
  close_stream(base);
  delete &stream_of(base);
}

int new_stream(git_stream** out, const char* host, const char* port) {
  auto stream = std::make_unique<TlsStream>();
  static_cast<git_stream&>(*stream) = {};
  stream->host = host;
  if (stream->host.starts_with('[') && stream->host.ends_with(']'))
    stream->host = stream->host.substr(1, stream->host.size() - 2);
  stream->port = port;
  stream->version = GIT_STREAM_VERSION;
  stream->encrypted = 1;
  stream->connect = connect_stream;
  stream->read = read_stream;
  stream->write = write_stream;
  stream->close = close_stream;
  stream->free = free_stream;
  *out = stream.release();
  return 0;
}

}  // namespace

Result<void> use_own_tls() {
  git_stream_registration registration{};
  registration.version = GIT_STREAM_VERSION;
  registration.init = new_stream;
  if (git_stream_register(GIT_STREAM_TLS, &registration) < 0)
    return git_error_of(Fault::broken, "setting up TLS");
  return {};
}

void set_tls_rules(TlsRules new_rules) {
  rules() = std::move(new_rules);
}

}  // namespace bough
