#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "reconciler/cli/client.h"

namespace bough::cli {

using operations::kBlocked;
using operations::kChanges;
using operations::kFailed;
using operations::kLocked;
using operations::kOk;
using operations::kStale;
using operations::kUsage;

/// What every command is given.
struct Globals {
  std::string config = "bough.yaml";
  bool json = false;
  std::string server;  ///< the URL of a daemon; empty: this process does the work
  std::string token_file;
  std::string ca_cert;
};

/// An installation with what commands do on it.
struct Session {
  std::unique_ptr<Installation> installation;
  std::unique_ptr<Surveyor> surveyor;
  std::unique_ptr<Leases> leases;
};
/// With the settings of the journal, unless only the file is wanted: reading them may start the dev
/// server that holds the journal.
enum class Settings { with_kept, of_file };
Result<Session> open_session(const std::string& config_file,
                             Settings settings = Settings::with_kept);

/// Where these options say that operations are carried out.
Result<std::unique_ptr<Client>> client_of(const Globals& globals);

/// From now on a signal ends builds, and lets the steps of this process finish; the second ends it.
void stop_in_order();

/// Says the error on standard error; the exit status for it.
int complain(const Error& error);
/// Fault::invalid for a command that is about this machine when a server was named.
Result<void> only_here(const Globals& globals, std::string_view command);

/// Carries out an operation that gives a document, and prints it: as JSON, or with `show`. The exit
/// status.
using Show = std::function<void(const nlohmann::ordered_json&)>;
int present(const Globals& globals, std::string_view operation, const Arguments& arguments,
            const Show& show);

bool on_terminal(int descriptor);

/// Asks on the terminal; false for anything but yes. False at once when there is no terminal.
bool confirmed(std::string_view question);

}  // namespace bough::cli
