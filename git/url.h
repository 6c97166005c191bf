#pragma once

#include <string>
#include <string_view>

#include "spec/result.h"

namespace bough {

/// How a remote is reached.
enum class Scheme { https, http, ssh, git, local };

/// A remote's URL, taken apart as far as bough needs it.
class RemoteUrl {
 public:
  /// Fault::invalid for any scheme but https, http, ssh (also `user@host:path`), git, file and a
  /// local path; for a password, line breaks or other control bytes within; for a leading hyphen.
  static Result<RemoteUrl> parse(std::string_view text);

  Scheme scheme() const { return scheme_; }
  const std::string& text() const { return text_; }
  const std::string& host() const { return host_; }  ///< empty for local ones
  const std::string& user() const { return user_; }  ///< empty when the URL names none
  const std::string& path() const { return path_; }  ///< the absolute folder of local ones
  std::string shown() const;                         ///< for messages: without login, printable

 private:
  RemoteUrl() = default;
  static Result<RemoteUrl> parse_network(std::string_view text, Scheme scheme);
  static Result<RemoteUrl> parse_scp(std::string_view text);
  static Result<RemoteUrl> parse_local(std::string_view text, std::string_view path);

  Scheme scheme_ = Scheme::local;
  std::string text_;
  std::string host_;
  std::string user_;
  std::string path_;
};

/// The text with every `login@` that follows `://` replaced by `***@`.
std::string without_login(std::string_view text);

}  // namespace bough
