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

namespace {

/// What is served while one configuration is in force.
class Wiring : public Site {
 public:
  struct Around {
    Installation& installation;
    Daemon& daemon;
    DaemonLog& log;
    Metrics& metrics;
    Workers& workers;
    std::function<void(Metrics&)> measure;
  };
  explicit Wiring(const Around& around)
      : config(&around.installation.config()),
        around_(around),
        tokens_(tokens_of(around.installation)),
        hooks_(known_hooks(), effects(), around.metrics),
        front_(
            {hooks_, api_, tokens_.tokens, around.metrics, [] { return true; }, around.measure}) {
    for (const std::string& problem : tokens_.problems) around.log.say(Level::error, "", problem);
  }
  Beginning begin(const Head& head) override { return front_.begin(head); }

  const Config* const config;

 private:
  std::vector<Hook> known_hooks() {
    std::vector<Hook> all = hooks_of(around_.installation);
    for (const Hook& hook : all)
      for (const std::string& problem : hook.problems)
        around_.log.say(hook.secrets.empty() ? Level::error : Level::warning,
                        hook.repository.text(),
                        fmt::format("webhook {}{}: {}", forges::word_of(hook.provider),
                                    hook.secrets.empty() ? " is off" : "", problem));
    return all;
  }

  HookEffects effects() {
    const auto announce = [this](const RepositoryName& name) { around_.daemon.announce(name); };
    const auto want = [this](const RepositoryName& name) { around_.daemon.want(name); };
    const auto say = [this](const RepositoryName& name, const std::string& text) {
      around_.log.say(Level::info, name.text(), text);
    };
    const auto later = [this](std::function<void()> work) { around_.workers.add(std::move(work)); };
    return {announce, want,  [this](const ReportedBuild& build) { return report(build); },
            say,      later, [] { return now(); }};
  }

  Result<void> report(const ReportedBuild& build) {
    auto journal = around_.installation.journal(Installation::Dev::create);
    if (!journal) return journal.error();
    return (*journal)->report(build);
  }

  Around around_;
  ReadTokens tokens_;
  Hooks hooks_;
  NoApi api_;
  Front front_;
};

}  // namespace

/// The site of whatever configuration is in force.
struct Service::State : public Site {
  State(Installation& installation, Daemon& daemon, DaemonLog& log, Metrics& metrics)
      : workers(std::make_unique<Workers>(kWorkers)), around{installation,
                                                             daemon,
                                                             log,
                                                             metrics,
                                                             *workers,
                                                             [this, &daemon](Metrics& all) { measure(daemon, all); }} {
    renew();
  }

  std::unique_ptr<Workers> workers;
  Wiring::Around around;
  std::vector<std::unique_ptr<Wiring>> wirings;  ///< requests in hand may still use earlier ones
  std::unique_ptr<HttpServer> server;

  void renew() { wirings.push_back(std::make_unique<Wiring>(around)); }

  Beginning begin(const Head& head) override {
    if (wirings.back()->config != &around.installation.config()) renew();
    return wirings.back()->begin(head);
  }

  void measure(Daemon& daemon, Metrics& metrics) {
    metrics.set("bough_queue_depth", {}, static_cast<double>(daemon.waiting()));
    metrics.set("bough_http_connections", {}, static_cast<double>(server->connections()));
  }
};

Service::Service(std::unique_ptr<State> state) : state_(std::move(state)) {}
Service::~Service() {
  state_->server.reset();
  state_->workers.reset();
}

Result<std::unique_ptr<Service>> Service::open(Installation& installation, Daemon& daemon,
                                               DaemonLog& log, Metrics& metrics) {
  auto state = std::make_unique<State>(installation, daemon, log, metrics);
  Limits limits;
  limits.connections = connections_allowed();
  auto server = HttpServer::open(listening_of(installation), *state, limits);
  if (!server) return server.error();
  state->server = *std::move(server);
  return std::unique_ptr<Service>(new Service(std::move(state)));
}

std::string Service::address() const {
  const Config& config = state_->around.installation.config();
  const std::string host = config.listen.substr(0, config.listen.rfind(':'));
  return fmt::format("{}://{}:{}", config.tls ? "https" : "http", host, state_->server->port());
}

Result<void> Service::reload() {
  return state_->server->reload();
}

}  // namespace bough::server
