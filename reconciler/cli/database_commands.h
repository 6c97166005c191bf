#pragma once

#include <string>

#include "reconciler/cli/commands.h"

/// The commands on databases by name.
namespace bough::cli {

int retry(const Globals& globals, const Target& target);
int suspend(const Globals& globals, const Target& target);

struct RotateArguments {
  Target target;
  std::string component;
};
int rotate(const Globals& globals, const RotateArguments& arguments);
int resume(const Globals& globals, const Target& target);
int refresh(const Globals& globals, const std::string& repository);

struct DestroyArguments {
  Target target;
  std::string confirm;
  std::string instance;
};
int destroy(const Globals& globals, const DestroyArguments& arguments);

struct MoveArguments {
  std::string repository;
  std::string branch;
  std::string database;
  std::string to;
  bool undo = false;
};
int upgrade(const Globals& globals, const MoveArguments& arguments);
int promote(const Globals& globals, const MoveArguments& arguments);

int dumps(const Globals& globals, const Target& target);
struct RestoreArguments {
  Target target;
  std::string component;
  std::string dump;
  std::string aside;
  bool list = false;
};
int restore(const Globals& globals, const RestoreArguments& arguments);
int confirm(const Globals& globals, const Target& target);
struct ResetArguments {
  Target target;
  std::string component;
};
int reset(const Globals& globals, const ResetArguments& arguments);
struct AdoptArguments {
  Target target;
  std::string database;
  std::string component;
  std::string instance;
  bool reown = false;
  bool dry_run = false;
  bool yes = false;
};
int adopt(const Globals& globals, const AdoptArguments& arguments);

}  // namespace bough::cli
