#include "git/checkout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "git/testing.h"

namespace bough {
namespace {

using namespace testing;
namespace fs = std::filesystem;

class CheckoutTest : public ::testing::Test {
 protected:
  Commit tree(const std::vector<Origin::Entry>& entries) {
    const Commit tip = origin.tree("main", entries);
    fetched(mirror);
    return tip;
  }
  /// A commit whose root holds one entry that git's own commands refuse to write.
  Commit raw_tree(const std::string& mode, const std::string& name, const std::string& content);

  TempFolder temp;
  Origin origin{temp.path("origin.git")};
  Mirror mirror = open_mirror(temp.path("mirror"), remote_at(origin.folder()));
  std::string folder = temp.path("work");
};

Commit CheckoutTest::raw_tree(const std::string& mode, const std::string& name,
                              const std::string& content) {
  origin.commit("main", "x");
  write_file(temp.path("raw"), content);
  const std::string blob = origin.git("hash-object -w '" + temp.path("raw") + "'");
  std::string bytes = mode + " " + name + '\0';
  const std::string id = mode == "40000" ? origin.git("rev-parse 'main^{tree}'") : blob;
  for (std::size_t i = 0; i < id.size(); i += 2)
    bytes += static_cast<char>(std::stoi(id.substr(i, 2), nullptr, 16));
  write_file(temp.path("raw"), bytes);
  const std::string made =
      origin.git("hash-object -t tree -w --literally '" + temp.path("raw") + "'");
  const std::string commit =
      origin.git("-c user.name=t -c user.email=t@t commit-tree -m x " + made);
  origin.git("update-ref refs/heads/raw " + commit);
  fetched(mirror);
  return commit_id(commit);
}

TEST_F(CheckoutTest, Row32_33_WritesFilesLinksFoldersAndModes) {
  const Commit tip = tree({{"100644", "app.yaml", "name: shop\r\n"},
                           {"100755", "bin/run", "#!/bin/sh\n"},
                           {"120000", "link", "bin/run"},
                           {"120000", "outward", "/etc/passwd"},
                           {"100644", ".gitattributes", "* text eol=lf filter=lfs\n"},
                           {"160000", "vendor/lib", std::string(40, 'a')}});
  auto done = mirror.checkout(tip, folder);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(text_of_file(folder + "/app.yaml"), "name: shop\r\n");
  EXPECT_NE(fs::status(folder + "/bin/run").permissions() & fs::perms::owner_exec, fs::perms::none);
  EXPECT_EQ(fs::status(folder + "/app.yaml").permissions() & fs::perms::owner_exec,
            fs::perms::none);
  EXPECT_EQ(fs::read_symlink(folder + "/link"), "bin/run");
  EXPECT_EQ(fs::read_symlink(folder + "/outward"), "/etc/passwd");
  EXPECT_TRUE(fs::is_empty(folder + "/vendor/lib"));
  EXPECT_FALSE(fs::exists(folder + "/.git"));
}

TEST_F(CheckoutTest, AnExistingFolderIsRefusedAndLeftAlone) {
  const Commit tip = tree({{"100644", "app.yaml", "x"}});
  write_file(folder + "/mine", "kept");
  auto done = mirror.checkout(tip, folder);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::invalid);
  EXPECT_EQ(text_of_file(folder + "/mine"), "kept");
}

TEST_F(CheckoutTest, AnUnknownCommitIsMissing) {
  auto done = mirror.checkout(commit_id(std::string(40, 'b')), folder);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::missing);
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(CheckoutTest, Row31_33_ForbiddenNamesAreRefusedAndNothingStays) {
  for (const char* name : {".git", ".GIT", ".Git", "..", ".", "a/b", "../escape", "/tmp/x"})
    for (const char* mode : {"100644", "40000"}) {
      const Commit tip = raw_tree(mode, name, "evil");
      auto done = mirror.checkout(tip, folder);
      ASSERT_FALSE(done) << name << " " << mode;
      EXPECT_FALSE(fs::exists(folder)) << name;
      EXPECT_FALSE(fs::exists(temp.path("escape")));
    }
}

TEST_F(CheckoutTest, Row31_AFileThroughALinkOfTheCommitIsRefused) {
  origin.commit("main", "x");
  write_file(temp.path("target"), temp.path("outside"));
  fs::create_directory(temp.path("outside"));
  const std::string link = origin.git("hash-object -w '" + temp.path("target") + "'");
  const std::string inner = origin.git("rev-parse 'main^{tree}'");
  std::string bytes;
  const auto entry = [&](const std::string& mode, const std::string& id) {
    bytes += mode + " twice" + '\0';
    for (std::size_t i = 0; i < id.size(); i += 2)
      bytes += static_cast<char>(std::stoi(id.substr(i, 2), nullptr, 16));
  };
  entry("120000", link);
  entry("40000", inner);
  write_file(temp.path("raw"), bytes);
  const std::string made =
      origin.git("hash-object -t tree -w --literally '" + temp.path("raw") + "'");
  const std::string tip = origin.git("-c user.name=t -c user.email=t@t commit-tree -m x " + made);
  origin.git("update-ref refs/heads/raw " + tip);
  fetched(mirror);
  EXPECT_FALSE(mirror.checkout(commit_id(tip), folder));
  EXPECT_TRUE(fs::is_empty(temp.path("outside")));
  EXPECT_FALSE(fs::exists(folder));
}

struct Odd {
  const char* name;
  std::vector<Origin::Entry> entries;
  const char* path;
  const char* says;
};
void PrintTo(const Odd& row, std::ostream* out) {
  *out << row.name;
}

class OddFile : public CheckoutTest, public ::testing::WithParamInterface<Odd> {};

TEST_P(OddFile, Row30_31_32_IsNotRead) {
  const Commit tip = tree(GetParam().entries);
  auto blob = mirror.read(tip, GetParam().path, 10);
  ASSERT_FALSE(blob);
  EXPECT_EQ(blob.error().fault, Fault::invalid) << blob.error().message;
  EXPECT_NE(blob.error().message.find(GetParam().says), std::string::npos) << blob.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, OddFile,
    ::testing::Values(
        Odd{"Link", {{"120000", "app.yaml", "/etc/passwd"}}, "app.yaml", "link"},
        Odd{"Folder", {{"100644", "app.yaml/x", "x"}}, "app.yaml", "folder"},
        Odd{"Submodule", {{"160000", "app.yaml", std::string(40, 'a')}}, "app.yaml", "submodule"},
        Odd{"ThroughALink", {{"120000", ".do", "/etc"}}, ".do/app.yaml", "link"},
        Odd{"TooLarge", {{"100644", "app.yaml", "01234567890"}}, "app.yaml", "11"},
        Odd{"Upward", {{"100644", "a", "x"}}, "../a", "leaves"},
        Odd{"NoPath", {{"100644", "a", "x"}}, "", "empty"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(CheckoutTest, Row30_AbsentFilesAreNothing) {
  const Commit tip = tree({{"100644", "file", "x"}, {"100644", "folder/x", "x"}});
  for (const char* path : {"app.yaml", ".do/app.yaml", "file/x", "folder/y"}) {
    auto blob = mirror.read(tip, path, 10);
    ASSERT_TRUE(blob) << path << ": " << blob.error().message;
    EXPECT_FALSE(*blob) << path;
    auto id = mirror.find(tip, path);
    ASSERT_TRUE(id) << path;
    EXPECT_FALSE(*id) << path;
  }
}

TEST_F(CheckoutTest, Row30_TheEmptyTreeHasNoFiles) {
  const std::string tip =
      origin.git("-c user.name=t -c user.email=t@t commit-tree -m x $(git --git-dir='" +
                 origin.folder() + "' hash-object -t tree -w /dev/null)");
  origin.git("update-ref refs/heads/main " + tip);
  fetched(mirror);
  auto blob = mirror.read(commit_id(tip), "app.yaml", 10);
  ASSERT_TRUE(blob);
  EXPECT_FALSE(*blob);
  EXPECT_TRUE(mirror.checkout(commit_id(tip), folder));
  EXPECT_TRUE(fs::is_empty(folder));
}

}  // namespace
}  // namespace bough
