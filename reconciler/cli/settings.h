#pragma once

#include <string>
#include <vector>

#include "reconciler/cli/common.h"

/// The configuration by command: a function each, as in commands.h.
namespace bough::cli {

/// Where a password is; empty: there is none.
struct SecretArguments {
  std::string file;
  std::string variable;
};
struct RepoArguments {
  std::string name;
  std::string url;
  std::string username;
  SecretArguments password;
  std::string ssh_key;
  std::string known_hosts;
  std::string ca_cert;
  std::string production_branch;
  std::string spec;
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  std::string build_command;
};
int add_repository(const Globals& globals, const RepoArguments& arguments);
int remove_repository(const Globals& globals, const std::string& name);

struct LinkArguments {
  std::string name;
  std::string url;
  std::string engine = "PG";
  SecretArguments password;
  std::string ca_cert;
  bool untried = false;
};
int link(const Globals& globals, const LinkArguments& arguments);
int unlink(const Globals& globals, const std::string& name);

struct AssignArguments {
  std::string repository;
  std::string instance;
  std::string migration_command;
};
int assign(const Globals& globals, const AssignArguments& arguments);
int unassign(const Globals& globals, const std::string& repository);
int export_config(const Globals& globals);

}  // namespace bough::cli
