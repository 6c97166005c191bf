#include <gtest/gtest.h>

#include <fstream>

#include "git/testing.h"

namespace bough {
namespace {

using namespace testing;

/// Repositories of kinds that few have, behind `git daemon` and as folders.
class OddRepository : public ::testing::Test {
 protected:
  std::string folder(const std::string& name) const { return temp.path(name); }
  std::string url(const std::string& name) const {
    return "git://127.0.0.1:" + std::to_string(port) + "/" + name;
  }
  Mirror mirror_of(const std::string& url) {
    return open_mirror(temp.path("mirror"), remote_at(url));
  }

  void expect_refusal(const std::string& from, const std::string& says) {
    Mirror mirror = mirror_of(from);
    const Error error = fetch_error(mirror);
    EXPECT_EQ(error.fault, Fault::invalid) << error.message;
    EXPECT_NE(error.message.find("not supported"), std::string::npos) << error.message;
    EXPECT_NE(error.message.find(says), std::string::npos) << error.message;
  }

  TempFolder temp;
  Origin origin{temp.path("origin.git")};
  Commit tip = origin.commit("main", "name: shop");
  int port = free_port();
  Server daemon{{"git", "daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1",
                 "--port=" + std::to_string(port), "--base-path=" + temp.path(), temp.path()},
                port};
};

TEST_F(OddRepository, Row38_MoreThanAMillionReferencesAreRefusedAndOthersGoOn) {
  Origin crowd(folder("crowd.git"));
  const Commit commit = crowd.commit("main", "name: crowd");
  {
    std::ofstream packed(folder("crowd.git/packed-refs"));
    packed << "# pack-refs with: peeled fully-peeled sorted\n";
    for (int i = 1'000'000; i < 2'000'001; ++i)
      packed << commit.text() << " refs/heads/b" << i << '\n';
  }
  Mirror crowded = mirror_of(url("crowd.git"));
  const Error error = fetch_error(crowded);
  EXPECT_EQ(error.fault, Fault::unavailable) << error.message;
  EXPECT_NE(error.message.find("more than bough reads"), std::string::npos) << error.message;
  Mirror other = open_mirror(folder("other"), remote_at(url("origin.git")));
  EXPECT_EQ(app_yaml(other, fetched(other), "main"), "name: shop");
}

TEST_F(OddRepository, Row42_AShallowCloneIsRefusedInWords) {
  origin.commit("main", "name: later");
  shell("git clone -q --bare --depth 1 'file://" + origin.folder() + "' '" + folder("shallow.git") +
        "'");
  for (const std::string& from : {url("shallow.git"), folder("shallow.git")})
    expect_refusal(from, "shallow");
}

TEST_F(OddRepository, Row42_AFolderOfAnotherFormatIsRefusedInWords) {
  shell("git -C '" + origin.folder() + "' config uploadpack.allowFilter true");
  shell("git clone -q --bare --filter=blob:none 'file://" + origin.folder() + "' '" +
        folder("partial.git") + "'");
  expect_refusal(folder("partial.git"), "partial clones");
  origin.git("config core.repositoryFormatVersion 1");
  origin.git("config extensions.refStorage reftable");
  expect_refusal(origin.folder(), "refstorage");
}

}  // namespace
}  // namespace bough
