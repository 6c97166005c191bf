#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "spec/app_spec.h"
#include "spec/bindables.h"

namespace bough {
namespace {

const std::string kFolder = BOUGH_SOURCE_DIR "/tests/cases/specs/";

std::string contents(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
  return parts;
}

/// A line of verdicts.tsv.
struct Verdict {
  std::string file;
  bool accepted;
  std::string databases;
  std::string jobs;
  std::string bindables;
};
void PrintTo(const Verdict& verdict, std::ostream* out) {
  *out << verdict.file;
}

std::vector<Verdict> verdicts() {
  std::vector<Verdict> result;
  for (const std::string& line : split(contents(kFolder + "verdicts.tsv"), '\n')) {
    auto cells = split(line, '\t');
    cells.resize(8);
    if (cells[0] == "file") continue;
    const bool accepted = cells[1] == "ACCEPT" || cells[2] == "ACCEPT";
    result.push_back({cells[0], accepted, cells[3], cells[4], cells[5]});
  }
  return result;
}

std::string databases_of(const AppSpec& spec) {
  std::string text;
  for (const DatabaseSpec& database : spec.databases) {
    text += (text.empty() ? "" : ",") + database.name.text() + "=";
    text += database.engine ? word_of(*database.engine) : "-";
    if (!database.version.empty()) text += " " + database.version;
    if (database.production) text += " prod";
  }
  return text;
}

std::string jobs_of(const AppSpec& spec) {
  static const std::map<JobKind, std::string> kWords{{JobKind::pre_deploy, "PRE_DEPLOY"},
                                                     {JobKind::post_deploy, "POST_DEPLOY"},
                                                     {JobKind::failed_deploy, "FAILED_DEPLOY"},
                                                     {JobKind::scheduled, "SCHEDULED"}};
  std::string text;
  for (const ComponentSpec& component : spec.components) {
    if (!component.job) continue;
    text +=
        (text.empty() ? "" : ",") + component.name.text() + ":" + kWords.at(component.job->kind);
    if (component.run_command.empty()) text += ":no run_command";
  }
  return text;
}

void collect(const std::vector<EnvEntry>& envs, std::set<std::string>& names) {
  for (const EnvEntry& env : envs)
    for (const Bindable& bindable : bindables(env.value))
      names.insert(bindable.component + (bindable.component.empty() ? "" : ".") +
                   bindable.variable);
}

std::string bindables_in(const AppSpec& spec) {
  std::set<std::string> names;
  collect(spec.envs, names);
  for (const ComponentSpec& component : spec.components) collect(component.envs, names);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

std::string all_texts(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += to_text(diagnostic) + "\n";
  return text;
}

/// What bough refuses, unlike the platform's own tool.
const std::map<std::string, int> kWithoutCluster{{"enact-hyku.yaml", 160},
                                                 {"enact-hyku-deploy.yaml", 132}};

/// Where the other wrong ones are wrong.
const std::map<std::string, Position> kWrong{{"doctl-not-a-mapping.yaml", {1, 1}},
                                             {"doctl-services-is-a-mapping.yaml", {3, 3}},
                                             {"doctl-unknown-field.yaml", {3, 1}},
                                             {"enact-hyku-simple-old.yaml", {21, 7}},
                                             {"skill-networking-5-invalid.yaml", {73, 30}}};

/// What is said of those that are read: code and line.
const std::map<std::string, std::string> kSaid{{"luthien-proxy.yaml", "no-command 77\n"}};

std::string said_of(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& one : diagnostics)
    text += one.code + " " + std::to_string(one.at.line) + "\n";
  return text;
}

class RealSpecs : public testing::TestWithParam<Verdict> {};

TEST_P(RealSpecs, AreReadAsTheVerdictSays) {
  const Verdict& verdict = GetParam();
  const auto reading = read_app_spec(contents(kFolder + verdict.file), verdict.file);
  if (const auto wrong = kWrong.find(verdict.file); wrong != kWrong.end()) {
    EXPECT_FALSE(verdict.accepted);
    ASSERT_EQ(reading.diagnostics.size(), 1U) << all_texts(reading.diagnostics);
    EXPECT_EQ(reading.diagnostics[0].at, wrong->second) << all_texts(reading.diagnostics);
    return;
  }
  if (const auto wrong = kWithoutCluster.find(verdict.file); wrong != kWithoutCluster.end()) {
    const auto first =
        std::find_if(reading.diagnostics.begin(), reading.diagnostics.end(),
                     [](const Diagnostic& one) { return one.severity == Severity::error; });
    ASSERT_NE(first, reading.diagnostics.end());
    EXPECT_EQ(first->code, "missing-cluster");
    EXPECT_EQ(first->at.line, wrong->second);
    return;
  }
  ASSERT_TRUE(verdict.accepted);
  ASSERT_TRUE(reading.spec) << all_texts(reading.diagnostics);
  const auto said = kSaid.find(verdict.file);
  EXPECT_EQ(said_of(reading.diagnostics), said == kSaid.end() ? "" : said->second);
  EXPECT_EQ(databases_of(*reading.spec), verdict.databases);
  EXPECT_EQ(jobs_of(*reading.spec), verdict.jobs);
  EXPECT_EQ(bindables_in(*reading.spec), verdict.bindables);
}

INSTANTIATE_TEST_SUITE_P(All, RealSpecs, testing::ValuesIn(verdicts()), [](const auto& row) {
  std::string name = row.param.file;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
  return name;
});

TEST(RealSpecsFolder, HoldsAFileForEachVerdict) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    files.insert(entry.path().filename().string());
  files.erase("README.md");
  files.erase("verdicts.tsv");
  std::set<std::string> judged;
  for (const Verdict& verdict : verdicts()) judged.insert(verdict.file);
  EXPECT_EQ(files, judged);
}

TEST(RealSpecsFolder, ReferencesToNothingAreReportedWhereTheyStand) {
  std::string text = contents(kFolder + "enact-hyku.yaml");
  text.replace(text.find("engine: REDIS"), 13, "engine: REDIS\n    cluster_name: enact-redis");
  const auto reading = read_app_spec(text, "app.yaml");
  ASSERT_TRUE(reading.spec) << all_texts(reading.diagnostics);
  const auto& wrong = reading.diagnostics;
  ASSERT_EQ(wrong.size(), 8U) << all_texts(wrong);
  EXPECT_EQ(to_text(wrong[0]),
            "app.yaml:60:16: warning: AWS_ACCESS_KEY_ID: `${AWS_ACCESS_KEY_ID}` names nothing in "
            "this app (add `AWS_ACCESS_KEY_ID` to `envs`, or fill it in before the file is pushed; "
            "components are: db, redis, web, worker, solr, fcrepo, db-migrate)");
}

}  // namespace
}  // namespace bough
