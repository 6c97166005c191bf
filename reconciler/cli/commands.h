#pragma once

#include <string>
#include <vector>

#include "reconciler/cli/common.h"

/// One function per command: it does the command and gives its exit status.
namespace bough::cli {

/// `REPO --branch B…`, which most commands take.
struct Target {
  std::string repository;
  std::vector<std::string> branches;
};

struct ValidateArguments {
  std::vector<std::string> paths;
  std::string explain;  ///< a code to explain instead
  bool strict = false;
};
int validate(const Globals& globals, const ValidateArguments& arguments);
int explain(const Globals& globals, const std::string& code);
int schema(const std::string& of);

struct PlanArguments {
  Target target;
  std::string out;
  std::string local;
  bool markdown = false;
  bool detailed_exitcode = false;
};
int plan(const Globals& globals, const PlanArguments& arguments);

struct ApplyArguments {
  Target target;  ///< its repository may be a plan file instead
  bool yes = false;
};
int apply(const Globals& globals, const ApplyArguments& arguments);

struct ServeArguments {
  std::string log_format = "text";
  std::string log_level = "info";
};
int serve(const Globals& globals, const ServeArguments& arguments);

struct StatusArguments {
  Target target;
  bool watch = false;
};
int status(const Globals& globals, const StatusArguments& arguments);

struct EnvArguments {
  Target target;
  std::string component;
  std::string format = "dotenv";
  bool reveal = false;
};
int env(const Globals& globals, const EnvArguments& arguments);

struct ExecArguments {
  Target target;
  std::string component;
  std::vector<std::string> command;
};
int exec(const Globals& globals, const ExecArguments& arguments);
int connect(const Globals& globals, const ExecArguments& arguments);

struct LogsArguments {
  Target target;
  long long run = 0;
};
int logs(const Globals& globals, const LogsArguments& arguments);

struct EventsArguments {
  std::string repository;
  int limit = 100;
  bool follow = false;
};
int events(const Globals& globals, const EventsArguments& arguments);

int retry(const Globals& globals, const Target& target);
int suspend(const Globals& globals, const Target& target);
int resume(const Globals& globals, const Target& target);

struct DestroyArguments {
  Target target;
  std::string confirm;
};
int destroy(const Globals& globals, const DestroyArguments& arguments);

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

struct WebhooksArguments {
  std::string repository;
  std::string verb;  ///< empty or `test`
};
int webhooks(const Globals& globals, const WebhooksArguments& arguments);

int instances(const Globals& globals);
int test(const Globals& globals, const std::string& name_or_url);
int doctor(const Globals& globals);
int dev(const Globals& globals, const std::string& verb);
int version(const Globals& globals);

}  // namespace bough::cli
