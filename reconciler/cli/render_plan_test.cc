#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "reconciler/cli/render.h"
#include "reconciler/documents.h"
#include "reconciler/testing.h"
#include "reconciler/workspace.h"

namespace bough {
namespace {

using namespace testing_world;

const Instant kNow{std::chrono::seconds(1'767'225'600)};

constexpr std::string_view kReport = R"({"databases": [{
  "address": "shop/feature/login/db", "state": "succeeded", "seconds": 1.9, "locks": [{}],
  "rewritten": [], "advice": [{"code": "blocks-reads", "message": "readers wait"}],
  "fresh": {"same_schema": false}}]})";

/// One of everything that a plan can say.
Plan everything() {
  WantedHome fresh = wanted_home(on("feature/login"), {command("npm run migrate")});
  fresh.builds = {command("npm ci", RunKind::build)};
  Contents contents = holding({place(Production{}), place(on("gone")), place(on("open"))});
  contents.databases["shop--open"].public_access = true;
  contents.databases["shop--taken"] = {"alice", true, false, true, std::nullopt};
  Desired desired =
      wants({wanted_home(Production{}), fresh, wanted_home(on("open")), wanted_home(on("taken"))});
  desired.unapproved.push_back({repo(), "refs/pull/7/head", 7, commit('d')});
  desired.diagnostics.push_back({"shop/bad: app.yaml",
                                 {3, 5},
                                 Severity::error,
                                 "unknown-key",
                                 "`databasse` is no key of an app",
                                 "did you mean databases?"});
  Plan made = plan(desired, sees(contents), {}, kNow);
  made.rehearsals.push_back({home(on("feature/login")), fresh.branch, commit(),
                             RehearsalState::succeeded, std::string(kReport), kNow});
  made.rehearsals.push_back({home(on("open")), *BranchName::parse("open"), commit(),
                             RehearsalState::impossible, "no server of its databases answers"});
  return made;
}

/// Compares with the golden file; BOUGH_GOLDEN=write makes it anew.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(BOUGH_SOURCE_DIR) + "/tests/golden/" + name;
  const char* mode = std::getenv("BOUGH_GOLDEN");
  if (mode && std::string(mode) == "write") std::ofstream(path) << text;
  auto golden = read_file(path);
  ASSERT_TRUE(golden) << path;
  EXPECT_EQ(text, *golden);
}

TEST(PlanText, IsTheGoldenOne) {
  expect_golden("plan.txt", cli::plan_text(plan_document(everything()), cli::Colour::off));
}

TEST(PlanMarkdown, IsTheGoldenOne) {
  expect_golden("plan.md", cli::plan_markdown(plan_document(everything())));
}

TEST(PlanJson, IsTheGoldenOne) {
  auto document = plan_document(everything());
  document["bough_version"] = "0.0.0";
  expect_golden("plan.json", document.dump(2) + "\n");
}

TEST(PlanText, SaysWhenThereIsNothingToDo) {
  EXPECT_EQ(cli::plan_text(plan_document({}), cli::Colour::off),
            "No changes. Live state matches Git.\n");
}

TEST(PlanMarkdown, CannotBeLeftByABranchName) {
  const Plan made =
      plan(wants({wanted_home(on("a```b</pre>"))}), sees(Contents{15, {}, {}}), {}, kNow);
  const std::string text = cli::plan_markdown(plan_document(made));
  EXPECT_NE(text.find("\n````\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace bough
