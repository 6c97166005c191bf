#include "git/protocol.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "spec/secret.h"

namespace bough {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestMessage = std::size_t{512} << 20;
constexpr int kFaults = static_cast<int>(Fault::broken);

int nibble(char c) {
  return c >= 'a' ? c - 'a' + 10 : c - '0';
}

/// Texts travel as hexadecimal digits: names and paths are bytes, JSON wants UTF-8.
std::string unhex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(nibble(digits[i]) * 16 + nibble(digits[i + 1]));
  return bytes;
}

std::string bytes_at(const json& object, const char* key) {
  return unhex(object.at(key).get_ref<const std::string&>());
}

json to_json(const Fetched& fetched) {
  json branches = json::object();
  for (const auto& [name, commit] : fetched.listing.branches)
    branches[hex(name.text())] = commit.text();
  json document{{"branches", std::move(branches)},
                {"received_objects", fetched.received_objects},
                {"changed", fetched.changed}};
  if (fetched.listing.head) document["head"] = hex(fetched.listing.head->text());
  json pulls = json::array();
  for (const PullRequest& one : fetched.listing.pull_requests)
    pulls.push_back({hex(one.ref), one.head.text(), one.known});
  document["pull_requests"] = std::move(pulls);
  return document;
}

json to_json(const FetchFailure& failure) {
  return {{"fault", static_cast<int>(failure.error.fault)},
          {"message", hex(failure.error.message)},
          {"mirror_broken", failure.mirror_broken}};
}

BranchName branch_of(std::string_view bytes) {
  auto name = BranchName::parse(bytes);
  if (!name) throw std::invalid_argument("branch name");
  return *std::move(name);
}

Commit commit_of(const json& digits) {
  auto id = Commit::parse(digits.get_ref<const std::string&>());
  if (!id) throw std::invalid_argument("commit id");
  return *std::move(id);
}

Fetched fetched_of(const json& document) {
  Fetched fetched;
  for (const auto& [name, commit] : document.at("branches").items())
    fetched.listing.branches.emplace(branch_of(unhex(name)), commit_of(commit));
  for (const json& one : document.at("pull_requests"))
    fetched.listing.pull_requests.push_back({unhex(one.at(0).get_ref<const std::string&>()),
                                             commit_of(one.at(1)), one.at(2).get<bool>()});
  if (document.contains("head")) fetched.listing.head = branch_of(bytes_at(document, "head"));
  fetched.received_objects = document.at("received_objects").get<std::size_t>();
  fetched.changed = document.at("changed").get<bool>();
  return fetched;
}

FetchReply reply_of(const json& document) {
  if (!document.contains("fault")) return fetched_of(document);
  const int fault = std::clamp(document.at("fault").get<int>(), 0, kFaults);
  return FetchFailure{{static_cast<Fault>(fault), bytes_at(document, "message")},
                      document.at("mirror_broken").get<bool>()};
}

FetchRequest request_of(const json& document) {
  FetchRequest request;
  request.folder = bytes_at(document, "folder");
  request.limit = std::chrono::milliseconds(document.at("limit").get<std::int64_t>());
  request.remote.url = bytes_at(document, "url");
  request.remote.username = bytes_at(document, "username");
  if (document.contains("password"))
    request.remote.password = Secret(bytes_at(document, "password"));
  request.remote.ssh_key_file = bytes_at(document, "ssh_key_file");
  request.remote.known_hosts_file = bytes_at(document, "known_hosts_file");
  request.remote.ca_cert_file = bytes_at(document, "ca_cert_file");
  request.remote.pull_requests = document.at("pull_requests").get<bool>();
  if (!document.contains("keep")) return request;
  request.keep.emplace();
  for (const json& commit : document.at("keep")) request.keep->insert(commit_of(commit));
  return request;
}

/// The JSON library throws: this is its fence.
template <typename T>
Result<T> decoded(std::string_view bytes, T (*read)(const json&)) {
  try {
    return read(json::parse(bytes));
  } catch (const std::exception&) {
    return Error{Fault::broken, "a message between bough and its Git worker is damaged"};
  }
}

