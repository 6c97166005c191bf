#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "provisioners/postgres/session.h"

namespace bough::postgres {

/// Sessions that are kept between calls, at most `limit` at a time: a login costs several
/// milliseconds. Thread-safe.
class Pool {
 public:
  Pool(Login login, int limit) : login_(std::move(login)), limit_(limit < 1 ? 1 : limit) {}

  /// What `work` gives with a session of its own. If a kept session proves to be lost, `work` is
  /// called once more with a new one. REQUIRES that `work` is safe to repeat.
  template <typename T>
  Result<T> with_session(const std::function<Result<T>(Session&)>& work) {
    auto kept = take(Source::any);
    if (!kept) return kept.error();
    Result<T> result = work(*kept->session);
    const bool retry = kept->session->lost() && kept->reused;
    give_back(std::move(*kept));
    if (!retry) return result;
    auto fresh = take(Source::fresh);
    if (!fresh) return fresh.error();
    result = work(*fresh->session);
    give_back(std::move(*fresh));
    return result;
  }

 private:
  enum class Source { any, fresh };
  struct Lent {
    std::unique_ptr<Session> session;
    bool reused = false;
  };
  Result<Lent> take(Source source);
  void give_back(Lent lent);
  void leave();

  const Login login_;
  const int limit_;
  std::mutex mutex_;
  std::condition_variable returned_;
  int out_ = 0;
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace bough::postgres
