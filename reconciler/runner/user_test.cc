#include <sys/stat.h>
#include <unistd.h>

#include "reconciler/runner/testing.h"

namespace bough::runner {
namespace {

namespace fs = std::filesystem;

const RunUser stranger{"stranger", 54321, 54322};

struct stat status_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(lstat(path.c_str(), &found), 0) << path;
  return found;
}

TEST(Users, RootStepsDownToSomebodyElse) {
  const auto user = run_user(std::nullopt);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->has_value(), geteuid() == 0);
  EXPECT_NE(user->value_or(stranger).uid, 0u);
}

TEST(Users, TheConfiguredOneMustExistAndNotBeRoot) {
  if (geteuid() != 0) return;  // then nobody is looked up
  EXPECT_EQ(run_user("nobody")->value().name, "nobody");
  EXPECT_EQ(run_user("no-such-user").error(),
            (Error{Fault::invalid, "dev.user: there is no user no-such-user"}));
  EXPECT_EQ(run_user("root").error().fault, Fault::invalid);
}

TEST(Users, GetAFolderWithAllInItAndNothingElse) {
  if (geteuid() != 0) return;  // only root gives files away
  const TemporaryFolder folder;
  const auto root = folder.checkout();
  fs::create_directories(root + "/a/b");
  std::ofstream(root + "/a/b/file");
  std::ofstream(folder.path() + "/linked");
  std::ofstream(folder.path() + "/pointed_at");
  fs::create_hard_link(folder.path() + "/linked", root + "/hard");
  fs::create_symlink("../pointed_at", root + "/soft");
  fs::create_symlink("..", root + "/up");
  ASSERT_TRUE(give_to(root, stranger));
  for (const auto* path : {"", "/a", "/a/b", "/a/b/file", "/soft", "/up"}) {
    EXPECT_EQ(status_of(root + path).st_uid, stranger.uid) << path;
    EXPECT_EQ(status_of(root + path).st_gid, stranger.gid) << path;
  }
  for (const auto* path : {"", "/linked", "/pointed_at"}) {
    EXPECT_EQ(status_of(folder.path() + path).st_uid, 0u) << path;
  }
}

TEST(Users, FoldersNestedTooDeeplyAreRefused) {
  if (geteuid() != 0) return;
  const TemporaryFolder folder;
  auto path = folder.checkout();
  for (int depth = 0; depth < 300; ++depth) path += "/d";
  fs::create_directories(path);
  const auto given = give_to(folder.checkout(), stranger);
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().message, "folders are nested too deeply at d");
}

}  // namespace
}  // namespace bough::runner
