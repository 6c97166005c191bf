#include "git/forges/payload.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace bough::forges {
namespace {

constexpr const char* kZeros = "0000000000000000000000000000000000000000";

std::string file(const std::string& name) {
  std::ifstream stream(std::string(BOUGH_SOURCE_DIR) + "/tests/cases/webhooks/payloads/" + name);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

Result<Delivery> delivered(Provider provider, const Headers& headers, std::string_view body) {
  Facts facts(wanted_of(provider));
  JsonStream stream(facts);
  stream.feed(body);
  if (!stream.finish()) return Error{Fault::invalid, "malformed"};
  return read_delivery(provider, headers, facts);
}

std::string said(const Result<Delivery>& delivery) {
  if (!delivery) return "error: " + delivery.error().message;
  std::string text = delivery->repository + ": ";
  return std::visit(
      Match{[&](const Pushed& pushed) {
              text += "push";
              for (const RefHint& hint : pushed.refs)
                text += " " + hint.ref + " " + hint.before.substr(0, 4) + ".." +
                        hint.after.substr(0, 4);
              return text;
            },
            [&](const BuildFinished& build) {
              return text + "build " + build.name + " of " + build.repository + " " + build.branch +
                     " " + build.commit.substr(0, 4) +
                     (build.outcome == BuildOutcome::succeeded ? " succeeded" : " failed") +
                     (build.of_tag ? " tag" : "");
            },
            [&](const Ping&) { return text + "ping"; },
            [&](const Irrelevant& other) { return text + "irrelevant " + other.event; }},
      delivery->content);
}

struct Case {
  std::string name;
  Provider provider;
  Headers headers;
  std::string body;
  std::string says;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class Payload : public testing::TestWithParam<Case> {};

TEST_P(Payload, SaysWhatItMeans) {
  const Case& row = GetParam();
  EXPECT_EQ(said(delivered(row.provider, row.headers, row.body)), row.says);
}

const auto kName = [](const auto& row) { return row.param.name; };

INSTANTIATE_TEST_SUITE_P(
    Real, Payload,
    testing::Values(Case{"GitHub",
                         Provider::github,
                         {{"X-GitHub-Event", "push"}},
                         file("drone-github-push.json"),
                         "Codertocat/Hello-World: push refs/heads/master a108..199e"},
                    Case{"BitbucketServer",
                         Provider::bitbucket_server,
                         {{"X-Event-Key", "repo:refs_changed"}},
                         file("drone-bitbucket-server-push.json"),
                         "PRJ/my-repo: push refs/heads/master 5c64..823b"},
                    Case{"GiteaCreate",
                         Provider::gitea,
                         {{"X-Gitea-Event", "create"}},
                         file("go-playground-gitea-create-event.json"),
                         "example/example: push refs/heads/master .."},
                    Case{"GiteaDelete",
                         Provider::gitea,
                         {{"X-Gitea-Event", "delete"}},
                         file("go-playground-gitea-delete-event.json"),
                         "example/example: push refs/heads/example3 .."},
                    Case{"GiteaPush",
                         Provider::gitea,
                         {{"X-Gitea-Event", "push"}},
                         file("go-playground-gitea-push-event.json"),
                         "example/example: push refs/heads/master 0000..67b5"},
                    Case{"Gogs",
                         Provider::gogs,
                         {{"X-Gogs-Event", "push"}},
                         file("go-playground-gogs-push-event.json"),
                         "unknwon/webhooks: push refs/heads/develop 28e1..bffe"}),
    kName);

const std::string kWorkflow = R"({"action":"completed","repository":{"full_name":"team/shop"},
  "workflow_run":{"name":"CI","head_branch":"main","head_sha":"abcdef","conclusion":"success",
  "head_repository":{"full_name":"mallory/shop"}}})";

INSTANTIATE_TEST_SUITE_P(
    Made, Payload,
    testing::Values(
        Case{"GitHubPing",
             Provider::github,
             {{"X-GitHub-Event", "ping"}},
             R"({"zen":"x","repository":{"full_name":"team/shop"}})",
             "team/shop: ping"},
        Case{"GitHubIssue",
             Provider::github,
             {{"X-GitHub-Event", "issues"}},
             "{}",
             ": irrelevant issues"},
        Case{"GitHubWorkflowOfAFork",
             Provider::github,
             {{"X-GitHub-Event", "workflow_run"}},
             kWorkflow,
             "team/shop: build CI of mallory/shop main abcd succeeded"},
        Case{"GitHubWorkflowRequested",
             Provider::github,
             {{"X-GitHub-Event", "workflow_run"}},
             R"({"action":"requested"})",
             ": irrelevant workflow_run"},
        Case{"GitHubCheckSuite",
             Provider::github,
             {{"X-GitHub-Event", "check_suite"}},
             R"({"action":"completed","repository":{"full_name":"team/shop"},"check_suite":
               {"head_branch":"main","head_sha":"abcdef","conclusion":"failure",
                "app":{"slug":"actions"}}})",
             "team/shop: build actions of team/shop main abcd failed"},
        Case{
            "GitHubStatus",
            Provider::github,
            {{"X-GitHub-Event", "status"}},
            R"({"sha":"abcdef","state":"success","context":"ci","repository":{"full_name":"t/s"}})",
            "t/s: build ci of t/s  abcd succeeded"},
        Case{"GitHubStatusPending",
             Provider::github,
             {{"X-GitHub-Event", "status"}},
             R"({"sha":"abcdef","state":"pending"})",
             ": irrelevant status pending"},
        Case{"GitLabPush",
             Provider::gitlab,
             {{"X-Gitlab-Event", "Push Hook"}},
             R"({"ref":"refs/heads/x","before":"1111","after":"2222",
                 "project":{"path_with_namespace":"team/shop"}})",
             "team/shop: push refs/heads/x 1111..2222"},
        Case{"GitLabPipeline",
             Provider::gitlab,
             {{"X-Gitlab-Event", "Pipeline Hook"}},
             R"({"object_attributes":{"ref":"main","tag":false,"sha":"abcdef","status":"success"},
                 "project":{"path_with_namespace":"team/shop"}})",
             "team/shop: build pipeline of team/shop main abcd succeeded"},
        Case{"GitLabPipelineOfATag",
             Provider::gitlab,
             {{"X-Gitlab-Event", "Pipeline Hook"}},
             R"({"object_attributes":{"ref":"main","tag":true,"sha":"abcdef","status":"success"},
                 "project":{"path_with_namespace":"team/shop"}})",
             "team/shop: build pipeline of team/shop main abcd succeeded tag"},
        Case{"GitLabPipelineOfAFork",
             Provider::gitlab,
             {{"X-Gitlab-Event", "Pipeline Hook"}},
             R"({"object_attributes":{"ref":"main","sha":"abcdef","status":"failed"},
                 "merge_request":{"source":{"path_with_namespace":"mallory/shop"}},
                 "project":{"path_with_namespace":"team/shop"}})",
             "team/shop: build pipeline of mallory/shop main abcd failed"},
        Case{"GitLabPipelineRunning",
             Provider::gitlab,
             {{"X-Gitlab-Event", "Pipeline Hook"}},
             R"({"object_attributes":{"status":"running"}})",
             ": irrelevant pipeline running"},
        Case{"BitbucketAllRefs",
             Provider::bitbucket,
             {{"X-Event-Key", "repo:push"}},
             R"({"repository":{"full_name":"team/shop"},"push":{"changes":[
                 {"old":null,"new":{"name":"a","type":"branch","target":{"hash":"1111"}}},
                 {"old":{"name":"b","type":"branch","target":{"hash":"2222"}},"new":null},
                 {"old":null,"new":{"name":"v1","type":"tag","target":{"hash":"3333"}}}]}})",
             "team/shop: push refs/heads/a ..1111 refs/heads/b 2222.. refs/tags/v1 ..3333"},
        Case{"BitbucketStatus",
             Provider::bitbucket,
             {{"X-Event-Key", "repo:commit_status_updated"}},
             R"({"repository":{"full_name":"team/shop"},"commit_status":{"state":"SUCCESSFUL",
                 "key":"ci","refname":"main","commit":{"hash":"abcdef"}}})",
             "team/shop: build ci of team/shop main abcd succeeded"},
        Case{"AzureAllRefs",
             Provider::azure,
             {},
             R"({"eventType":"git.push","resource":{"refUpdates":[{"name":"refs/heads/a",
                 "oldObjectId":"1111","newObjectId":"2222"},{"name":"refs/heads/b"}]}})",
             ": push refs/heads/a 1111..2222 refs/heads/b .."},
        Case{"AzureBuild",
             Provider::azure,
             {},
             R"({"eventType":"build.complete","resource":{"result":"succeeded","sourceBranch":
                 "refs/heads/main","sourceVersion":"abcdef","definition":{"name":"CI"}}})",
             ": build CI of  main abcd succeeded"},
        Case{"GenericHint", Provider::generic, {}, "{}", ": push"},
        Case{"GenericBuild",
             Provider::generic,
             {},
             R"({"event":"build","repo":"shop","ref":"refs/heads/x","sha":"abcdef","result":
                 "success","name":"nightly"})",
             "shop: build nightly of shop x abcd succeeded"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Row12, Payload,
    testing::Values(
        Case{"GitHubWithoutRef",
             Provider::github,
             {{"X-GitHub-Event", "push"}},
             R"({"repository":null})",
             "error: the push names no ref"},
        Case{"GogsWithoutRepository",
             Provider::gogs,
             {{"X-Gogs-Event", "push"}},
             R"({"ref":"refs/heads/x","repository":null,"commits":[{"repo":null}]})",
             ": push refs/heads/x .."},
        Case{"BitbucketServerNull",
             Provider::bitbucket_server,
             {{"X-Event-Key", "repo:refs_changed"}},
             R"({"changes":null,"repository":{"links":null,"project":null}})",
             ": push"},
        Case{"BitbucketServerWrongTypes",
             Provider::bitbucket_server,
             {{"X-Event-Key", "repo:refs_changed"}},
             R"({"changes":{"ref":1},"repository":[1,2]})",
             ": push"},
        Case{"BitbucketNullItems",
             Provider::bitbucket,
             {{"X-Event-Key", "repo:push"}},
             R"({"push":{"changes":[null,1,"x",[],{}]}})",
             ": push refs/heads/ .."},
        Case{"AzureEmpty",
             Provider::azure,
             {},
             R"({"eventType":"git.push","resource":{"refUpdates":[]}})",
             ": push"},
        Case{"AzureWithoutResource",
             Provider::azure,
             {},
             R"({"eventType":"git.push","resource":null})",
             ": push"},
        Case{"AzureWithoutEvent", Provider::azure, {}, "{}", "error: the payload has no eventType"},
        Case{"NoEventHeader",
             Provider::github,
             {},
             "{}",
             "error: the header that names the event is missing"},
        Case{"NoObject",
             Provider::github,
             {{"X-GitHub-Event", "push"}},
             "[]",
             "error: the payload is no JSON object"}),
    kName);

