#pragma once

#include <memory>
#include <string>
#include <string_view>

struct pg_conn;

namespace bough::bench {

/// A bare libpq connection; gives up on every failure.
class Connection {
 public:
  explicit Connection(const std::string& conninfo);

  /// Sends the statements in one message; the first field of the first row, empty when there is
  /// none.
  std::string run(std::string_view statements);

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  std::unique_ptr<pg_conn, Close> connection_;
};

/// `"name"` and `'text'`, for names and texts without quotes.
std::string identifier(std::string_view name);
std::string literal(std::string_view text);

}  // namespace bough::bench
