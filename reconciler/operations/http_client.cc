#include "reconciler/operations/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>

#include "spec/handle.h"

namespace bough::operations {
namespace {

using Easy = Handle<CURL, curl_easy_cleanup>;
using List = Handle<curl_slist, curl_slist_free_all>;

constexpr std::size_t kLongestAnswer = 256 * 1024 * 1024;

struct Reading {
  CURL* easy;
  const Part& part;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
};

bool is_success(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return status >= 200 && status < 300;
}

std::size_t on_body(const char* data, std::size_t size, std::size_t count, void* context) {
  auto& reading = *static_cast<Reading*>(context);
  const std::string_view bytes(data, size * count);
  if (reading.part && is_success(reading.easy)) return reading.part(bytes) ? bytes.size() : 0;
  reading.body += bytes;
  return reading.body.size() > kLongestAnswer ? 0 : bytes.size();
}

std::size_t on_header(const char* data, std::size_t size, std::size_t count, void* context) {
  auto& reading = *static_cast<Reading*>(context);
  const std::string_view line(data, size * count);
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return line.size();
  std::string name(line.substr(0, colon));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  std::string_view value = line.substr(colon + 2);
  while (value.ends_with('\n') || value.ends_with('\r')) value.remove_suffix(1);
  reading.headers.emplace_back(std::move(name), value);
  return line.size();
}

List list_of(const WebRequest& request) {
  List list;
  for (const auto& [name, value] : request.headers)
    list.reset(curl_slist_append(list.release(), fmt::format("{}: {}", name, value).c_str()));
  return list;
}

void prepare(CURL* easy, const WebRequest& request, std::chrono::seconds patience, bool streams) {
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NETRC, CURL_NETRC_IGNORED);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, 10L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  if (!streams) curl_easy_setopt(easy, CURLOPT_TIMEOUT, static_cast<long>(patience.count()));
  if (!request.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
  if (request.method == "GET") return;
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

}  // namespace

Result<WebAnswer> ask(const WebRequest& request, std::chrono::seconds patience, const Part& part) {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  const Easy easy(once == CURLE_OK ? curl_easy_init() : nullptr);
  if (!easy) return Error{Fault::broken, "libcurl does not start"};
  const List headers = list_of(request);
  std::array<char, CURL_ERROR_SIZE> reason{};
  Reading reading{easy.get(), part, "", {}};
  prepare(easy.get(), request, patience, static_cast<bool>(part));
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, reason.data());
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &reading);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &reading);
  const CURLcode code = curl_easy_perform(easy.get());
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  const bool stopped = code == CURLE_WRITE_ERROR && part;
  if (code != CURLE_OK && !stopped)
    return Error{
        Fault::unavailable,
        fmt::format("{}: {}", request.url, reason[0] ? reason.data() : curl_easy_strerror(code))};
  return WebAnswer{static_cast<int>(status), std::move(reading.body), std::move(reading.headers)};
}

std::string url_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

}  // namespace bough::operations
