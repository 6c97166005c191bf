// Who may reach a dev server from other machines.
#include <signal.h>

#include "provisioners/postgres/cluster.h"
#include "provisioners/postgres/files.h"
#include "provisioners/postgres/session.h"
#include "provisioners/postgres/trust.h"

namespace bough::postgres {
namespace {

std::string whole(const std::string& path) {
  std::string text;
  for (std::string part; !(part = read_small(path, static_cast<long>(text.size()))).empty();)
    text += part;
  return text;
}

Tls tls_of(const ServerAccess& access) {
  auto login = login_for(access);
  if (!login) return Tls::off;
  auto session = Session::open(*login);
  if (!session) return Tls::off;
  auto rows = (*session)->run("SHOW ssl;");
  return rows && rows->front().front() == "on" ? Tls::on : Tls::off;
}

}  // namespace

DevHost::Trusted Cluster::trusted() const {
  return trusted_in(whole(layout_.hba));
}

Result<void> Cluster::trust(const std::string& binaries, const std::string& database,
                            const std::set<TrustedSource>& sources) const {
  if (!trustable(database))
    return Error{Fault::refused, "the name cannot stand in the file that says who may connect"};
  Trusted all = trusted();
  const bool listened = !all.empty();
  if (sources.empty())
    all.erase(database);
  else
    all[database] = sources;
  const auto pid = ready();
  const Tls tls = pid && !all.empty() ? tls_of(access()) : Tls::off;
  if (auto written = write_file(layout_.hba, hba_text(all, tls), 0644); !written) return written;
  if (!pid) return {};
  if (listened != all.empty()) {
    kill(*pid, SIGHUP);
    return {};
  }
  // Where a server listens is settled when it starts.
  if (auto stopped = stop(); !stopped) return stopped;
  return start(binaries);
}

}  // namespace bough::postgres
