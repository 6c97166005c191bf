#include "provisioners/postgres/pool.h"

namespace bough::postgres {

Result<Pool::Lent> Pool::take(Source source) {
  std::vector<std::unique_ptr<Session>> closing;  // outside of the lock
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return out_ < limit_; });
    ++out_;
    // One lost session usually means a restarted server, and the others are lost as well.
    if (source == Source::fresh) closing.swap(idle_);
    if (!idle_.empty()) {
      Lent lent{std::move(idle_.back()), true};
      idle_.pop_back();
      return lent;
    }
  }
  auto session = Session::open(login_);
  if (session) return Lent{*std::move(session), false};
  leave();
  return session.error();
}

void Pool::give_back(Lent lent) {
  if (!lent.session->lost()) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(lent.session));
  }
  leave();
}

void Pool::leave() {
  const std::lock_guard lock(mutex_);
  --out_;
  returned_.notify_one();
}

}  // namespace bough::postgres
