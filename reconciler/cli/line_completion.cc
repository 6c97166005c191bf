#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "reconciler/cli/line.h"

namespace bough::cli {
namespace {

/// How far the words before the last one lead.
struct Reached {
  std::vector<const CLI::App*> apps;     ///< the command, after those above it
  const CLI::Option* waiting = nullptr;  ///< an option that the last word is the value of
  std::size_t given = 0;                 ///< arguments of the command without a name
  bool over = false;                     ///< after `--`: no words of ours
};

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* one) { return !one->get_name().empty(); });
}

const CLI::Option* option_of(const Reached& reached, const std::string& word) {
  for (auto app = reached.apps.rbegin(); app != reached.apps.rend(); ++app)
    if (const CLI::Option* found = (*app)->get_option_no_throw(word)) return found;
  return nullptr;
}

void take_option(const std::string& word, Reached& reached) {
  const CLI::Option* option = option_of(reached, word);
  const bool takes = option && option->get_items_expected_max() > 0;
  reached.waiting = takes && word.find('=') == std::string::npos ? option : nullptr;
}

void take(const std::string& word, Reached& reached) {
  if (reached.waiting) {
    reached.waiting = nullptr;
    return;
  }
  if (word == "--") reached.over = true;
  if (word.starts_with('-')) return take_option(word, reached);
  for (const CLI::App* command : commands_of(*reached.apps.back()))
    if (command->get_name() == word) return reached.apps.push_back(command);
  ++reached.given;
}

/// The words that an option takes, as its check names them: `TEXT:{a,b}`.
std::vector<std::string> values_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t begin = type.find('{');
  const std::size_t end = type.rfind('}');
  if (begin == std::string::npos || end == std::string::npos) return {};
  return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

std::vector<std::string> options_of(const Reached& reached) {
  std::vector<std::string> all;
  for (auto app = reached.apps.rbegin(); app != reached.apps.rend(); ++app)
    for (const CLI::Option* option : (*app)->get_options())
      for (const std::string& name : option->get_lnames())
        if (const std::string word = "--" + name;
            std::find(all.begin(), all.end(), word) == all.end())
          all.push_back(word);
  return all;
}

std::vector<std::string> arguments_of(const Reached& reached) {
  std::vector<std::string> all;
  for (const CLI::App* command : commands_of(*reached.apps.back()))
    all.push_back(command->get_name());
  std::size_t place = 0;
  for (const CLI::Option* option : reached.apps.back()->get_options())
    if (option->get_positional() && place++ == reached.given)
      for (std::string& word : values_of(*option)) all.push_back(std::move(word));
  return all;
}

std::vector<std::string> candidates(const Reached& reached, const std::string& last) {
  if (reached.over) return {};
  if (reached.waiting) return values_of(*reached.waiting);
  return last.starts_with('-') ? options_of(reached) : arguments_of(reached);
}

}  // namespace

int complete(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty()) return kOk;
  Reached reached{{&app}};
  for (auto word = words.begin(); word != words.end() - 1; ++word) take(*word, reached);
  for (const std::string& one : candidates(reached, words.back()))
    if (one.starts_with(words.back())) fmt::print("{}\n", one);
  return kOk;
}

}  // namespace bough::cli
