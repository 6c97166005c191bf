#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "spec/result.h"
#include "spec/run_user.h"

namespace bough::postgres {

/// The first 64 KiB of a plain file from `offset` on; empty when there is none. Follows no link and
/// waits for nothing, whoever made the file.
std::string read_small(const std::string& path, long offset = 0);
long size_of(const std::string& path);

/// Puts the file into place in one step, on disk when it returns.
Result<void> write_file(const std::string& path, const std::string& text, unsigned mode);

/// A folder that is there afterwards with this mode, owned by `owner` (nothing: by us). A folder of
/// somebody else is an error.
Result<void> make_folder(const std::string& path, unsigned mode,
                         const std::optional<RunUser>& owner);

/// A file opened for appending, closed by its destructor.
class Appending {
 public:
  static Result<Appending> open(const std::string& path);
  Appending(Appending&& other) noexcept;
  Appending& operator=(Appending&&) = delete;
  ~Appending();
  int fd() const { return fd_; }

 private:
  explicit Appending(int fd) : fd_(fd) {}
  int fd_;
};

/// The exclusive lock of a file while it lives; between threads too.
class FileLock {
 public:
  /// Fault::locked when another has it for longer than `patience`.
  static Result<FileLock> take(const std::string& path, std::chrono::milliseconds patience);

 private:
  explicit FileLock(Appending file) : file_(std::move(file)) {}
  Appending file_;
};

}  // namespace bough::postgres
