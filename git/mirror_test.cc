#include "git/mirror.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "git/testing.h"

namespace bough {

void PrintTo(const Error& error, std::ostream* out) {
  *out << "fault " << static_cast<int>(error.fault) << ": " << error.message;
}

namespace {

using namespace testing;
namespace fs = std::filesystem;

/// An origin in a folder and a mirror of it.
class MirrorTest : public ::testing::Test {
 protected:
  TempFolder temp;
  Origin origin{temp.path("origin.git")};
  std::string folder = temp.path("mirror");
  Mirror mirror = open_mirror(folder, remote_at("file://" + origin.folder()));
};

TEST_F(MirrorTest, ListsBranchesAndHeadAndReadsTheirFiles) {
  const Commit main = origin.commit("main", "name: shop");
  const Commit feature = origin.commit("feature/a", "name: other", "refs/heads/main");
  origin.git("tag feature main");
  const Listing listing = fetched(mirror);
  EXPECT_EQ(listing,
            (Listing{{{branch("main"), main}, {branch("feature/a"), feature}}, branch("main")}));
  EXPECT_EQ(app_yaml(mirror, listing, "main"), "name: shop");
  EXPECT_EQ(app_yaml(mirror, listing, "feature/a"), "name: other");
}

TEST_F(MirrorTest, FindGivesTheIdThatReadGives) {
  const Commit main = origin.commit("main", "name: shop");
  fetched(mirror);
  auto blob = mirror.read(main, "app.yaml", 100);
  auto id = mirror.find(main, "./app.yaml");
  ASSERT_TRUE(blob && *blob && id && *id);
  EXPECT_EQ((*blob)->id, **id);
  EXPECT_EQ(**id, origin.git("rev-parse main:app.yaml"));
}

TEST_F(MirrorTest, FilesAreThePlainOnesOfTheFoldersThatAreWanted) {
  const Commit at = origin.tree("main", {{"100644", "app.yaml", "name: shop"},
                                         {"100644", "db/migrations/1_a.sql", "a"},
                                         {"100755", "db/migrations/2/b.sql", "b"},
                                         {"100644", "db/migrations/notes", "no"},
                                         {"120000", "db/migrations/3_c.sql", "1_a.sql"},
                                         {"120000", "link", "db"}});
  fetched(mirror);
  const auto sql = [](std::string_view path) { return path.ends_with(".sql"); };
  const std::map<std::string, std::string> both{
      {"db/migrations/1_a.sql", origin.git("rev-parse main:db/migrations/1_a.sql")},
      {"db/migrations/2/b.sql", origin.git("rev-parse main:db/migrations/2/b.sql")}};
  EXPECT_EQ(*mirror.files(at, {"db/migrations", "nowhere", "app.yaml"}, sql), both);
  EXPECT_EQ(*mirror.files(at, {""}, sql), both);
  EXPECT_TRUE(mirror.files(at, {"link"}, sql)->empty());
  EXPECT_EQ(mirror.files(commit_id(std::string(40, 'e')), {""}, sql).error().fault, Fault::missing);
}

TEST_F(MirrorTest, Row40_AnEmptyRepositoryIsAnEmptyListing) {
  EXPECT_EQ(fetched(mirror), Listing{});
}

TEST_F(MirrorTest, Row40_ARemoteThatBecameEmptyLeavesTheMirrorReadable) {
  const Commit main = origin.commit("main", "name: shop");
  fetched(mirror);
  origin.remove("main");
  EXPECT_EQ(fetched(mirror), Listing{});
  EXPECT_TRUE(mirror.read(main, "app.yaml", 100));
}

TEST_F(MirrorTest, ADetachedHeadNamesNoBranch) {
  const Commit main = origin.commit("main", "a");
  origin.git("update-ref --no-deref HEAD " + main.text());
  EXPECT_EQ(fetched(mirror).head, std::nullopt);
}

TEST_F(MirrorTest, Row30_FollowsForcedPushesAndDeletions) {
  origin.commit("main", "one");
  origin.commit("gone", "x", "refs/heads/main");
  const Commit before = origin.commit("force", "before", "refs/heads/main");
  fetched(mirror);
  origin.remove("gone");
  origin.commit("force", "after", "refs/heads/main");
  const Listing listing = fetched(mirror);
  EXPECT_EQ(app_yaml(mirror, listing, "force"), "after");
  EXPECT_EQ(app_yaml(mirror, listing, "gone"), "(no branch)");
  EXPECT_TRUE(mirror.read(before, "app.yaml", 100)) << "commits once fetched stay readable";
}

TEST_F(MirrorTest, Row27_ABranchMayBecomeTheFolderOfAnother) {
  origin.commit("main", "m");
  for (const std::string name : {"aa", "aa/bb", "aa", "aa/bb/cc"}) {
    origin.commit(name, "text of " + name, "refs/heads/main");
    const Listing listing = fetched(mirror);
    EXPECT_EQ(app_yaml(mirror, listing, name), "text of " + name);
    EXPECT_EQ(listing.branches.size(), 2u);
    origin.remove(name);
  }
}

TEST_F(MirrorTest, AFetchWithoutNewsWritesNothing) {
  origin.commit("main", "one");
  EXPECT_TRUE(fetched_raw(folder, remote_at("file://" + origin.folder())).changed);
  const auto again = fetched_raw(folder, remote_at("file://" + origin.folder()));
  EXPECT_FALSE(again.changed);
  EXPECT_EQ(again.received_objects, 0u);
}

TEST_F(MirrorTest, ALocalPushCopiesOnlyWhatIsNew) {
  for (int i = 0; i < 50; ++i) origin.commit("main", std::to_string(i));
  fetched(mirror);
  origin.commit("main", "new");
  EXPECT_LE(fetched_raw(folder, remote_at(origin.folder())).received_objects, 3u);
}

TEST_F(MirrorTest, ReadsRelativeAndPercentEncodedPathsAndWorkingCopies) {
  const std::string work = temp.path("work tree%41");
  shell("git init -q -b main '" + work + "' && cd '" + work +
        "' && echo -n yes > app.yaml && git add . && git -c user.name=t -c user.email=t@t commit "
        "-qm x");
  for (const std::string& url :
       {work, fs::relative(work).string(), "file://" + temp.path("work%20tree%2541")}) {
    Mirror other = open_mirror(temp.path("other"), remote_at(url));
    EXPECT_EQ(app_yaml(other, fetched(other), "main"), "yes") << url;
  }
}

TEST_F(MirrorTest, AnotherUsersRepositoryIsRead) {
  origin.commit("main", "one");
  if (geteuid() == 0) shell("chown -R nobody '" + origin.folder() + "' '" + folder + "'");
  EXPECT_EQ(app_yaml(mirror, fetched(mirror), "main"), "one");
}

TEST_F(MirrorTest, Row42_Sha256RepositoriesAreRefusedInWords) {
  shell("git init -q --bare --object-format=sha256 '" + temp.path("sha256.git") + "'");
  Mirror other = open_mirror(temp.path("other"), remote_at(temp.path("sha256.git")));
  const Error error = fetch_error(other);
  EXPECT_EQ(error.fault, Fault::invalid) << error.message;
  EXPECT_NE(error.message.find("not supported"), std::string::npos) << error.message;
}

TEST_F(MirrorTest, AMissingFolderIsUnavailable) {
  Mirror other = open_mirror(temp.path("other"), remote_at(temp.path("nothing")));
  EXPECT_EQ(fetch_error(other).fault, Fault::unavailable);
}

std::size_t set_aside(const TempFolder& temp) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(temp.path()))
    count += entry.path().filename().string().starts_with("mirror.broken-");
  return count;
}

