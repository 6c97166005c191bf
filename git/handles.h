#pragma once

#include <string>
#include <string_view>

#include "spec/handle.h"
#include "spec/result.h"

extern "C" {
struct git_commit;
struct git_config;
struct git_config_iterator;
struct git_odb;
struct git_odb_object;
struct git_oid;
struct git_packbuilder;
struct git_reference;
struct git_reference_iterator;
struct git_remote;
struct git_repository;
struct git_revwalk;
struct git_tree;
struct git_tree_entry;
void git_commit_free(git_commit*);
void git_config_free(git_config*);
void git_config_iterator_free(git_config_iterator*);
void git_odb_free(git_odb*);
void git_odb_object_free(git_odb_object*);
void git_packbuilder_free(git_packbuilder*);
void git_reference_free(git_reference*);
void git_reference_iterator_free(git_reference_iterator*);
void git_remote_free(git_remote*);
void git_repository_free(git_repository*);
void git_revwalk_free(git_revwalk*);
void git_tree_free(git_tree*);
void git_tree_entry_free(git_tree_entry*);
}

namespace bough {

using ConfigHandle = Handle<git_config, git_config_free>;
using ConfigIteratorHandle = Handle<git_config_iterator, git_config_iterator_free>;
using CommitHandle = Handle<git_commit, git_commit_free>;
using OdbHandle = Handle<git_odb, git_odb_free>;
using OdbObjectHandle = Handle<git_odb_object, git_odb_object_free>;
using PackBuilderHandle = Handle<git_packbuilder, git_packbuilder_free>;
using ReferenceHandle = Handle<git_reference, git_reference_free>;
using ReferenceIteratorHandle = Handle<git_reference_iterator, git_reference_iterator_free>;
using RemoteHandle = Handle<git_remote, git_remote_free>;
using RepositoryHandle = Handle<git_repository, git_repository_free>;
using RevwalkHandle = Handle<git_revwalk, git_revwalk_free>;
using TreeHandle = Handle<git_tree, git_tree_free>;

/// Makes libgit2 ready once per process: no configuration of the user or the host is read, and
/// repositories of other users may be opened.
void prepare_libgit2();

/// libgit2's own words for the latest failure on this thread; never empty.
std::string latest_git_message();

/// A failure of libgit2: `doing: its words`.
Error git_error_of(Fault fault, std::string_view doing);

/// The object id as 40 hexadecimal digits.
std::string text_of(const git_oid& id);

}  // namespace bough
