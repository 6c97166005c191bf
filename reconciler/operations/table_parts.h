#pragma once

#include <vector>

#include "reconciler/operations/operation.h"

/// The parts of the table; for table*.cc only.
namespace bough::operations {

using enum Parameter::Where;
using enum Parameter::Type;
using enum Parameter::Count;

inline const Parameter kAnyRepository{
    "repository", query, repository, optional,
    "Only this repository; default: all that the token may know of"};
inline const Parameter kRepository{"repository", path, repository, required,
                                   "The repository's name"};
inline const Parameter kBranches{"branch", query, text, repeated,
                                 "Only this branch; its bytes, percent-encoded"};
inline const Parameter kFollow{"follow", query, flag, optional,
                               "Goes on with what comes, a line each; also by `Accept: "
                               "text/event-stream`"};

/// What is done to databases by name: table_databases.cc.
std::vector<Operation> databases();
/// Environments of commits: table_previews.cc.
std::vector<Operation> previewing();
/// What ends holds, brings back and takes in: table_holds.cc.
std::vector<Operation> holds();

}  // namespace bough::operations