TEST_F(MirrorTest, Row45_SeveralMayCreateItAtOnce) {
  for (int round = 0; round < 30; ++round) {
    const std::string shared = temp.path("shared" + std::to_string(round)) + "/mirror";
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        const auto opened = Mirror::open(shared, remote_at(origin.folder()));
        EXPECT_TRUE(opened) << opened.error().message;
      });
    for (std::thread& thread : threads) thread.join();
    const fs::directory_iterator entries(fs::path(shared).parent_path());
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
  }
}

TEST_F(MirrorTest, Row45_AnUnreadableMirrorIsSetAsideAndMadeAnew) {
  origin.commit("main", "one");
  fetched(mirror);
  fs::remove(folder + "/HEAD");
  Mirror again = open_mirror(folder, remote_at(origin.folder()));
  EXPECT_EQ(app_yaml(again, fetched(again), "main"), "one");
  EXPECT_EQ(set_aside(temp), 1u);
}

struct Damage {
  const char* name;
  void (*inflict)(const std::string& folder);
};
void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.name;
}

void remove_packs(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(folder + "/objects/pack"))
    fs::remove(entry.path());
}
void break_reference(const std::string& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder + "/refs/b"))
    if (entry.is_regular_file()) std::ofstream(entry.path()) << "nonsense";
}
void remove_folder(const std::string& folder) {
  fs::remove_all(folder);
}
void empty_packs(const std::string& folder) {
  set_worker_program(BOUGH_BINARY);  // ends the worker that has them open
  for (const auto& entry : fs::directory_iterator(folder + "/objects/pack")) {
    fs::permissions(entry.path(), fs::perms::owner_all);
    fs::resize_file(entry.path(), 0);
  }
}

