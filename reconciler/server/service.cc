#include "reconciler/server/service.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "reconciler/server/api.h"
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

/// What is served while one configuration is in force.
class Wiring : public Site {
 public:
  struct Around {
    Installation& installation;
    Daemon& daemon;
    DaemonLog& log;
    Metrics& metrics;
    Workers& workers;
    ApiAround api;
    std::function<void(Metrics&)> measure;
  };
  explicit Wiring(const Around& around)
      : config(&around.installation.config()),
        around_(around),
        tokens_(tokens_of(around.installation)),
        hooks_(known_hooks(), effects(), around.metrics),
        api_(tokens_.tokens, around.api),
        front_({hooks_, api_, tokens_.tokens, around.metrics,
                [&daemon = around.daemon] { return daemon.ready(); }, around.measure}) {
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
  Api api_;
  Front front_;
};

}  // namespace

/// The site of whatever configuration is in force.
struct Service::State : public Site {
  State(Installation& installation, Daemon& daemon, DaemonLog& log, Metrics& metrics)
      : around{installation,
               daemon,
               log,
               metrics,
               workers,
               api_around(installation, daemon, metrics),
               [this, &daemon](Metrics& all) { measure(daemon, all); }} {
    renew();
  }

  ApiAround api_around(Installation& installation, Daemon& daemon, Metrics& metrics) {
    const auto context = [this, &installation, &daemon](const Grant& grant) {
      // Somebody at the command line may have changed them since the last look.
      static_cast<void>(daemon.take_in_settings());
      operations::Context made;
      made.installation = &installation;
      made.surveyor = &daemon.surveyor();
      made.leases = &daemon.leases();
      made.asker = grant;
      made.last_event = last_event;
      made.rehearsing = daemon.rehearsing();
      made.stopping = [&daemon] { return daemon.stopping(); };
      made.surveyed = [&daemon](const Survey& survey) { daemon.note_tips(survey); };
      made.outdated = [&daemon](const Build& build) { return daemon.outdated(build); };
      made.want = [&daemon](const RepositoryName& name) { daemon.want(name); };
      made.settings_changed = [&daemon] { static_cast<void>(daemon.take_in_settings()); };
      return made;
    };
    return {[&daemon] { return daemon.guests().enter(); },
            [&daemon] { daemon.guests().leave(); },
            context,
            {readers, writers, brief, rehearsers},
            streams,
            metrics,
            [] { return now(); }};
  }

  const std::shared_ptr<operations::LastEvent> last_event =
      std::make_shared<operations::LastEvent>();
  Streams streams;
  Wiring::Around around;
  std::vector<std::unique_ptr<Wiring>> wirings;  ///< requests in hand may still use earlier ones
  std::unique_ptr<HttpServer> server;
  // What they do uses all above.
  Workers workers{kWorkers};
  Workers readers{kWorkers};
  Workers writers{kWorkers};
  Workers brief{kWorkers};
  Workers rehearsers{1};

  /// Streams were opened with the tokens of before, which may not count any more.
  void renew() {
    streams.interrupt();
    wirings.push_back(std::make_unique<Wiring>(around));
  }

  /// On the server's thread.
  void catch_up() {
    if (wirings.back()->config != &around.installation.config()) renew();
  }

  Beginning begin(const Head& head) override {
    catch_up();
    return wirings.back()->begin(head);
  }

  void measure(Daemon& daemon, Metrics& metrics) {
    metrics.set("bough_queue_depth", {}, static_cast<double>(daemon.waiting()));
    metrics.set("bough_http_connections", {}, static_cast<double>(server->connections()));
  }
};

Service::Service(std::unique_ptr<State> state) : state_(std::move(state)) {}
Service::~Service() {
  state_->around.daemon.when_configured({});
  state_->streams.stop();
  state_->server.reset();
}

Result<std::unique_ptr<Service>> Service::open(Installation& installation, Daemon& daemon,
                                               DaemonLog& log, Metrics& metrics) {
  auto state = std::make_unique<State>(installation, daemon, log, metrics);
  Limits limits;
  limits.connections = connections_allowed();
  auto server = HttpServer::open(listening_of(installation), *state, limits);
  if (!server) return server.error();
  state->server = *std::move(server);
  daemon.when_configured([to = state.get()] { to->server->post([to] { to->catch_up(); }); });
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
