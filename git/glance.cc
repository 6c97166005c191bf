#include "git/glance.h"

#include <curl/curl.h>
#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "git/url.h"
#include "spec/handle.h"

namespace bough {
namespace {

constexpr long kConnections = 64;
constexpr long kConnectionsPerHost = 4;
constexpr std::size_t kLargestAnswer = std::size_t{64} << 20;
constexpr std::size_t kCapabilities = 4096;  // of protocol 2: far less
constexpr std::chrono::hours kLongestPause(1);

// gitprotocol-v2: the command, its capabilities, a delimiter, its arguments, a flush.
std::string listing_command(const Remote& remote) {
  const auto packet = [](std::string_view text) {
    std::array<char, 5> length{};
    std::snprintf(length.data(), length.size(), "%04zx", text.size() + 4);
    return length.data() + std::string(text);
  };
  std::string command = packet("command=ls-refs\n") + "0001" + packet("symrefs\n") +
                        packet("ref-prefix HEAD\n") + packet("ref-prefix refs/heads/\n");
  if (remote.pull_requests)
    for (const std::string_view prefix : pull_request_prefixes())
      command += packet("ref-prefix " + std::string(prefix) + "\n");
  return command + "0000";
}

using EasyHandle = Handle<CURL, curl_easy_cleanup>;
using ListHandle = Handle<curl_slist, curl_slist_free_all>;
using DigestHandle = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;

/// What is known of a remote's server.
enum class Speaks { unknown, listing, commands };

/// One request under way.
struct Request {
  Remote remote;
  Glancer::Answer answer;
  std::chrono::steady_clock::time_point until;
  Speaks speaks = Speaks::unknown;
  EasyHandle easy{};
  ListHandle headers{};
  DigestHandle digest{EVP_MD_CTX_new()};
  std::size_t size = 0;
  std::string start;  ///< of the answer
};

std::size_t take(const char* bytes, std::size_t, std::size_t count, void* given) {
  Request& request = *static_cast<Request*>(given);
  request.size += count;
  if (request.size > kLargestAnswer) return 0;
  const std::size_t room = kCapabilities - std::min(kCapabilities, request.start.size());
  request.start.append(bytes, std::min(room, count));
  return EVP_DigestUpdate(request.digest.get(), bytes, count) == 1 ? count : 0;
}

std::string sum_of(Request& request) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_DigestFinal_ex(request.digest.get(), bytes.data(), &size);
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

bool offers_commands(const Request& request) {
  return request.start.find("version 2\n") != std::string::npos &&
         request.start.find("ls-refs") != std::string::npos;
}

void add_header(Request& request, const char* text) {
  request.headers.reset(curl_slist_append(request.headers.release(), text));
}

void ask_for_branches(Request& request) {
  add_header(request, "Content-Type: application/x-git-upload-pack-request");
  add_header(request, "Accept: application/x-git-upload-pack-result");
  curl_easy_setopt(request.easy.get(), CURLOPT_URL,
                   (request.remote.url + "/git-upload-pack").c_str());
  const std::string command = listing_command(request.remote);
  curl_easy_setopt(request.easy.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(command.size()));
  curl_easy_setopt(request.easy.get(), CURLOPT_COPYPOSTFIELDS, command.c_str());
}

void ask_for_everything(Request& request) {
  curl_easy_setopt(request.easy.get(), CURLOPT_URL,
                   (request.remote.url + "/info/refs?service=git-upload-pack").c_str());
}

void log_in(Request& request) {
  const Remote& remote = request.remote;
  if (!remote.password) return;
  curl_easy_setopt(request.easy.get(), CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
  if (!remote.username.empty())
    curl_easy_setopt(request.easy.get(), CURLOPT_USERNAME, remote.username.c_str());
  curl_easy_setopt(request.easy.get(), CURLOPT_PASSWORD, remote.password->reveal().c_str());
}

/// What the fetch obeys, too: no proxy, no redirect, these certificates only.
void set_rules(Request& request) {
  CURL* easy = request.easy.get();
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "git/bough");
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  if (!request.remote.ca_cert_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, request.remote.ca_cert_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
}

/// Sets the request up for what is known of the server.
void prepare(Request& request) {
  using std::chrono::milliseconds;
  const auto left =
      std::chrono::ceil<milliseconds>(request.until - std::chrono::steady_clock::now());
  curl_easy_reset(request.easy.get());  // its connection stays with the loop
  request.headers.reset();
  request.size = 0;
  request.start.clear();
  EVP_DigestInit_ex(request.digest.get(), EVP_sha256(), nullptr);
  set_rules(request);
  log_in(request);
  add_header(request, "Git-Protocol: version=2");
  request.speaks == Speaks::commands ? ask_for_branches(request) : ask_for_everything(request);
  CURL* easy = request.easy.get();
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request.headers.get());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::max(left, milliseconds(1)).count()));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &request);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &request);
}

