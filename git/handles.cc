#include "git/handles.h"

#include <git2.h>

#include <mutex>

#include "spec/place.h"

namespace bough {

void prepare_libgit2() {
  static std::once_flag once;
  std::call_once(once, [] {
    git_libgit2_init();
    for (const int level : {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                            GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL})
      git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, static_cast<ssize_t>(32 << 20));
  });
}

std::string latest_git_message() {
  const git_error* error = git_error_last();
  if (!error || !error->message || !*error->message) return "no reason given";
  return printable(error->message);
}

Error git_error_of(Fault fault, std::string_view doing) {
  return {fault, std::string(doing) + ": " + latest_git_message()};
}

std::string text_of(const git_oid& id) {
  std::string text(GIT_OID_HEXSZ, '0');
  git_oid_fmt(text.data(), &id);
  return text;
}

}  // namespace bough
