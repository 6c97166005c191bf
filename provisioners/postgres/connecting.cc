#include "provisioners/postgres/connecting.h"

namespace bough::postgres {

std::string target_of(const std::vector<std::string>& environment) {
  std::string target = "dbname='";
  for (const std::string& variable : environment) {
    if (!variable.starts_with("PGDATABASE=")) continue;
    for (const char c : variable.substr(variable.find('=') + 1)) {
      if (c == '\'' || c == '\\') target += '\\';
      target += c;
    }
  }
  return target +
         "' keepalives_idle=30 keepalives_interval=10 keepalives_count=3 tcp_user_timeout=30000";
}

}  // namespace bough::postgres
