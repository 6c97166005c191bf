#include "reconciler/server/problem.h"

#include <nlohmann/json.hpp>

#include "reconciler/operations/choice.h"

namespace bough::server {
namespace {

struct Words {
  int status;
  const char* fault;
};

Words words_of(Fault fault) {
  switch (fault) {
    case Fault::invalid:
      return {400, "invalid"};
    case Fault::missing:
      return {404, "missing"};
    case Fault::refused:
      return {409, "refused"};
    case Fault::denied:
      return {403, "denied"};
    case Fault::unavailable:
      return {503, "unavailable"};
    case Fault::locked:
      return {423, "locked"};
    case Fault::stale:
      return {412, "stale"};
    case Fault::broken:
      return {500, "broken"};
  }
  return {500, "broken"};
}

}  // namespace

int status_of(Fault fault) {
  return words_of(fault).status;
}

std::string problem_text(int status, const Error& error) {
  return operations::text_of({{"type", "about:blank"},
                              {"title", reason_of(status)},
                              {"status", status},
                              {"detail", error.message},
                              {"fault", words_of(error.fault).fault},
                              {"message", error.message},
                              {"exit_status", operations::exit_of(error.fault)}});
}

Response problem(int status, const Error& error) {
  return {
      status, {{"Content-Type", "application/problem+json"}}, problem_text(status, error) + "\n"};
}

Response problem(const Error& error) {
  return problem(status_of(error.fault), error);
}

}  // namespace bough::server
