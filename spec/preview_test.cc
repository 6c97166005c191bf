#include "spec/preview.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

struct Case {
  std::string_view ref;
  std::optional<long long> number;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.ref;
}

class PullRequests : public testing::TestWithParam<Case> {};
TEST_P(PullRequests, AreKnownByTheirReference) {
  EXPECT_EQ(pull_request_of(GetParam().ref), GetParam().number);
}
INSTANTIATE_TEST_SUITE_P(
    Each, PullRequests,
    testing::Values(Case{"refs/pull/7/head", 7}, Case{"refs/merge-requests/12/head", 12},
                    Case{"refs/pull-requests/3/from", 3}, Case{"refs/pull/7/merge", std::nullopt},
                    Case{"refs/pull-requests/3/to", std::nullopt},
                    Case{"refs/pull//head", std::nullopt}, Case{"refs/pull/head", std::nullopt},
                    Case{"refs/pull/-7/head", std::nullopt}, Case{"refs/pull/0/head", std::nullopt},
                    Case{"refs/pull/7x/head", std::nullopt},
                    Case{"refs/pull/99999999999999999999/head", std::nullopt},
                    Case{"refs/heads/refs/pull/7/head", std::nullopt},
                    Case{"refs/tags/pull/7/head", std::nullopt}));

}  // namespace
}  // namespace bough
