#include "provisioners/postgres/certificate.h"

#include <netdb.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>

#include "spec/handle.h"

namespace bough::postgres {
namespace {

constexpr timeval kPatience{5, 0};
/// PostgreSQL's SSLRequest: a length of 8, and a code instead of a protocol version (PostgreSQL
/// manual, Message Formats).
constexpr std::array<unsigned char, 8> kRequest{0, 0, 0, 8, 4, 210, 22, 47};

using Context = Handle<SSL_CTX, SSL_CTX_free>;
using Stream = Handle<SSL, SSL_free>;
using Bio = Handle<BIO, BIO_free_all>;
using Certificate = Handle<X509, X509_free>;
using Addresses = Handle<addrinfo, freeaddrinfo>;

/// A connection that ends with this.
class Connection {
 public:
  explicit Connection(const Reach& server) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found) != 0)
      return;
    const Addresses addresses(found);
    for (const addrinfo* at = found; at != nullptr && fd_ < 0; at = at->ai_next) try_at(*at);
  }
  ~Connection() {
    if (fd_ >= 0) close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }
  /// Whether the server answers that it speaks TLS.
  bool offers_tls() const {
    char answer = 0;
    return fd_ >= 0 &&
           send(fd_, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) == ssize_t(kRequest.size()) &&
           recv(fd_, &answer, 1, 0) == 1 && answer == 'S';
  }

 private:
  void try_at(const addrinfo& at) {
    fd_ = socket(at.ai_family, at.ai_socktype | SOCK_CLOEXEC, at.ai_protocol);
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    if (fd_ < 0 || connect(fd_, at.ai_addr, at.ai_addrlen) == 0) return;
    close(fd_);
    fd_ = -1;
  }
  int fd_ = -1;
};

/// Trusts the authorities of the text; the system's when there are none.
void trust(SSL_CTX* context, const std::string& authorities) {
  if (authorities.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  const Bio text(BIO_new_mem_buf(authorities.data(), static_cast<int>(authorities.size())));
  while (const Certificate one{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)})
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get());
}

}  // namespace

std::string certificate_trouble(const Reach& server) {
  if (server.host.starts_with('/')) return "";
  const Connection connection(server);
  if (!connection.offers_tls()) return "";
  const Context context(SSL_CTX_new(TLS_client_method()));
  trust(context.get(), server.ca_cert);
  const Stream stream(SSL_new(context.get()));
  SSL_set_tlsext_host_name(stream.get(), server.host.c_str());
  SSL_set_fd(stream.get(), connection.fd());
  if (SSL_connect(stream.get()) != 1) return "";
  const long verdict = SSL_get_verify_result(stream.get());
  return verdict == X509_V_OK ? "" : X509_verify_cert_error_string(verdict);
}

}  // namespace bough::postgres
