#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "git/testing.h"
#include "spec/place.h"

namespace bough {
namespace {

using namespace testing;

/// The names of tests/cases/branches, and some that are no UTF-8 or twins of others.
std::vector<std::string> odd_names() {
  const std::string folder = std::string(BOUGH_SOURCE_DIR) + "/tests/cases/branches/";
  std::vector<std::string> names{"-x",
                                 "--upload-pack=x",
                                 "`id`",
                                 "a&b",
                                 "\"q\"",
                                 "\xff\xfe",
                                 "line\xe2\x80\xa8separator",
                                 "\xe2\x80\xaeright-to-left",
                                 "HEAD",
                                 "refs/b/00/x",
                                 "\xf0\x9f\x8c\xb3"};
  std::ifstream hostile(folder + "hostile.jsonl");
  for (std::string line; std::getline(hostile, line);)
    names.push_back(nlohmann::json::parse(line).at("name").get<std::string>());
  std::ifstream real(folder + "real.tsv");
  std::string line;
  std::getline(real, line);
  while (std::getline(real, line)) names.push_back(line.substr(0, line.find('\t')));
  return names;
}

class OddNames : public ::testing::Test {
 protected:
  OddNames() {
    std::string stream;
    std::string packed = "# pack-refs with: peeled fully-peeled \n";
    const Commit base = origin.commit("base", "base");
    for (const std::string& name : odd_names()) {
      const Commit tip = origin.commit("work", "name: " + name, "refs/heads/base");
      texts[name] = "name: " + name;
      packed += tip.text() + " refs/heads/" + name + "\n";
      origin.remove("work");
    }
    write_file(origin.folder() + "/packed-refs", packed);
    origin.git("pack-refs --all");
  }

  void expect_all_from(const std::string& url) {
    Mirror mirror = open_mirror(temp.path("mirror"), remote_at(url));
    for (int round = 0; round < 2; ++round) {
      const Listing listing = fetched(mirror);
      EXPECT_EQ(listing.branches.size(), texts.size() + 1);
      for (const auto& [name, text] : texts)
        EXPECT_EQ(app_yaml(mirror, listing, name), text) << printable(name);
    }
  }

  TempFolder temp;
  Origin origin{temp.path("origin.git")};
  std::map<std::string, std::string> texts;
};

TEST_F(OddNames, Row24_25_AreListedAndReadFromAFolder) {
  expect_all_from(origin.folder());
}

TEST_F(OddNames, Row24_25_AreListedAndReadFromAServer) {
  const int port = free_port();
  const Server daemon({"git", "daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1",
                       "--port=" + std::to_string(port), "--base-path=" + temp.path(), temp.path()},
                      port);
  expect_all_from("git://127.0.0.1:" + std::to_string(port) + "/origin.git");
}

}  // namespace
}  // namespace bough
