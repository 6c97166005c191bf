#include "reconciler/server/service.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "reconciler/server/front.h"
#include "reconciler/server/hooks.h"
#include "reconciler/server/http_server.h"
#include "reconciler/server/tokens.h"
#include "reconciler/server/workers.h"

namespace bough::server {
namespace {

using Level = DaemonLog::Level;

constexpr std::size_t kWorkers = 4;
constexpr rlim_t kWantedFiles = 8192;
constexpr std::size_t kMostConnections = 2048;

/// Half of the files that we may open: the other half is for Git, servers and commands.
std::size_t connections_allowed() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return Limits{}.connections;
  if (files.rlim_cur < kWantedFiles) {
    files.rlim_cur = std::min(kWantedFiles, files.rlim_max);
    setrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NOFILE, &files);
  }
  return std::min<std::size_t>(kMostConnections, files.rlim_cur / 2);
}

Listening listening_of(const Installation& installation) {
  const Config& config = installation.config();
  Listening listening{config.listen, std::nullopt};
  if (config.tls)
    listening.tls = {resolve(installation.workspace(), config.tls->certificate_file),
                     resolve(installation.workspace(), config.tls->key_file)};
  return listening;
}

/// No operation is served yet.
class NoApi : public Site {
 public:
  Beginning begin(const Head&) override { return refusal(404, "there is nothing here"); }
};

}  // namespace

std::string base_url(const Config& config) {
  if (config.public_url) {
    std::string url = *config.public_url;
    while (url.ends_with('/')) url.pop_back();
    return url;
  }
  const std::size_t colon = config.listen.rfind(':');
  const std::string host = config.listen.substr(0, colon);
  const bool any = host.empty() || host == "0.0.0.0" || host == "[::]";
  return fmt::format("{}://{}{}", config.tls ? "https" : "http", any ? "localhost" : host,
                     config.listen.substr(colon));
}

struct Service::State {
  State(Installation& installed, Daemon& running, DaemonLog& told, Metrics& numbers)
      : installation(installed),
        daemon(running),
        log(told),
        tokens(tokens_of(installed)),
        workers(kWorkers),
        hooks(known_hooks(), effects(), numbers),
        front({hooks, api, tokens.tokens, numbers, [] { return true; },
               [this](Metrics& all) { measure(all); }}) {}

  Installation& installation;
  Daemon& daemon;
  DaemonLog& log;
  ReadTokens tokens;
  Workers workers;
  Hooks hooks;
  NoApi api;
  Front front;
  std::unique_ptr<HttpServer> server;

  std::vector<Hook> known_hooks() {
    std::vector<Hook> all = hooks_of(installation);
    for (const Hook& hook : all)
      for (const std::string& problem : hook.problems)
        log.say(hook.secrets.empty() ? Level::error : Level::warning, hook.repository.text(),
                fmt::format("webhook {}{}: {}", forges::word_of(hook.provider),
                            hook.secrets.empty() ? " is off" : "", problem));
    return all;
  }

  HookEffects effects() {
    return {[this](const RepositoryName& repository) { daemon.announce(repository); },
            [this](const RepositoryName& repository) { daemon.want(repository); },
            [this](const ReportedBuild& build) { return report(build); },
            [this](const RepositoryName& repository, const std::string& text) {
              log.say(Level::info, repository.text(), text);
            },
            [this](std::function<void()> work) { workers.add(std::move(work)); },
            [] { return now(); }};
  }

  Result<void> report(const ReportedBuild& build) {
    auto journal = installation.journal(Installation::Dev::create);
    if (!journal) return journal.error();
    return (*journal)->report(build);
  }

  void measure(Metrics& metrics) {
    metrics.set("bough_queue_depth", {}, static_cast<double>(daemon.waiting()));
    if (server)
      metrics.set("bough_http_connections", {}, static_cast<double>(server->connections()));
  }
};

Service::Service(std::unique_ptr<State> state) : state_(std::move(state)) {}
Service::~Service() {
  state_->server.reset();
}

Result<std::unique_ptr<Service>> Service::open(Installation& installation, Daemon& daemon,
                                               DaemonLog& log, Metrics& metrics) {
  auto state = std::make_unique<State>(installation, daemon, log, metrics);
  for (const std::string& problem : state->tokens.problems) log.say(Level::error, "", problem);
  Limits limits;
  limits.connections = connections_allowed();
  auto server = HttpServer::open(listening_of(installation), state->front, limits);
  if (!server) return server.error();
  state->server = *std::move(server);
  return std::unique_ptr<Service>(new Service(std::move(state)));
}

std::string Service::address() const {
  const Config& config = state_->installation.config();
  const std::string host = config.listen.substr(0, config.listen.rfind(':'));
  return fmt::format("{}://{}:{}", config.tls ? "https" : "http", host, state_->server->port());
}

Result<void> Service::reload() {
  return state_->server->reload();
}

}  // namespace bough::server
