#include "reconciler/previews.h"

#include <gtest/gtest.h>

#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;
using namespace std::chrono_literals;

const Instant kNow{std::chrono::seconds(1'767'225'600)};

RepositoryConfig config(Forks forks = Forks::approve) {
  RepositoryConfig made{repo()};
  made.forks = forks;
  return made;
}

Approval approved(char digit, std::string ref = "refs/pull/7/head") {
  return {repo(), commit(digit), std::move(ref), "local mary", kNow - 1h};
}
Approval ended(Approval approval) {
  approval.ended = kNow - 1min;
  return approval;
}
Approval until(Approval approval, Instant when) {
  approval.until = when;
  return approval;
}
PullRequest pull(char digit, int number = 7, bool known = false) {
  return {"refs/pull/" + std::to_string(number) + "/head", commit(digit), known};
}

/// The first digits of commits.
std::string digits(const std::vector<Approval>& approvals) {
  std::string result;
  for (const Approval& one : approvals) result += one.commit.text().front();
  return result;
}
std::string digits(const std::vector<Unapproved>& waiting) {
  std::string result;
  for (const Unapproved& one : waiting) result += one.commit.text().front();
  return result;
}

struct Case {
  std::string name;
  std::vector<Approval> approvals;
  std::vector<PullRequest> pulls;
  std::string wanted;
  std::string waiting;
  Forks forks = Forks::approve;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class Previews : public testing::TestWithParam<Case> {};
TEST_P(Previews, AreOfWhatIsApprovedAndListed) {
  const RepositoryConfig made = config(GetParam().forks);
  const PreviewSources sources{made, GetParam().approvals, GetParam().pulls};
  EXPECT_EQ(digits(wanted_previews(sources, kNow)), GetParam().wanted);
  EXPECT_EQ(digits(unapproved(sources)), GetParam().waiting);
}
const std::string kBranch = "refs/heads/main";
INSTANTIATE_TEST_SUITE_P(
    Each, Previews,
    testing::Values(
        Case{"NobodySaidAnything", {}, {pull('a')}, "", "a"},
        Case{"OnABranchAlready", {}, {pull('a', 7, true)}, "", ""},
        Case{"Approved", {approved('a')}, {pull('a')}, "a", ""},
        Case{"ApprovedAndFetched", {approved('a')}, {pull('a', 7, true)}, "a", ""},
        Case{"Row83_PushedSince", {approved('a')}, {pull('b')}, "a", "b"},
        Case{"Closed", {approved('a')}, {}, "", ""},
        Case{"AnotherOneIsOpen", {approved('a')}, {pull('b', 8)}, "", "b"},
        Case{"Ended", {ended(approved('a'))}, {pull('a', 7, true)}, "", "a"},
        Case{"RunOut", {until(approved('a'), kNow)}, {pull('a', 7, true)}, "", ""},
        Case{"NotRunOut", {until(approved('a'), kNow + 1ms)}, {pull('a')}, "a", ""},
        Case{"Row82_ForksAreOff", {approved('a')}, {pull('a'), pull('b', 8)}, "", "", Forks::none},
        Case{"OfABranch", {approved('c', kBranch)}, {}, "c", "", Forks::none}),
    [](const auto& row) { return row.param.name; });

TEST(PreviewsTest, EndWithTheRepositorysTtl) {
  RepositoryConfig made = config();
  made.ttl = std::chrono::hours(1);
  EXPECT_EQ(digits(in_force(made, {approved('a')}, kNow - 1ms)), "a");
  EXPECT_EQ(digits(in_force(made, {approved('a')}, kNow)), "");
  EXPECT_EQ(digits(in_force(made, {until(approved('a'), kNow + 1h)}, kNow)), "a");
}

TEST(PreviewsTest, Row82_StrangersCommandsSeeNoSecrets) {
  const auto reading = read_app_spec(
      "name: shop\nenvs:\n- {key: A, value: a}\n- {key: B, value: \"EV[1:b:c]\", type: SECRET}\n"
      "services:\n- name: web\n  envs:\n  - {key: C, value: c, type: SECRET}\n"
      "  - {key: D, value: d}\n",
      "app.yaml");
  ASSERT_TRUE(reading.spec);
  const AppSpec spec = without_secrets(*reading.spec);
  ASSERT_EQ(spec.envs.size(), 1U);
  EXPECT_EQ(spec.envs.front().key, "A");
  ASSERT_EQ(spec.components.front().envs.size(), 1U);
  EXPECT_EQ(spec.components.front().envs.front().key, "D");
}

}  // namespace
}  // namespace bough
