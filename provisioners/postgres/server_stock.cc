// What a server keeps ready for the databases of branches; server.cc has the databases themselves.
#include "provisioners/postgres/server.h"

namespace bough::postgres {

Result<void> Server::carry_out(const CopyDatabase&) {
  return Error{Fault::refused, "copies are not made yet"};
}
Result<void> Server::carry_out(const FillTemplate&) {
  return Error{Fault::broken, "a template is filled from production, which fill() reads"};
}
Result<void> Server::carry_out(const MakeSpare&) {
  return Error{Fault::refused, "spares are not made yet"};
}
Result<void> Server::carry_out(const DropStock&) {
  return Error{Fault::refused, "templates are not dropped yet"};
}
Result<void> Server::fill(const FillTemplate&, const Endpoint&, const CopyTools&) {
  return Error{Fault::refused, "templates are not filled yet"};
}

}  // namespace bough::postgres
