#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bough::runner {

/// The one owner of a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { close(); }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

/// The same descriptor at number 10 or above, out of the way of those that a child gets.
Fd high(Fd fd);

struct Pipe {
  Fd read;  ///< does not block
  Fd write;
};
/// A pipe with both ends closed on exec; the ends are empty when there are no descriptors left.
Pipe make_pipe();

/// A file without a name that holds `text` and is read from its start; empty when there is none.
Fd memory_file(std::string_view text);

/// From now on nobody can change the file in memory, whoever opens it.
void seal(const Fd& file);

/// Everything from the start of the file behind the descriptor.
std::string all_of(const Fd& file);

/// Two ends that hand descriptors over; both are empty when there are no descriptors left.
struct Handover {
  Fd one;
  Fd other;
};
Handover make_handover();

/// Sends copies of descriptors, 64 at most.
bool send_descriptors(const Fd& to, const std::vector<Fd>& sent);
/// Waits for them; none when the other end has closed.
std::vector<Fd> receive_descriptors(const Fd& from);

}  // namespace bough::runner