TEST(Payload, KnowsZerosOfBothObjectFormats) {
  EXPECT_TRUE(is_zeros(kZeros));
  EXPECT_TRUE(is_zeros(std::string(64, '0')));
  EXPECT_FALSE(is_zeros(""));
  EXPECT_FALSE(is_zeros(std::string(41, '0')));
  EXPECT_FALSE(is_zeros(std::string(39, '0') + "1"));
}

TEST(Row15, FiveHundredRefsOfOneDeliveryAreAllTold) {
  std::string body = R"({"repository":{"full_name":"team/shop"},"changes":[)";
  for (int i = 0; i < 500; ++i)
    body += (i == 0 ? "" : ",") + std::string(R"({"ref":{"id":"refs/heads/b)") + std::to_string(i) +
            R"("},"toHash":"abcdef","type":"UPDATE"})";
  const auto delivery =
      delivered(Provider::bitbucket_server, {{"X-Event-Key", "repo:refs_changed"}}, body + "]}");
  ASSERT_TRUE(delivery) << delivery.error().message;
  const auto& pushed = std::get<Pushed>(delivery->content);
  ASSERT_EQ(pushed.refs.size(), 500U);
  EXPECT_EQ(pushed.refs.back().ref, "refs/heads/b499");
}

TEST(Row28, APushOfTagsConcernsNoBranch) {
  EXPECT_FALSE(concerns_branches(Pushed{{{"refs/tags/main", "", ""}}}));
  EXPECT_TRUE(concerns_branches(Pushed{{{"refs/tags/main", "", ""}, {"refs/heads/x", "", ""}}}));
  EXPECT_TRUE(concerns_branches(Pushed{}));
}

}  // namespace
}  // namespace bough::forges