std::optional<std::chrono::seconds> pause_asked(CURL* easy) {
  curl_off_t seconds = 0;
  if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK || seconds <= 0)
    return std::nullopt;
  return std::min<std::chrono::seconds>(std::chrono::seconds(seconds), kLongestPause);
}

Error failure(const Request& request, CURLcode code, long status) {
  auto url = RemoteUrl::parse(request.remote.url);
  const std::string where = url ? url->shown() : "the remote";
  if (code != CURLE_OK) return {Fault::unavailable, where + ": " + curl_easy_strerror(code)};
  const bool denied = status == 401 || status == 403;
  return {denied ? Fault::denied : Fault::unavailable,
          where + ": status code: " + std::to_string(status)};
}

}  // namespace

/// The thread that all requests run on.
class Glancer::Loop {
 public:
  Loop();
  ~Loop();
  void add(Request request);

 private:
  void run();
  void start_new();
  void start(std::unique_ptr<Request> request);
  EasyHandle spare();
  void finish(Request* ended, CURLcode code);
  std::optional<Glance> judge(Request& request, CURLcode code);

  Handle<CURLM, curl_multi_cleanup> multi_;
  std::mutex mutex_;
  std::deque<Request> new_;
  bool stopping_ = false;
  std::map<Request*, std::unique_ptr<Request>> running_;
  std::map<std::string, Speaks> known_;  ///< by URL
  std::vector<EasyHandle> spares_;  ///< of ended requests: making one costs as much as using it
  std::jthread thread_;
};

Glancer::Loop::Loop() {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  multi_.reset(curl_multi_init());
  curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, kConnections);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, kConnectionsPerHost);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kConnections);
  thread_ = std::jthread([this] { run(); });
}

Glancer::Loop::~Loop() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  curl_multi_wakeup(multi_.get());
  thread_.join();
  for (const auto& [easy, request] : running_)
    curl_multi_remove_handle(multi_.get(), request->easy.get());
}

void Glancer::Loop::add(Request request) {
  {
    const std::lock_guard guard(mutex_);
    new_.push_back(std::move(request));
  }
  curl_multi_wakeup(multi_.get());
}

void Glancer::Loop::start_new() {
  std::deque<Request> taken;
  {
    const std::lock_guard guard(mutex_);
    taken.swap(new_);
  }
  for (Request& request : taken) start(std::make_unique<Request>(std::move(request)));
}

EasyHandle Glancer::Loop::spare() {
  if (spares_.empty()) return EasyHandle(curl_easy_init());
  EasyHandle easy = std::move(spares_.back());
  spares_.pop_back();
  return easy;
}

void Glancer::Loop::start(std::unique_ptr<Request> request) {
  request->speaks = known_[request->remote.url];
  if (!request->easy) request->easy = spare();
  prepare(*request);
  CURL* easy = request->easy.get();
  running_.emplace(request.get(), std::move(request));
  curl_multi_add_handle(multi_.get(), easy);
}

/// The answer to give, or nothing when the server is to be asked once more in its own protocol.
std::optional<Glance> Glancer::Loop::judge(Request& request, CURLcode code) {
  long status = 0;
  curl_easy_getinfo(request.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  Speaks& known = known_[request.remote.url];
  if (code != CURLE_OK || status != 200) {
    known = Speaks::unknown;
    return Glance{failure(request, code, status), pause_asked(request.easy.get())};
  }
  if (request.speaks == Speaks::unknown && offers_commands(request)) {
    known = Speaks::commands;
    return std::nullopt;
  }
  if (request.speaks == Speaks::unknown) known = Speaks::listing;
  return Glance{sum_of(request), std::nullopt};
}

void Glancer::Loop::finish(Request* ended, CURLcode code) {
  auto request = std::move(running_.extract(ended).mapped());
  curl_multi_remove_handle(multi_.get(), request->easy.get());
  if (auto glance = judge(*request, code)) {
    curl_easy_reset(request->easy.get());  // it points at the headers that go
    spares_.push_back(std::move(request->easy));
    return request->answer(*std::move(glance));
  }
  start(std::move(request));
}

void Glancer::Loop::run() {
  for (;;) {
    {
      const std::lock_guard guard(mutex_);
      if (stopping_) return;
    }
    start_new();
    int left = 0;
    curl_multi_perform(multi_.get(), &left);
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      char* request = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
      finish(reinterpret_cast<Request*>(request), message->data.result);
    }
    curl_multi_poll(multi_.get(), nullptr, 0, 60'000, nullptr);
  }
}

Glancer::Glancer() : loop_(std::make_unique<Loop>()) {}
Glancer::~Glancer() = default;

bool Glancer::serves(const Remote& remote) {
  const auto url = RemoteUrl::parse(remote.url);
  return url && (url->scheme() == Scheme::https || url->scheme() == Scheme::http);
}

void Glancer::look(const Remote& remote, std::chrono::milliseconds limit, Answer answer) {
  Request request;
  request.remote = remote;
  request.answer = std::move(answer);
  request.until = std::chrono::steady_clock::now() + limit;
  loop_->add(std::move(request));
}

}  // namespace bough
