#pragma once

#include <memory>
#include <string>
#include <thread>

#include "provisioners/postgres/session.h"

namespace bough::postgres {

/// Ends the session of that application name as soon as another session waits for a lock that it
/// holds. A dump's locks are weak, but whoever alters a table waits for them, and all others
/// behind.
class GivingWay {
 public:
  GivingWay(std::unique_ptr<Session> session, const std::string& application);

  /// Ends watching; whether the session had to be ended.
  bool gave_way();

 private:
  std::unique_ptr<Session> session_;
  bool given_ = false;
  std::jthread watching_;
};

}  // namespace bough::postgres
