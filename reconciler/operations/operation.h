#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/leases.h"
#include "reconciler/operations/arguments.h"
#include "reconciler/operations/events.h"
#include "reconciler/operations/feed.h"
#include "reconciler/operations/grant.h"
#include "reconciler/survey.h"

/// Everything that can be asked of bough, by command or over HTTP: one table, one function each.
namespace bough::operations {

/// Exit statuses of commands.
enum Exit {
  kOk = 0,
  kFailed = 1,
  kChanges = 2,
  kStale = 3,
  kBlocked = 4,
  kLocked = 5,
  kUsage = 64
};
Exit exit_of(Fault fault);

/// What an operation came to.
struct Outcome {
  std::string document;  ///< JSON
  int exit = kOk;
};

/// Takes one JSON document a line, as things happen. Called from several threads, one at a time.
using Emit = std::function<void(std::string_view line)>;

/// What operations work on.
struct Context {
  Installation* installation = nullptr;  ///< these three are null for Needs::nothing
  Surveyor* surveyor = nullptr;
  Leases* leases = nullptr;
  Grant asker;
  std::shared_ptr<LastEvent> last_event = std::make_shared<LastEvent>();
  /// True ends what is under way soon.
  std::function<bool()> stopping = [] { return false; };
  /// Tells a daemon where the branches are; asks it whether the build's branch has moved on since.
  std::function<void(const Survey&)> surveyed = [](const Survey&) {};
  std::function<bool(const Build&)> outdated = [](const Build&) { return false; };
  /// Has a daemon look at a repository at once.
  std::function<void(const RepositoryName&)> want = [](const RepositoryName&) {};
  /// Held by whoever rehearses: a rehearsal takes a server of its own.
  std::shared_ptr<std::timed_mutex> rehearsing = std::make_shared<std::timed_mutex>();
  /// Has a daemon take in settings at once.
  std::function<void()> settings_changed = [] {};
};

struct Parameter {
  /// `here` is understood in process only: it names something of this machine.
  enum class Where { path, query, body, here };
  /// A `repository` is one that is there and that the asker may know of.
  enum class Type { text, number, flag, repository };
  enum class Count { optional, required, repeated };
  std::string_view name;
  Where where;
  Type type;
  Count count;
  std::string_view description;
  std::vector<std::string_view> words{};  ///< the only values, if any
};

/// What an operation gives.
enum class Gives {
  document,  ///< one, at the end
  lines,     ///< one for each thing that happens, and one at the end
  feed,      ///< one; or, with `follow`, lines that go on
};
/// What must be open for it.
enum class Needs { nothing, file, all };
/// Whether it changes something; then it is noted who asked.
enum class Kind { reads, acts };
/// Whether it is about single repositories, or the whole installation: then only who may know of
/// all repositories can ask.
enum class About { repositories, installation };

/// Which threads of a daemon do it: those for its kind, or the one for rehearsals, which take long.
enum class Pool { by_kind, rehearsals };

struct Operation {
  using Run = Result<Outcome> (*)(Context&, const Arguments&, const Emit&);
  using Follow = Result<std::unique_ptr<Feed>> (*)(Context&, const Arguments&);
  std::string_view name;
  std::string_view method;
  std::string_view path;  ///< with `{parameters}`
  Scope scope = Scope::admin;
  std::string_view summary;
  std::vector<Parameter> parameters;
  std::string_view document{};  ///< the component of the API's description
  Run run;
  Gives gives = Gives::document;
  Kind kind = Kind::reads;
  About about = About::repositories;
  Needs needs = Needs::all;
  Follow follow = nullptr;
  std::string_view resume{};  ///< the parameter that takes the id of a feed's last line
  Pool pool = Pool::by_kind;
};

/// The table.
const std::vector<Operation>& all();
/// Null when there is none of that name.
const Operation* find(std::string_view name);

/// Checks arguments and grant, does it, and notes in the journal who did what.
Result<Outcome> perform(const Operation& operation, Context& context, const Arguments& arguments,
                        const Emit& emit);
/// The feed of an operation that can be followed, after the same checks.
Result<std::unique_ptr<Feed>> follow(const Operation& operation, Context& context,
                                     const Arguments& arguments);

/// Whether arguments fit the parameters.
Result<void> check(const Operation& operation, const Arguments& arguments);
/// Whether somebody may ask for it at all, whatever the arguments.
Result<void> permit(const Operation& operation, const Grant& grant);

}  // namespace bough::operations
