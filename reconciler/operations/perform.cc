#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "reconciler/operations/choice.h"
#include "reconciler/operations/operation.h"

namespace bough::operations {
namespace {

using Type = Parameter::Type;
using Count = Parameter::Count;

Error wrong(const Parameter& parameter, const std::string& says) {
  return {Fault::invalid, fmt::format("{} {}", parameter.name, says)};
}

bool is_number(const std::string& text) {
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

Result<void> check_value(const Parameter& parameter, const std::string& value) {
  const auto& words = parameter.words;
  if (parameter.type == Type::number && !is_number(value))
    return wrong(parameter, "is a number from 0 on, not " + printable(value));
  if (parameter.type == Type::flag && value != "true" && value != "false")
    return wrong(parameter, "is true or false, not " + printable(value));
  if (!words.empty() && std::find(words.begin(), words.end(), value) == words.end())
    return wrong(parameter,
                 fmt::format("is one of {}, not {}", fmt::join(words, ", "), printable(value)));
  return {};
}

Result<void> check_values(const Parameter& parameter, const std::vector<std::string>& values) {
  if (values.empty() && parameter.count == Count::required) return wrong(parameter, "is missing");
  if (values.size() > 1 && parameter.count != Count::repeated)
    return wrong(parameter, "is given more than once");
  for (const std::string& value : values)
    if (auto fits = check_value(parameter, value); !fits) return fits;
  return {};
}

/// The same answer for a repository that is not there and one that the asker may not know of.
Result<void> check_repositories(const Operation& operation, const Context& context,
                                const Arguments& arguments) {
  for (const Parameter& parameter : operation.parameters)
    if (parameter.type == Type::repository && arguments.has(parameter.name))
      if (auto known = repositories(context, arguments.text(parameter.name)); !known)
        return known.error();
  return {};
}

Result<void> check_all(const Operation& operation, const Context& context,
                       const Arguments& arguments) {
  if (auto may = permit(operation, context.asker); !may) return may;
  if (auto fits = check(operation, arguments); !fits) return fits;
  return check_repositories(operation, context, arguments);
}

std::string repository_of(const Operation& operation, const Arguments& arguments) {
  for (const Parameter& parameter : operation.parameters)
    if (parameter.type == Type::repository) return arguments.text(parameter.name);
  return "";
}

/// What was changed, in a word; empty when it is everything.
std::string subject_of(const Arguments& arguments) {
  for (const char* name : {"repository", "instance", "name"})
    if (arguments.has(name)) return " " + printable(arguments.text(name));
  return "";
}

std::string outcome_of(const Result<Outcome>& outcome) {
  if (!outcome) return outcome.error().message;
  return outcome->exit == kOk ? "done" : fmt::format("exit status {}", outcome->exit);
}

/// The operation has happened: a journal that does not answer now changes nothing about that.
void note(const Operation& operation, const Context& context, const Arguments& arguments,
          const Result<Outcome>& outcome) {
  auto journal = context.installation->journal();
  if (!journal || !*journal) return;
  const std::string repository = repository_of(operation, arguments);
  static_cast<void>(
      (*journal)->note({0, Instant{}, repository, repository, "api",
                        fmt::format("{}{} by {}: {}", operation.name, subject_of(arguments),
                                    context.asker.title(), outcome_of(outcome))}));
}

}  // namespace

Exit exit_of(Fault fault) {
  switch (fault) {
    case Fault::stale:
      return kStale;
    case Fault::refused:
      return kBlocked;
    case Fault::locked:
      return kLocked;
    case Fault::invalid:
    case Fault::missing:
    case Fault::denied:
    case Fault::unavailable:
    case Fault::broken:
      return kFailed;
  }
  return kFailed;
}

const Operation* find(std::string_view name) {
  for (const Operation& operation : all())
    if (operation.name == name) return &operation;
  return nullptr;
}

Result<void> permit(const Operation& operation, const Grant& grant) {
  if (!grant.may(operation.scope))
    return Error{Fault::denied,
                 fmt::format("{} needs the scope {}, which {} does not have", operation.name,
                             word_of(operation.scope), grant.title())};
  if (operation.about == About::installation && !grant.sees_all())
    return Error{Fault::denied, fmt::format("{} is about the whole installation, and {} is for "
                                            "some repositories only",
                                            operation.name, grant.title())};
  return {};
}

Result<void> check(const Operation& operation, const Arguments& arguments) {
  for (const auto& [name, values] : arguments.values())
    if (std::none_of(operation.parameters.begin(), operation.parameters.end(),
                     [&name = name](const Parameter& one) { return one.name == name; }))
      return Error{Fault::invalid,
                   fmt::format("{} has no parameter {}", operation.name, printable(name))};
  for (const Parameter& parameter : operation.parameters)
    if (auto fits = check_values(parameter, arguments.all(parameter.name)); !fits) return fits;
  return {};
}

Result<Outcome> perform(const Operation& operation, Context& context, const Arguments& arguments,
                        const Emit& emit) {
  if (auto fits = check_all(operation, context, arguments); !fits) return fits.error();
  auto outcome = operation.run(context, arguments, emit);
  if (operation.kind == Kind::acts) note(operation, context, arguments, outcome);
  return outcome;
}

Result<std::unique_ptr<Feed>> follow(const Operation& operation, Context& context,
                                     const Arguments& arguments) {
  if (auto fits = check_all(operation, context, arguments); !fits) return fits.error();
  return operation.follow(context, arguments);
}

}  // namespace bough::operations
