#include "git/text_diff.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

TEST(TextDiff, IsEmptyForEqualTexts) {
  EXPECT_EQ(text_diff("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(text_diff("", ""), "");
}

TEST(TextDiff, ShowsWhatWasAddedAndWhatIsGone) {
  EXPECT_EQ(text_diff("a\nb\nc\n", "a\nB\nc\nd\n"), "@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d\n");
  EXPECT_EQ(text_diff("", "a\n"), "@@ -0,0 +1 @@\n+a\n");
}

}  // namespace
}  // namespace bough
