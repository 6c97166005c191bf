#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spec/result.h"

namespace bough::operations {

struct WebRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::string ca_file{};  ///< trusted instead of the system's authorities; empty: those
};
struct WebAnswer {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names in lower case
};

/// The answer to one request, redirects not followed. Given `part`, a successful answer goes there
/// as it arrives until that returns false, and may take for ever; everything else has `patience`.
using Part = std::function<bool(std::string_view)>;
Result<WebAnswer> ask(const WebRequest& request, std::chrono::seconds patience,
                      const Part& part = {});

/// A text as a part of a path or a query.
std::string url_encoded(std::string_view text);

}  // namespace bough::operations
