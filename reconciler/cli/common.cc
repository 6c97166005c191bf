#include "reconciler/cli/common.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"

namespace bough::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

/// The first signal ends builds and lets the steps in hand finish; the second ends bough.
void on_signal(int number) {
  if (interrupted != 0) _exit(128 + number);
  interrupted = 1;
}

/// In this process only: at a daemon, work goes on whoever stops looking on.
bool stopping() {
  return interrupted != 0;
}

Result<Secret> token_of(const Globals& globals) {
  std::string text;
  if (!globals.token_file.empty()) {
    auto read = read_file(globals.token_file);
    if (!read) return read.error();
    text = *read;
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  } else if (const char* variable = std::getenv("BOUGH_TOKEN")) {
    text = variable;
  }
  if (text.empty())
    return Error{Fault::invalid,
                 "--server needs a token: in the variable BOUGH_TOKEN, or with --token-file FILE"};
  if (std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c > '~'; }))
    return Error{Fault::invalid, "the token has characters that no token has"};
  return Secret(std::move(text));
}

}  // namespace

Result<Session> open_session(const std::string& config_file, Settings settings) {
  auto installation = Installation::open(config_file);
  if (!installation) return installation.error();
  if (settings == Settings::with_kept)
    if (auto taken = (*installation)->take_in_settings(); !taken)
      fmt::print(stderr, "bough: warning: what was set by command is not known: {}\n",
                 taken.error().message);
  Session session{*std::move(installation), nullptr, nullptr};
  session.surveyor = std::make_unique<Surveyor>(*session.installation);
  session.leases = std::make_unique<Leases>(*session.installation);
  return session;
}

Result<std::unique_ptr<Client>> client_of(const Globals& globals) {
  if (globals.server.empty()) return local_client(globals.config, stopping);
  if (!globals.server.starts_with("http://") && !globals.server.starts_with("https://"))
    return Error{Fault::invalid,
                 "--server is an http:// or https:// URL, not " + printable(globals.server)};
  auto token = token_of(globals);
  if (!token) return token.error();
  return remote_client({globals.server, *std::move(token), globals.ca_cert});
}

void stop_in_order() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

int complain(const Error& error) {
  fmt::print(stderr, "bough: {}\n", error.message);
  return operations::exit_of(error.fault);
}

Result<void> only_here(const Globals& globals, std::string_view command) {
  if (globals.server.empty()) return {};
  return Error{Fault::invalid, fmt::format("bough {} is about this machine and does not go with "
                                           "--server",
                                           command)};
}

int present(const Globals& globals, std::string_view operation, const Arguments& arguments,
            const Show& show) {
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  auto outcome = (*client)->call(operation, arguments, {});
  if (!outcome) return complain(outcome.error());
  const auto document = nlohmann::ordered_json::parse(outcome->document, nullptr, false);
  if (document.is_discarded()) return complain({Fault::broken, "the server's answer is not JSON"});
  if (globals.json)
    fmt::print("{}\n", document.dump(2));
  else
    show(document);
  return outcome->exit;
}

Arguments arguments_of(const Target& target) {
  Arguments arguments;
  arguments.put("repository", target.repository);
  arguments.put("branch", target.branches);
  return arguments;
}

bool on_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

bool confirmed(std::string_view question) {
  if (!on_terminal(STDIN_FILENO)) return false;
  fmt::print("{} [y/N] ", question);
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace bough::cli
