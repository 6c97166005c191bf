#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace bough {

/// What the caller can do about a failure.
enum class Fault {
  invalid,      ///< mend the input
  missing,      ///< what was named does not exist
  refused,      ///< a rule forbids it; a person must decide
  denied,       ///< mend the login or its privileges
  unavailable,  ///< the other side did not answer; try again later
  locked,       ///< another bough is at work there; wait
  stale,        ///< the world changed in between; look again
  broken,       ///< our own state or code is wrong
};

/// A failure: what to do about it, and what happened in words a user understands, without a full
/// stop and without secrets.
struct Error {
  Fault fault;
  std::string message;
  bool operator==(const Error&) const = default;
};

/// Either a value or an Error.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : state_(std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<std::monostate, Error> state_;
};

/// The error with one more layer of context before its message: `context: message`.
inline Error within(std::string_view context, const Error& error) {
  return {error.fault, std::string(context) + ": " + error.message};
}

/// One visitor out of several lambdas, one per case of a variant.
template <typename... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Match(Cases...) -> Match<Cases...>;

}  // namespace bough
