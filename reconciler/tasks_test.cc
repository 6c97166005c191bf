#include "reconciler/tasks.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

Task of(const char* repository, const char* host) {
  return {*RepositoryName::parse(repository), false, host};
}

TEST(Tasks, AreTakenInTheirOrder) {
  Tasks tasks(4);
  EXPECT_FALSE(tasks.ready());
  for (const char* name : {"a", "b"}) tasks.add(of(name, ""));
  EXPECT_EQ(tasks.waiting(), 2U);
  EXPECT_EQ(tasks.take(), of("a", ""));
  EXPECT_EQ(tasks.take(), of("b", ""));
  EXPECT_EQ(tasks.take(), std::nullopt);
}

TEST(Tasks, APeekThatWaitsIsEnough) {
  Tasks tasks(4);
  Task peek = of("a", "host");
  peek.peek = true;
  for (int i = 0; i < 3; ++i) tasks.add(peek);
  tasks.add(of("a", "host"));
  EXPECT_EQ(tasks.waiting(), 2U);
  EXPECT_EQ(tasks.take(), peek);
  tasks.add(peek);
  EXPECT_EQ(tasks.waiting(), 2U);
}

TEST(Tasks, OfOneHostNeverHaveEveryWorker) {
  Tasks tasks(4);
  for (const char* name : {"a", "b", "c", "d"}) tasks.add(of(name, "silent"));
  tasks.add(of("e", "other"));
  tasks.add(of("f", ""));
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(tasks.take(), of(name, "silent"));
  EXPECT_EQ(tasks.take(), of("e", "other"));
  EXPECT_EQ(tasks.take(), of("f", ""));
  EXPECT_FALSE(tasks.ready());
  tasks.done(of("b", "silent"), true);
  EXPECT_EQ(tasks.take(), of("d", "silent"));
}

TEST(Tasks, OfAHostThatFailedAreTriedOneAtATime) {
  Tasks tasks(4);
  for (const char* name : {"a", "b", "c"}) tasks.add(of(name, "silent"));
  ASSERT_TRUE(tasks.take());
  tasks.done(of("a", "silent"), false);
  EXPECT_EQ(tasks.take(), of("b", "silent"));
  EXPECT_FALSE(tasks.ready());
  tasks.done(of("b", "silent"), true);
  EXPECT_EQ(tasks.take(), of("c", "silent"));
}

TEST(Tasks, OfAHostThatAnsweredFailForTheirOwnReasons) {
  Tasks tasks(4);
  Task glanced = of("a", "lively");
  glanced.answered = true;
  tasks.add(glanced);
  ASSERT_TRUE(tasks.take());
  tasks.done(glanced, false);
  for (const char* name : {"b", "c"}) tasks.add(of(name, "lively"));
  EXPECT_TRUE(tasks.take());
  EXPECT_TRUE(tasks.take());
}

TEST(Tasks, OfTheOnlyWorkerAreTakenWhateverTheHost) {
  Tasks tasks(1);
  tasks.add(of("a", "host"));
  EXPECT_TRUE(tasks.take());
}

}  // namespace
}  // namespace bough
