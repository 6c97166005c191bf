#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "git/mirror.h"
#include "spec/result.h"

namespace bough {

using Deadline = std::chrono::steady_clock::time_point;

/// What a worker is asked: bring the mirror in `folder` up to date with the remote.
struct FetchRequest {
  std::string folder;
  Remote remote;
  std::chrono::milliseconds limit{0};
  std::optional<std::set<Commit>> keep{};  ///< commits to have and to keep; nothing: as before
};

/// What a worker answers on success.
struct Fetched {
  Listing listing;
  std::size_t received_objects = 0;
  bool changed = false;  ///< packs or refs were written: readers must look afresh
};

/// What a worker answers on failure. `mirror_broken`: the mirror itself cannot be read.
struct FetchFailure {
  Error error;
  bool mirror_broken = false;
};

/// A worker's answer.
using FetchReply = std::variant<Fetched, FetchFailure>;

/// Requests and replies as bytes and back. Decoding fails with Fault::broken on anything else.
std::string encode(const FetchRequest& request);
std::string encode(const FetchReply& reply);
Result<FetchRequest> decode_request(std::string_view bytes);
Result<FetchReply> decode_reply(std::string_view bytes);

/// One message over a socket: its length in four bytes, then the bytes.
enum class Transfer { done, closed, late };
Transfer send_message(int socket, std::string_view bytes, std::optional<Deadline> deadline);
Transfer receive_message(int socket, std::string& bytes, std::optional<Deadline> deadline);

/// Waits until the socket is ready for `events` of poll(2); `closed` on error.
Transfer wait_for(int socket, short events, std::optional<Deadline> deadline);

}  // namespace bough
