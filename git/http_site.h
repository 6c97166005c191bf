#pragma once

#include <memory>
#include <string>

#include "git/testing.h"

namespace bough::testing {

/// nginx in front of git-http-backend: `/open/`, `/private/` with basic auth (`bot`,
/// `right-password`), `/old/` without Git's protocol 2, all also over TLS 1.3 only with a
/// certificate of an authority made here, and some odd answers.
struct HttpSite {
  HttpSite();

  std::string http(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port) + path;
  }
  std::string https(const std::string& path, const std::string& host = "127.0.0.1") const {
    return "https://" + host + ":" + std::to_string(tls_port) + path;
  }
  Remote with_ca(Remote remote) const {
    remote.ca_cert_file = temp.path("ca.pem");
    return remote;
  }
  static Remote with_login(Remote remote, const std::string& password) {
    remote.username = "bot";
    remote.password = Secret(password);
    return remote;
  }

  TempFolder temp;
  Origin origin{temp.path("origin.git")};
  int port = free_port();
  int tls_port = free_port();
  int other_port = free_port();

 private:
  void make_certificates();
  std::string config() const;

  std::unique_ptr<Server> backend;
  std::unique_ptr<Server> nginx;
};

}  // namespace bough::testing
