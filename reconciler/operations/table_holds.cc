#include "reconciler/operations/groups.h"
#include "reconciler/operations/table_parts.h"

namespace bough::operations {
namespace {

std::vector<Parameter> of_adoption(Parameter::Where where) {
  return {
      kRepository,
      {"database", where, text, required, "The database's name"},
      {"branch", where, text, optional, "For this branch; default: production"},
      {"component", where, text, optional, "Its entry of app.yaml, if there are several"},
      {"instance", where, text, optional, "The instance that it is on"},
      {"reown", where, flag, optional, "What is in it changes its owner to the database's login"}};
}

std::vector<Parameter> with_plan(std::vector<Parameter> parameters) {
  parameters.push_back({"plan_id", body, text, optional, "Only if the plan is still this one"});
  return parameters;
}

}  // namespace

std::vector<Operation> holds() {
  return {
      {.name = "dumps",
       .method = "GET",
       .path = "/v1/repositories/{repository}/dumps",
       .scope = Scope::read,
       .summary = "What can be restored: held databases, and dumps of dropped ones",
       .parameters = {kRepository},
       .document = "Dumps",
       .run = dumps},
      {.name = "restore",
       .method = "POST",
       .path = "/v1/repositories/{repository}/restore",
       .scope = Scope::apply,
       .summary = "Bring a branch's database back: held, set aside, or from its dump",
       .parameters = {kRepository,
                      {"branch", body, text, required, "The branch"},
                      {"component", body, text, optional, "Only this entry of app.yaml"},
                      {"dump", body, text, optional, "This dump, by its id"},
                      {"aside", body, text, optional, "This database that was set aside"}},
       .document = "ChangeSummary",
       .run = restore,
       .gives = Gives::lines,
       .kind = Kind::acts},
      {.name = "confirm",
       .method = "POST",
       .path = "/v1/repositories/{repository}/confirm",
       .scope = Scope::apply,
       .summary = "Let holds end that wait for a person, as after a mass deletion",
       .parameters = {kRepository, kBranches},
       .document = "ChangeSummary",
       .run = confirm,
       .gives = Gives::lines,
       .kind = Kind::acts},
      {.name = "reset",
       .method = "POST",
       .path = "/v1/repositories/{repository}/reset",
       .scope = Scope::apply,
       .summary = "Make a branch's database anew; set the old one aside. Never production's",
       .parameters = {kRepository,
                      {"branch", body, text, required, "The branch"},
                      {"component", body, text, optional, "Only this entry of app.yaml"}},
       .document = "ChangeSummary",
       .run = reset,
       .gives = Gives::lines,
       .kind = Kind::acts},
      {.name = "adoption",
       .method = "GET",
       .path = "/v1/repositories/{repository}/adoption",
       .scope = Scope::admin,
       .summary = "Show what adopting a database would do; change nothing",
       .parameters = of_adoption(query),
       .document = "Plan",
       .run = show_adoption,
       .about = About::installation},
      {.name = "adopt",
       .method = "POST",
       .path = "/v1/repositories/{repository}/adoption",
       .scope = Scope::admin,
       .summary = "Take an existing database under bough's mark, as it is",
       .parameters = with_plan(of_adoption(body)),
       .document = "ChangeSummary",
       .run = adopt,
       .gives = Gives::lines,
       .kind = Kind::acts,
       .about = About::installation},
  };
}

}  // namespace bough::operations
