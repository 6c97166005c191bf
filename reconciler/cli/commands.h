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

/// The parameters `repository` and `branch`.
Arguments arguments_of(const Target& target);

struct ValidateArguments {
  std::vector<std::string> paths;
  std::string explain;  ///< a code to explain instead
  bool strict = false;
};
int validate(const Globals& globals, const ValidateArguments& arguments);
int explain(const Globals& globals, const std::string& code);
int schema(const Globals& globals, const std::string& of);

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

struct RehearseArguments {
  Target target;
  bool data = false;
  bool markdown = false;
};
int rehearse(const Globals& globals, const RehearseArguments& arguments);

struct PreviewArguments {
  std::string repository;
  std::string sha;
  std::string ttl;
  bool remove = false;
};
int approve(const Globals& globals, const PreviewArguments& arguments);
int preview(const Globals& globals, const PreviewArguments& arguments);

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
  bool follow = false;
};
int logs(const Globals& globals, const LogsArguments& arguments);

struct EventsArguments {
  std::string repository;
  int limit = 100;
  bool follow = false;
};
int events(const Globals& globals, const EventsArguments& arguments);

struct HistoryArguments {
  Target target;
  int limit = 50;
};
int history(const Globals& globals, const HistoryArguments& arguments);

struct BuildArguments {
  std::string repository;
  std::string commit;
  std::string name;
  std::string state;
  std::string branch;
  std::string url;
};
int report_build(const Globals& globals, const BuildArguments& arguments);

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
/// Prints the script that has a shell complete commands; see completion.h.
int completion(const std::string& shell);

}  // namespace bough::cli
