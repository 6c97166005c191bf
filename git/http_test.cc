#include <gtest/gtest.h>

#include <filesystem>

#include "git/testing.h"

namespace bough {
namespace {

using namespace testing;

/// nginx in front of git-http-backend: `/open/`, `/private/` with basic auth, both also over
/// TLS 1.3 only with a certificate of an authority made here, and some odd answers.
class HttpTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { site = std::make_unique<Site>(); }
  static void TearDownTestSuite() { site.reset(); }

  struct Site {
    Site();
    void make_certificates();
    std::string config() const;

    TempFolder temp;
    Origin origin{temp.path("origin.git")};
    int port = free_port();
    int tls_port = free_port();
    int other_port = free_port();
    std::unique_ptr<Server> backend;
    std::unique_ptr<Server> nginx;
  };
  static inline std::unique_ptr<Site> site;

  static std::string http(const std::string& path) {
    return "http://127.0.0.1:" + std::to_string(site->port) + path;
  }
  static std::string https(const std::string& path, const std::string& host = "127.0.0.1") {
    return "https://" + host + ":" + std::to_string(site->tls_port) + path;
  }
  static Remote with_ca(Remote remote) {
    remote.ca_cert_file = site->temp.path("ca.pem");
    return remote;
  }
  static Remote with_login(Remote remote, const std::string& password) {
    remote.username = "bot";
    remote.password = Secret(password);
    return remote;
  }
  Mirror mirror_of(const Remote& remote) { return open_mirror(temp.path("mirror"), remote); }
  std::string app_yaml_from(const Remote& remote) {
    Mirror mirror = mirror_of(remote);
    return app_yaml(mirror, fetched(mirror), "main");
  }
  Error error_from(const Remote& remote) {
    Mirror mirror = mirror_of(remote);
    return fetch_error(mirror);
  }

