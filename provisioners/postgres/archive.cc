#include "provisioners/postgres/archive.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "provisioners/postgres/child.h"
#include "provisioners/postgres/connecting.h"
#include "provisioners/postgres/layout.h"

namespace bough::postgres {
namespace {

constexpr const char* kList = "/dev/fd/3";

/// An open file; closed when it goes.
class OpenFile {
 public:
  static Result<OpenFile> open(const std::string& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return failed("opening", path);
    return OpenFile(fd);
  }
  OpenFile(OpenFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

  static Error failed(const char* what, const std::string& path) {
    return {Fault::broken, fmt::format("{} {}: {}", what, path, std::strerror(errno))};
  }

 private:
  explicit OpenFile(int fd) : fd_(fd) {}
  int fd_;
};

Child child_of(const Tools& with, std::vector<std::string> words, const Environment& environment) {
  words.front() = with.transfer.programs.folder + "/" + words.front();
  if (!environment.empty()) words.insert(words.begin() + 1, {"-d", target_of(environment)});
  Child child{std::move(words), "/", "", with.transfer.user, environment};
  child.stopping = with.stopping;
  return child;
}

Result<std::string> finish(const Child& child) {
  auto ended = run(child);
  if (!ended) return ended.error();
  if (ended->status == 0) return std::move(ended->output);
  const std::string& path = child.words.front();
  return Error{Fault::broken, fmt::format("{} failed: {}", path.substr(path.rfind('/') + 1),
                                          last_lines(ended->output, 5))};
}

}  // namespace

Result<void> write_archive(const Tools& with, const Environment& from, const std::string& file) {
  auto open = OpenFile::open(file, O_WRONLY | O_CREAT | O_TRUNC);
  if (!open) return open.error();
  if (fchmod(open->fd(), 0600) != 0) return OpenFile::failed("protecting", file);
  Child child = child_of(with,
                         {"pg_dump", "-Fc", "--no-owner", "--no-privileges", "--no-publications",
                          "--no-subscriptions"},
                         from);
  // Whoever it runs as, only the open file reaches it.
  child.output_fd = open->fd();
  if (auto done = finish(child); !done) return done.error();
  if (fsync(open->fd()) != 0) return OpenFile::failed("writing", file);
  return {};
}

Result<void> read_archive(const Tools& with, const std::string& file, const Environment& to,
                          Entries entries) {
  auto open = OpenFile::open(file, O_RDONLY);
  if (!open) return open.error();
  Child listing = child_of(with, {"pg_restore", "-l"}, {});
  listing.input_fd = open->fd();
  auto contents = finish(listing);
  if (!contents) return contents.error();
  const std::string list = entries_of(*contents, entries);
  if (list.empty()) return {};
  if (lseek(open->fd(), 0, SEEK_SET) != 0) return OpenFile::failed("reading", file);
  Child filling = child_of(with,
                           {"pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
                            "--single-transaction", "-L", kList},
                           to);
  filling.input_fd = open->fd();
  filling.list = list;
  auto done = finish(filling);
  return done ? Result<void>() : done.error();
}

Result<std::string> read_definitions(const Tools& with, const Environment& of) {
  auto text = finish(child_of(with,
                              {"pg_dump", "--schema-only", "--no-owner", "--no-privileges",
                               "--no-publications", "--no-subscriptions"},
                              of));
  if (!text) return text.error();
  return statements_of(*text);
}

}  // namespace bough::postgres
