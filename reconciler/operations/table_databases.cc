#include "reconciler/operations/groups.h"
#include "reconciler/operations/table_parts.h"

namespace bough::operations {

namespace {

std::vector<Parameter> moving(std::string_view to) {
  return {kRepository,
          {"branch", body, text, optional, "Of this branch; default: production's"},
          {"database", body, text, optional, "Only this one of the app; default: all"},
          {"to", body, text, optional, to},
          {"undo", body, flag, optional,
           "Back to where they were; what was written since stays aside"}};
}

}  // namespace

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
      {.name = "rotate",
       .method = "POST",
       .path = "/v1/repositories/{repository}/rotate",
       .scope = Scope::apply,
       .summary = "Give an environment's logins a new password; production's needs `admin`",
       .parameters = {kRepository,
                      kBranches,
                      {"component", body, text, optional, "Only this database of the spec"}},
       .document = "ChangeSummary",
       .run = rotate,
       .gives = Gives::lines,
       .kind = Kind::acts},
      {.name = "refresh",
       .method = "POST",
       .path = "/v1/repositories/{repository}/refresh",
       .scope = Scope::apply,
       .summary = "Copy production anew for databases of branches to come, and make spares of it",
       .parameters = {kRepository},
       .document = "ChangeSummary",
       .run = refresh,
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
      {.name = "upgrade",
       .method = "POST",
       .path = "/v1/repositories/{repository}/upgrade",
       .scope = Scope::admin,
       .summary = "Move databases of a dev instance to one of a newer version",
       .parameters = moving("The major version, such as 16"),
       .document = "ChangeSummary",
       .run = upgrade,
       .gives = Gives::lines,
       .kind = Kind::acts},
      {.name = "promote",
       .method = "POST",
       .path = "/v1/repositories/{repository}/promote",
       .scope = Scope::admin,
       .summary = "Move databases of a dev instance to a linked one",
       .parameters = moving("The linked instance"),
       .document = "ChangeSummary",
       .run = promote,
       .gives = Gives::lines,
       .kind = Kind::acts},
  };
}

}  // namespace bough::operations