int milliseconds_until(std::optional<Deadline> deadline) {
  if (!deadline) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30));
}

/// Moves all bytes with `move(data, size)`, a non-blocking send or recv.
template <typename Move>
Transfer move_all(int socket, char* data, std::size_t size, const Move& move) {
  while (size > 0) {
    const ssize_t moved = move(data, size);
    if (moved > 0) {
      data += moved;
      size -= static_cast<std::size_t>(moved);
    } else if (moved == 0 || (errno != EAGAIN && errno != EINTR)) {
      return Transfer::closed;
    } else if (const auto waited = move.wait(socket); waited != Transfer::done) {
      return waited;
    }
  }
  return Transfer::done;
}

struct Sending {
  int socket;
  std::optional<Deadline> deadline;
  ssize_t operator()(char* data, std::size_t size) const {
    return send(socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  Transfer wait(int fd) const { return wait_for(fd, POLLOUT, deadline); }
};

struct Receiving {
  int socket;
  std::optional<Deadline> deadline;
  ssize_t operator()(char* data, std::size_t size) const {
    return recv(socket, data, size, MSG_DONTWAIT);
  }
  Transfer wait(int fd) const { return wait_for(fd, POLLIN, deadline); }
};

}  // namespace

std::string encode(const FetchRequest& request) {
  json document{{"folder", hex(request.folder)},
                {"limit", request.limit.count()},
                {"url", hex(request.remote.url)},
                {"username", hex(request.remote.username)},
                {"ssh_key_file", hex(request.remote.ssh_key_file)},
                {"known_hosts_file", hex(request.remote.known_hosts_file)},
                {"ca_cert_file", hex(request.remote.ca_cert_file)},
                {"pull_requests", request.remote.pull_requests}};
  if (request.keep) {
    document["keep"] = json::array();
    for (const Commit& commit : *request.keep) document["keep"].push_back(commit.text());
  }
  if (request.remote.password) document["password"] = hex(request.remote.password->reveal());
  return document.dump();
}

std::string encode(const FetchReply& reply) {
  return std::visit([](const auto& answer) { return to_json(answer); }, reply).dump();
}

Result<FetchRequest> decode_request(std::string_view bytes) {
  return decoded(bytes, request_of);
}
Result<FetchReply> decode_reply(std::string_view bytes) {
  return decoded(bytes, reply_of);
}

Transfer wait_for(int socket, short events, std::optional<Deadline> deadline) {
  pollfd watched{socket, events, 0};
  for (;;) {
    const int ready = poll(&watched, 1, milliseconds_until(deadline));
    if (ready > 0) return Transfer::done;
    if (ready == 0 && deadline) return Transfer::late;
    if (ready < 0 && errno != EINTR) return Transfer::closed;
  }
}

Transfer send_message(int socket, std::string_view bytes, std::optional<Deadline> deadline) {
  if (bytes.size() > kLongestMessage) return Transfer::closed;
  std::string framed;
  for (int shift = 0; shift < 32; shift += 8)
    framed += static_cast<char>((bytes.size() >> shift) & 0xff);
  framed += bytes;
  return move_all(socket, framed.data(), framed.size(), Sending{socket, deadline});
}

Transfer receive_message(int socket, std::string& bytes, std::optional<Deadline> deadline) {
  const Receiving receiving{socket, deadline};
  std::array<char, 4> prefix{};
  if (const auto got = move_all(socket, prefix.data(), prefix.size(), receiving);
      got != Transfer::done)
    return got;
  std::size_t size = 0;
  for (std::size_t i = 0; i < prefix.size(); ++i)
    size |= static_cast<std::size_t>(static_cast<unsigned char>(prefix[i])) << (8 * i);
  if (size > kLongestMessage) return Transfer::closed;
  bytes.resize(size);
  return move_all(socket, bytes.data(), size, receiving);
}

}  // namespace bough
