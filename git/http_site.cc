#include "git/http_site.h"

#include <cstdlib>

namespace bough::testing {

HttpSite::HttpSite() {
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

void HttpSite::make_certificates() {
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

std::string HttpSite::config() const {
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
      " location ~ ^/old(/.*)$ {" +
      git +
      " fastcgi_param HTTP_GIT_PROTOCOL ''; }"
      " location /busy/ { add_header Retry-After 7 always; return 429; }"
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

}  // namespace bough::testing
