#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "reconciler/server/http.h"

namespace bough::server {

/// An answer on its way from whoever makes it to the thread that sends it.
class Answer : public Outlet {
 public:
  /// `wake` is called, from any thread, when there is something to send.
  Answer(const Head& request, std::function<void()> wake);
  ~Answer() override;

  void send(Response response) override;
  void open(Response response) override;
  bool write(std::string part) override;
  void end() override;

  /// The bytes to send next; empty when there are none yet.
  std::string next();
  /// Whether all that there will ever be was taken.
  bool over();
  /// Whether the connection can be used again afterwards.
  bool reusable();
  /// The client is gone: nothing more is taken.
  void abandon();

 private:
  std::string framed(std::string_view part) const;
  void add(std::string bytes);

  const bool chunks_;
  const bool keep_alive_;
  std::function<void()> wake_;
  std::mutex mutex_;
  std::deque<std::string> parts_;
  std::size_t waiting_ = 0;
  bool begun_ = false;
  bool whole_ = false;
  bool ended_ = false;
  bool gone_ = false;
};

/// The outlet for who is to answer: when nobody owns it any more, the answer is a 500, or ends.
std::shared_ptr<Outlet> ticket(std::shared_ptr<Answer> answer);

/// A whole answer as it goes over the line.
std::string serialized(const Response& response, bool keep_alive);

}  // namespace bough::server