  TempFolder temp;
};

HttpTest::Site::Site() {
  origin.commit("main", "name: shop");
  make_certificates();
  shell("htpasswd -bc '" + temp.path("users") + "' bot right-password 2>/dev/null");
  write_file(temp.path("nginx.conf"), config());
  setenv("GIT_PROJECT_ROOT", temp.path().c_str(), 1);
  backend = std::make_unique<Server>(
      std::vector<std::string>{"fcgiwrap", "-c", "2", "-s", "unix:" + temp.path("fcgi.sock")},
      temp.path("fcgi.sock"));
  nginx = std::make_unique<Server>(std::vector<std::string>{"nginx", "-e", temp.path("error.log"),
                                                            "-c", temp.path("nginx.conf")},
                                   port);
}

void HttpTest::Site::make_certificates() {
  shell("cd '" + temp.path() +
        "' && exec 2>/dev/null"
        " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        " -subj '/CN=test authority' -keyout ca.key -out ca.pem"
        " && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        " -subj '/CN=server' -keyout server.key -out server.csr"
        " && printf 'subjectAltName=IP:127.0.0.1' > san"
        " && openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
        " -extfile san -out server.pem");
}

std::string HttpTest::Site::config() const {
  const std::string git =
      " fastcgi_pass unix:" + temp.path("fcgi.sock") +
      "; fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;"
      " fastcgi_param GIT_HTTP_EXPORT_ALL 1; fastcgi_param GIT_PROJECT_ROOT " +
      temp.path() +
      "; fastcgi_param PATH_INFO $1; fastcgi_param QUERY_STRING $query_string;"
      " fastcgi_param REQUEST_METHOD $request_method; fastcgi_param CONTENT_TYPE $content_type;"
      " fastcgi_param CONTENT_LENGTH $content_length; fastcgi_param REMOTE_USER $remote_user; ";
  const std::string places =
      " location ~ ^/open(/.*)$ {" + git +
      "}"
      " location ~ ^/private(/.*)$ { auth_basic git; auth_basic_user_file " +
      temp.path("users") + ";" + git +
      "}"
      " location /forbidden/ { return 403; }"
      " location /broken/ { return 500; }"
      " location /login/ { default_type text/html; return 200 '<html>please log in</html>'; }"
      " location /moved/ { rewrite ^/moved/(.*)$ /open/$1 permanent; }"
      " location /elsewhere/ { return 302 http://localhost:" +
      std::to_string(other_port) + "$request_uri; }";
  return "daemon off; user root; worker_processes 1; pid " + temp.path("nginx.pid") +
         "; error_log " + temp.path("error.log") + "; events {} http { access_log " +
         temp.path("access.log") + "; client_body_temp_path " + temp.path("body") +
         "; proxy_temp_path " + temp.path("proxy") + "; fastcgi_temp_path " + temp.path("fastcgi") +
         "; uwsgi_temp_path " + temp.path("uwsgi") + "; scgi_temp_path " + temp.path("scgi") +
         "; server { listen 127.0.0.1:" + std::to_string(port) + ";" + places +
         "} server { listen 127.0.0.1:" + std::to_string(tls_port) +
         " ssl; ssl_protocols TLSv1.3; ssl_certificate " + temp.path("server.pem") +
         "; ssl_certificate_key " + temp.path("server.key") + ";" + places +
         "} server { listen 127.0.0.1:" + std::to_string(other_port) + ";" + places + "} }";
}

TEST_F(HttpTest, FetchesOverHttpAndTls) {
  EXPECT_EQ(app_yaml_from(remote_at(http("/open/origin.git"))), "name: shop");
  EXPECT_EQ(app_yaml_from(with_ca(remote_at(https("/open/origin.git")))), "name: shop");
}

TEST_F(HttpTest, LaterPushesComeThroughAKeptRemote) {
  Mirror mirror = mirror_of(with_ca(remote_at(https("/open/origin.git"))));
  for (int i = 0; i < 3; ++i) {
    site->origin.commit("later", std::to_string(i), "refs/heads/main");
    EXPECT_EQ(app_yaml(mirror, fetched(mirror), "later"), std::to_string(i));
  }
}

TEST_F(HttpTest, OnePushToAThousandBranchesCostsFewObjects) {
  Origin large(site->temp.path("large.git"));
  large.import(thousand_branches());
  const Remote remote = remote_at(http("/open/large.git"));
  Mirror mirror = mirror_of(remote);
  ASSERT_EQ(fetched(mirror).branches.size(), 1001u);
  large.commit("feature/3", "name: new");
  EXPECT_LE(fetched_raw(temp.path("mirror"), remote).received_objects, 10u);
}

TEST_F(HttpTest, APasswordOpensAPrivateRepository) {
  for (const std::string& url : {http("/private/origin.git"), https("/private/origin.git")})
    EXPECT_EQ(app_yaml_from(with_login(with_ca(remote_at(url)), "right-password")), "name: shop");
}

TEST_F(HttpTest, AUserInTheUrlGoesWithThePassword) {
  Remote remote =
      remote_at("http://bot@127.0.0.1:" + std::to_string(site->port) + "/private/origin.git");
  remote.password = Secret("right-password");
  EXPECT_EQ(app_yaml_from(remote), "name: shop");
}

struct Denial {
  std::string name;
  std::string path;
  std::string password;
  Fault fault;
  std::string says;
};

TEST_F(HttpTest, EachRefusalHasItsFaultAndWords) {
  for (const Denial& row : std::vector<Denial>{
           {"WrongPassword", "/private/origin.git", "wrong-password", Fault::denied, "refused"},
           {"NoPassword", "/private/origin.git", "", Fault::denied, "wants a login"},
           {"Forbidden", "/forbidden/origin.git", "wrong-password", Fault::denied, "403"},
           {"Missing", "/open/none.git", "", Fault::unavailable, "404"},
           {"ServerError", "/broken/origin.git", "", Fault::unavailable, "500"},
           {"LoginPage", "/login/origin.git", "", Fault::unavailable, "content"},
           {"Elsewhere", "/elsewhere/origin.git", "wrong-password", Fault::unavailable,
            "redirect"}}) {
    Remote remote = remote_at(http(row.path));
    if (!row.password.empty()) remote = with_login(remote, row.password);
    const auto start = std::chrono::steady_clock::now();
    const Error error = error_from(remote);
    EXPECT_EQ(error.fault, row.fault) << row.name << ": " << error.message;
    EXPECT_NE(error.message.find(row.says), std::string::npos) << row.name << ": " << error.message;
    EXPECT_EQ(error.message.find("wrong-password"), std::string::npos) << error.message;
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << row.name;
  }
}

TEST_F(HttpTest, RedirectsWithinAHostAreFollowed) {
  EXPECT_EQ(app_yaml_from(remote_at(http("/moved/origin.git"))), "name: shop");
}

TEST_F(HttpTest, CertificatesAreChecked) {
  const Error unknown = error_from(remote_at(https("/open/origin.git")));
  EXPECT_EQ(unknown.fault, Fault::denied) << unknown.message;
  EXPECT_NE(unknown.message.find("certificate"), std::string::npos) << unknown.message;
  const Error misnamed = error_from(with_ca(remote_at(https("/open/origin.git", "localhost"))));
  EXPECT_EQ(misnamed.fault, Fault::denied) << misnamed.message;
  EXPECT_NE(misnamed.message.find("mismatch"), std::string::npos) << misnamed.message;
  Remote no_file = remote_at(https("/open/origin.git"));
  no_file.ca_cert_file = site->temp.path("absent.pem");
  EXPECT_EQ(error_from(no_file).fault, Fault::denied);
}

TEST_F(HttpTest, TlsToAPlainPortFailsInWords) {
  const Error error = error_from(
      with_ca(remote_at("https://127.0.0.1:" + std::to_string(site->port) + "/open/origin.git")));
  EXPECT_EQ(error.fault, Fault::unavailable) << error.message;
}

TEST_F(HttpTest, NobodyListeningIsUnavailable) {
  for (const char* scheme : {"http", "https"}) {
    const Error error = error_from(
        remote_at(std::string(scheme) + "://127.0.0.1:" + std::to_string(free_port()) + "/x.git"));
    EXPECT_EQ(error.fault, Fault::unavailable) << error.message;
    EXPECT_NE(error.message.find("refused"), std::string::npos) << error.message;
  }
}

}  // namespace
}  // namespace bough