class DamagedMirror : public MirrorTest, public ::testing::WithParamInterface<Damage> {};

TEST_P(DamagedMirror, IsMadeAnewByTheNextFetches) {
  origin.commit("main", "one");
  fetched(mirror);
  GetParam().inflict(folder);
  origin.commit("main", "two");
  Mirror again = open_mirror(folder, remote_at(origin.folder()));
  EXPECT_EQ(app_yaml(again, fetched(again), "main"), "two");
}

INSTANTIATE_TEST_SUITE_P(Damages, DamagedMirror,
                         ::testing::Values(Damage{"PacksGone", remove_packs},
                                           Damage{"ReferenceGarbled", break_reference},
                                           Damage{"FolderGone", remove_folder},
                                           Damage{"PacksEmptied", empty_packs}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(MirrorTest, Row45_AnUnreadableObjectIsMendedByTheNextFetch) {
  const Commit main = origin.commit("main", "one");
  fetched(mirror);
  for (const auto& entry : fs::directory_iterator(folder + "/objects/pack")) {
    if (entry.path().extension() != ".pack") continue;
    fs::permissions(entry.path(), fs::perms::owner_all);
    std::string bytes = text_of_file(entry.path());
    std::fill(bytes.begin() + 12, bytes.end() - 20, '\0');
    write_file(entry.path(), bytes);
  }
  Mirror again = open_mirror(folder, remote_at(origin.folder()));
  auto unreadable = again.read(main, "app.yaml", 100);
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().fault, Fault::broken);
  EXPECT_EQ(app_yaml(again, fetched(again), "main"), "one");
}

TEST_F(MirrorTest, AFolderThatVanishesIsMadeAnewByAnOpenMirror) {
  origin.commit("main", "one");
  fetched(mirror);
  fs::remove_all(folder);
  EXPECT_EQ(app_yaml(mirror, fetched(mirror), "main"), "one");
}

TEST_F(MirrorTest, ManySmallPacksAreMerged) {
  for (int i = 0; i < 60; ++i) {
    origin.commit("main", "text " + std::to_string(i));
    EXPECT_EQ(app_yaml(mirror, fetched(mirror), "main"), "text " + std::to_string(i));
  }
  const auto files = std::distance(fs::directory_iterator(folder + "/objects/pack"), {});
  EXPECT_LE(files, 2 * 51);
  shell("git --git-dir='" + folder + "' fsck --no-progress 2>/dev/null");
  EXPECT_EQ(app_yaml(mirror, fetched(mirror), "main"), "text 59");
}

TEST_F(MirrorTest, LeftoversOfAKilledWorkerAreNoHindrance) {
  origin.commit("main", "one");
  const Listing before = fetched(mirror);
  std::string reference;
  for (const auto& entry : fs::recursive_directory_iterator(folder + "/refs/b"))
    if (entry.is_regular_file()) reference = entry.path();
  write_file(reference + ".lock", "");
  write_file(folder + "/packed-refs.lock", "");
  write_file(folder + "/objects/pack/pack_git2_abc", "half");
  write_file(folder + "/bough.writing", "");
  origin.commit("main", "two");
  EXPECT_EQ(app_yaml(mirror, fetched(mirror), "main"), "two");
  EXPECT_FALSE(fs::exists(folder + "/objects/pack/pack_git2_abc"));
}

TEST_F(MirrorTest, AChangedUrlIsFollowed) {
  origin.commit("main", "one");
  fetched(mirror);
  Origin other(temp.path("other.git"));
  other.commit("main", "other");
  Mirror moved = open_mirror(folder, remote_at(other.folder()));
  EXPECT_EQ(app_yaml(moved, fetched(moved), "main"), "other");
}

TEST_F(MirrorTest, WorkingCopyNamesBranchAndCommit) {
  const std::string work = temp.path("work");
  shell("git init -q -b feature/x '" + work + "'");
  auto unborn = inspect_working_copy(work);
  ASSERT_FALSE(unborn);
  EXPECT_EQ(unborn.error().fault, Fault::missing);
  shell("cd '" + work + "' && git -c user.name=t -c user.email=t@t commit -q --allow-empty -m x");
  auto copy = inspect_working_copy(work);
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(copy->branch, branch("feature/x"));
  EXPECT_EQ(copy->commit.text(), shell("git -C '" + work + "' rev-parse HEAD"));
  shell("git -C '" + work + "' checkout -q --detach");
  EXPECT_FALSE(inspect_working_copy(work));
  EXPECT_FALSE(inspect_working_copy(temp.path()));
}

}  // namespace
}  // namespace bough
