#include "reconciler/operations/groups.h"
#include "reconciler/operations/table_parts.h"

namespace bough::operations {

std::vector<Operation> databases() {
  return {
      {.name = "suspend",
       .method = "POST",
       .path = "/v1/suspend",
       .scope = Scope::apply,
       .summary = "Withdraw the login of an environment's databases; keep the data",
       .parameters = {kAnyRepository, kBranches},
       .document = "ChangeSummary",
       .run = suspend,
       .gives = Gives::lines,
       .kind = Kind::acts},
      {.name = "resume",
       .method = "POST",
       .path = "/v1/resume",
       .scope = Scope::apply,
       .summary = "Give suspended or held databases their login back",
       .parameters = {kAnyRepository, kBranches},
       .document = "ChangeSummary",
       .run = resume,
       .gives = Gives::lines,
       .kind = Kind::acts},
      {.name = "destroy",
       .method = "POST",
       .path = "/v1/repositories/{repository}/destroy",
       .scope = Scope::admin,
       .summary = "Drop one database and its role for ever; never one of production",
       .parameters = {kRepository,
                      kBranches,
                      {"confirm", body, text, required, "The database's name, typed out"}},
       .document = "ChangeSummary",
       .run = destroy,
       .gives = Gives::lines,
       .kind = Kind::acts},
  };
}

}  // namespace bough::operations
