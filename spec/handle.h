#pragma once

#include <memory>

namespace bough {

/// Calls Free on the object; the deleter of Handle.
template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

/// The one owner of a C object, released by Free: `using Repo = Handle<git_repository,
/// git_repository_free>;`.
template <typename T, auto Free>
using Handle = std::unique_ptr<T, Freed<Free>>;

}  // namespace bough
