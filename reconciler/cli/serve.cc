#include <fmt/format.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/daemon.h"
#include "reconciler/documents.h"
#include "reconciler/server/service.h"

namespace bough::cli {
namespace {

using Level = DaemonLog::Level;

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

/// The daemon's log by spdlog: text, or one JSON object a line.
class Log : public DaemonLog {
 public:
  Log(bool json, Metrics& metrics) : json_(json), metrics_(metrics) {}

  void reconciled(bool succeeded, std::chrono::milliseconds took) override {
    metrics_.count("bough_reconcile_total", {{"result", succeeded ? "ok" : "failed"}});
    metrics_.observe("bough_reconcile_duration_seconds", {}, took);
  }

  void say(Level level, std::string_view repository, std::string_view message) override {
    if (json_) {
      const nlohmann::ordered_json line{
          {"@timestamp", rfc3339(now())},
          {"@level", spdlog::level::to_string_view(level_of(level)).data()},
          {"repository", repository},
          {"@message", printable(message)}};
      spdlog::log(level_of(level), "{}", line.dump());
    } else if (repository.empty()) {
      spdlog::log(level_of(level), "{}", printable(message));
    } else {
      spdlog::log(level_of(level), "{}: {}", repository, printable(message));
    }
  }
  std::unique_ptr<Progress> progress() override;

 private:
  bool json_;
  Metrics& metrics_;
};

class LogProgress : public Progress {
 public:
  explicit LogProgress(Log& log) : log_(log) {}

  void started(const Step& step) override {
    log_.say(Level::debug, repository(step.action), describe(step.action));
  }
  void ended(const Step& step, const std::optional<Error>& error) override {
    log_.say(error ? Level::error : Level::info, repository(step.action),
             describe(step.action) + ": " + (error ? error->message : step.because));
  }
  void output(const Action& action, std::string_view line) override {
    log_.say(Level::debug, repository(action), line);
  }

 private:
  static std::string repository(const Action& action) {
    const auto home = home_of(action);
    return home ? home->repository.text() : "";
  }

  Log& log_;
};

std::unique_ptr<Progress> Log::progress() {
  return std::make_unique<LogProgress>(*this);
}

void set_up_logging(const ServeArguments& arguments) {
  auto logger = spdlog::stdout_logger_mt("bough");
  logger->set_pattern(arguments.log_format == "json" ? "%v" : "%Y-%m-%dT%H:%M:%S.%e %l %v");
  logger->set_level(spdlog::level::from_str(arguments.log_level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(logger);
}

sigset_t our_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals, number);
  return signals;
}

/// Stops the daemon at the first SIGTERM or SIGINT, ends bough at the second; SIGHUP reads
/// configuration and TLS files again and looks at everything. SIGUSR1 is our own: the daemon is
/// over.
void wait_for_signals(const sigset_t& signals, Daemon& daemon, server::Service* service, Log& log) {
  bool stopping = false;
  for (int number = 0; sigwait(&signals, &number) == 0 && number != SIGUSR1;) {
    if (number == SIGHUP) {
      daemon.reload();
      auto reloaded = service ? service->reload() : Result<void>();
      if (!reloaded) log.say(Level::error, "", reloaded.error().message);
      continue;
    }
    if (stopping) _exit(128 + number);
    stopping = true;
    daemon.stop();
  }
}

/// Nothing when the address that nobody chose is taken: the daemon works without it.
Result<std::unique_ptr<server::Service>> open_service(Installation& installation, Daemon& daemon,
                                                      Log& log, Metrics& metrics) {
  auto service = server::Service::open(installation, daemon, log, metrics);
  if (service) {
    log.say(Level::info, "", "listens on " + (*service)->address());
    return service;
  }
  const bool chosen = installation.config().listen != Config().listen;
  if (chosen || service.error().fault != Fault::unavailable) return service.error();
  log.say(Level::warning, "",
          service.error().message + ": no webhooks and no API; choose another with `listen:`");
  return std::unique_ptr<server::Service>();
}

}  // namespace

int serve(const Globals& globals, const ServeArguments& arguments) {
  // Every thread inherits this mask, so that only the waiting one is told.
  const sigset_t signals = our_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  if (auto here = only_here(globals, "serve"); !here) return complain(here.error());
  auto session = open_session(globals.config);
  if (!session) return complain(session.error());
  set_up_logging(arguments);
  Metrics metrics;
  Log log(arguments.log_format == "json", metrics);
  Daemon daemon(*session->installation, log);
  auto service = open_service(*session->installation, daemon, log, metrics);
  if (!service) return complain(service.error());
  std::jthread waiter([&] { wait_for_signals(signals, daemon, service->get(), log); });
  log.say(Level::info, "",
          fmt::format("bough {} watches {} repositories every {}", kVersion,
                      session->installation->config().repositories.size(),
                      to_text(session->installation->config().poll)));
  daemon.run();
  pthread_kill(waiter.native_handle(), SIGUSR1);
  waiter.join();
  log.say(Level::info, "", "stopped");
  return kOk;
}

}  // namespace bough::cli
