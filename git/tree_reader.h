#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/handles.h"
#include "spec/names.h"

namespace bough {

/// Where a path leads in a commit: the object id of a plain file.
struct FoundFile {
  std::string id;
  std::string path;  ///< as it was asked for
};

/// The root folder of a commit; Fault::missing when the repository lacks the commit, Fault::broken
/// when it cannot be read.
Result<TreeHandle> root_of(git_repository* repository, const Commit& commit);

/// The plain file at the path; empty when there is none. Fault::invalid when something else is
/// there or on the way (a link, a folder, a submodule).
Result<std::optional<FoundFile>> find_file(git_repository* repository, const Commit& commit,
                                           std::string_view path);

/// Its text; Fault::invalid when it is larger than `limit` bytes, which is found out before it is
/// read.
Result<std::string> text_of_file(git_repository* repository, const FoundFile& file,
                                 std::size_t limit);

/// Object id by path of the wanted plain files in these folders (the empty name is the root) and
/// below; folders that are not there hold none. Fault::missing when the repository lacks the
/// commit.
Result<std::map<std::string, std::string>> list_files(
    git_repository* repository, const Commit& commit, const std::vector<std::string>& folders,
    const std::function<bool(std::string_view path)>& wanted);

}  // namespace bough
