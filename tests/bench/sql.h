#pragma once

#include <libpq-fe.h>

#include <string>
#include <string_view>

#include "spec/handle.h"

namespace bough::bench {

/// A bare libpq connection; gives up on every failure.
class Connection {
 public:
  explicit Connection(const std::string& conninfo);

  /// Sends the statements in one message; the first field of the first row, empty when there is
  /// none.
  std::string run(std::string_view statements);

 private:
  Handle<PGconn, PQfinish> connection_;
};

/// `"name"` and `'text'`, for names and texts without quotes.
std::string identifier(std::string_view name);
std::string literal(std::string_view text);

}  // namespace bough::bench
