#include "reconciler/operations/groups.h"
#include "reconciler/operations/table_parts.h"

namespace bough::operations {

std::vector<Operation> previewing() {
  const Parameter sha{"sha", body, text, required, "The commit, all of its digits"};
  const Parameter remove{"remove", body, flag, optional, "End it; its databases are held"};
  return {
      {.name = "approve",
       .method = "POST",
       .path = "/v1/repositories/{repository}/approvals",
       .scope = Scope::approve,
       .summary = "Give the latest commit of a pull request an environment",
       .parameters = {kRepository, sha, remove},
       .document = "Approval",
       .run = approve,
       .kind = Kind::acts},
      {.name = "preview",
       .method = "POST",
       .path = "/v1/repositories/{repository}/previews",
       .scope = Scope::apply,
       .summary = "Give any commit of a watched branch an environment",
       .parameters = {kRepository,
                      sha,
                      {"ttl", body, text, optional, "How long, such as 3d; default: until removed"},
                      remove},
       .document = "Approval",
       .run = preview,
       .kind = Kind::acts},
  };
}

}  // namespace bough::operations
