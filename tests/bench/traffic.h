#pragma once

#include "tests/bench/project.h"

namespace bough::bench {

/// What was asked of the servers, by their own logs, and what was started here.
struct Traffic {
  long listings = 0;     ///< of the repositories that the git daemon serves
  long connections = 0;  ///< made to PostgreSQL
  long messages = 0;     ///< sent to PostgreSQL, while logged
  long programs = 0;     ///< started by this process
};
Traffic operator-(const Traffic& a, const Traffic& b);

/// The counts up to now.
Traffic traffic(const Ground& ground);

/// While it lives the server logs every message.
class MessageLog {
 public:
  explicit MessageLog(const Ground& ground);
  MessageLog(const MessageLog&) = delete;
  MessageLog& operator=(const MessageLog&) = delete;
  ~MessageLog();

 private:
  const Ground& ground_;
};

}  // namespace bough::bench
