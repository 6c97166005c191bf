#include "git/text_diff.h"

#include <git2.h>

#include "git/handles.h"

namespace bough {

std::string text_diff(std::string_view before, std::string_view after) {
  prepare_libgit2();
  git_patch* made = nullptr;
  if (git_patch_from_buffers(&made, before.data(), before.size(), "before", after.data(),
                             after.size(), "after", nullptr) != 0)
    return "";
  const Handle<git_patch, git_patch_free> patch(made);
  git_buf buffer{};
  git_patch_to_buf(&buffer, patch.get());
  const std::string text(buffer.ptr != nullptr ? buffer.ptr : "", buffer.size);
  git_buf_dispose(&buffer);
  const std::size_t hunks = text.find("@@ ");
  return hunks == std::string::npos ? "" : text.substr(hunks);
}

}  // namespace bough
