#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "git/testing.h"

extern char** environ;

namespace bough {
namespace {

using namespace testing;

/// An origin behind `git daemon`.
class GitDaemonTest : public ::testing::Test {
 protected:
  TempFolder temp;
  Origin origin{temp.path("origin.git")};
  int port = free_port();
  Server daemon{{"git", "daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1",
                 "--port=" + std::to_string(port), "--base-path=" + temp.path(), temp.path()},
                port};
  Remote remote = remote_at("git://127.0.0.1:" + std::to_string(port) + "/origin.git");
  std::string folder = temp.path("mirror");
  Mirror mirror = open_mirror(folder, remote);
};

TEST_F(GitDaemonTest, AThousandBranchesAreReadAndOnePushCostsFewObjects) {
  origin.import(thousand_branches());
  const Listing listing = fetched(mirror);
  ASSERT_EQ(listing.branches.size(), 1001u);
  for (const auto& [name, tip] : listing.branches) ASSERT_TRUE(mirror.read(tip, "app.yaml", 4096));
  for (const std::string name : {"feature/3", "feature/999", "main", "feature/3"}) {
    const Commit tip = origin.commit(name, "name: new");
    const Fetched push = fetched_raw(folder, remote);
    EXPECT_EQ(push.listing.branches.at(branch(name)), tip);
    EXPECT_LE(push.received_objects, 10u) << name;
  }
  origin.commit("feature/new", "name: new", "refs/heads/main");
  EXPECT_LE(fetched_raw(folder, remote).received_objects, 10u);
  EXPECT_EQ(fetched_raw(folder, remote).received_objects, 0u);
}

TEST_F(GitDaemonTest, ReadingAThousandBranchesIsQuick) {
  origin.import(thousand_branches());
  const Listing listing = fetched(mirror);
  const auto start = std::chrono::steady_clock::now();
  for (const auto& [name, tip] : listing.branches) ASSERT_TRUE(mirror.read(tip, "app.yaml", 4096));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST_F(GitDaemonTest, Row27_30_FollowsForcedPushDeletionAndFolderConflict) {
  origin.commit("main", "m");
  origin.commit("aa", "first", "refs/heads/main");
  origin.commit("force", "before", "refs/heads/main");
  fetched(mirror);
  origin.remove("aa");
  origin.commit("aa/bb", "second", "refs/heads/main");
  origin.commit("force", "after", "refs/heads/main");
  const Listing listing = fetched(mirror);
  EXPECT_EQ(app_yaml(mirror, listing, "aa/bb"), "second");
  EXPECT_EQ(app_yaml(mirror, listing, "aa"), "(no branch)");
  EXPECT_EQ(app_yaml(mirror, listing, "force"), "after");
  EXPECT_EQ(listing.head, branch("main"));
}

TEST_F(GitDaemonTest, AnEmptyRepositoryIsAnEmptyListing) {
  EXPECT_EQ(fetched(mirror), Listing{});
}

TEST_F(GitDaemonTest, Row42_Sha256RepositoriesAreRefusedInWords) {
  shell("git init -q -b main --object-format=sha256 '" + temp.path("sha256") + "' && git -C '" +
        temp.path("sha256") + "' -c user.name=t -c user.email=t@t commit -q --allow-empty -m x");
  Mirror other = open_mirror(temp.path("other"),
                             remote_at("git://127.0.0.1:" + std::to_string(port) + "/sha256"));
  const Error error = fetch_error(other);
  EXPECT_EQ(error.fault, Fault::invalid) << error.message;
  EXPECT_NE(error.message.find("not supported"), std::string::npos) << error.message;
}

TEST_F(GitDaemonTest, AMissingRepositoryIsUnavailableAndNamed) {
  const std::string url = "git://127.0.0.1:" + std::to_string(port) + "/none.git";
  Mirror other = open_mirror(temp.path("other"), remote_at(url));
  const Error error = fetch_error(other);
  EXPECT_EQ(error.fault, Fault::unavailable);
  EXPECT_NE(error.message.find(url), std::string::npos) << error.message;
}

TEST_F(GitDaemonTest, MirrorsFetchAtTheSameTime) {
  origin.commit("main", "one");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([this, i] {
      Mirror own = open_mirror(temp.path("mirror" + std::to_string(i)), remote);
      for (int round = 0; round < 5; ++round) EXPECT_EQ(app_yaml(own, fetched(own), "main"), "one");
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(workers().size(), 4u) << "idle workers are few";
}

TEST_F(GitDaemonTest, Row45_TwoMirrorObjectsMayShareAFolder) {
  origin.commit("main", "0");
  std::thread other([this] {
    Mirror second = open_mirror(folder, remote);
    for (int i = 0; i < 10; ++i) fetched(second);
  });
  for (int i = 0; i < 10; ++i) {
    origin.commit("main", std::to_string(i));
    EXPECT_EQ(app_yaml(mirror, fetched(mirror), "main"), std::to_string(i));
  }
  other.join();
}

struct SilentScheme {
  const char* name;
  const char* scheme;
};
void PrintTo(const SilentScheme& row, std::ostream* out) {
  *out << row.name;
}

class SilentServer : public GitDaemonTest, public ::testing::WithParamInterface<SilentScheme> {};

TEST_P(SilentServer, Row39_IsGivenUpAtTheDeadlineAndTheMirrorGoesOn) {
  const BlackHole hole;
  origin.commit("main", "one");
  const Listing listing = fetched(mirror);
  const std::string url =
      std::string(GetParam().scheme) + "://127.0.0.1:" + std::to_string(hole.port()) + "/x.git";
  Remote silent = remote_at(url);
  write_file(temp.path("known_hosts"), "");
  silent.known_hosts_file = temp.path("known_hosts");
  Mirror stuck = open_mirror(folder, silent);
  const auto start = std::chrono::steady_clock::now();
  const Error error = fetch_error(stuck, std::chrono::milliseconds(300));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(error.fault, Fault::unavailable) << error.message;
  EXPECT_EQ(app_yaml(stuck, listing, "main"), "one") << "it still serves what it had";
  origin.commit("main", "two");
  EXPECT_EQ(app_yaml(mirror, fetched(mirror), "main"), "two");
}

INSTANTIATE_TEST_SUITE_P(Schemes, SilentServer,
                         ::testing::Values(SilentScheme{"Git", "git"}, SilentScheme{"Http", "http"},
                                           SilentScheme{"Https", "https"},
                                           SilentScheme{"Ssh", "ssh"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(GitDaemonTest, AKilledWorkerIsReplacedWithinTheSameFetch) {
  origin.commit("main", "one");
  const BlackHole hole;
  Mirror stuck =
      open_mirror(folder, remote_at("git://127.0.0.1:" + std::to_string(hole.port()) + "/x.git"));
  set_worker_program(BOUGH_BINARY);
  std::thread killer([&] {
    hole.await_client();
    for (const pid_t worker : workers()) kill(worker, SIGKILL);
  });
  EXPECT_EQ(fetch_error(stuck, std::chrono::seconds(2)).fault, Fault::unavailable);
  killer.join();
  EXPECT_EQ(app_yaml(mirror, fetched(mirror), "main"), "one");
}

TEST_F(GitDaemonTest, AWorkerKilledWhileIdleIsReplaced) {
  origin.commit("main", "one");
  fetched(mirror);
  for (const pid_t worker : workers()) kill(worker, SIGKILL);
  EXPECT_EQ(app_yaml(mirror, fetched(mirror), "main"), "one");
}

TEST(Worker, DiesWithItsParentEvenWhileItWaits) {
  const TempFolder temp;
  const BlackHole hole;
  open_mirror(temp.path("mirror"), remote_at(temp.path("x")));
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 0);
  std::array<char*, 3> arguments{const_cast<char*>("bough"), const_cast<char*>("__git"), nullptr};
  pid_t pid = -1;
  ASSERT_EQ(posix_spawn(&pid, BOUGH_BINARY, &actions, nullptr, arguments.data(), environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  const Remote silent = remote_at("git://127.0.0.1:" + std::to_string(hole.port()) + "/x");
  send_message(ends[0], encode(FetchRequest{temp.path("mirror"), silent, kPatience}), std::nullopt);
  hole.await_client();
  close(ends[0]);
  EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
}

TEST_F(GitDaemonTest, AWorkerProgramThatIsNoneIsAnErrorInWords) {
  for (const char* program : {"/bin/false", "/nonexistent"}) {
    set_worker_program(program);
    EXPECT_NE(fetch_error(mirror).message.find("worker"), std::string::npos) << program;
  }
  set_worker_program(BOUGH_BINARY);
  EXPECT_EQ(fetched(mirror), Listing{});
}

}  // namespace
}  // namespace bough
