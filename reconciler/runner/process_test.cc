#include "reconciler/runner/process.h"

#include <sys/stat.h>
#include <unistd.h>

#include "reconciler/runner/testing.h"

namespace bough::runner {
namespace {

namespace fs = std::filesystem;

// Each test runs in the sandbox and without it.
class Process : public testing::TestWithParam<Sandbox> {
 protected:
  void SetUp() override { need(GetParam()); }

  ProcessRequest request(const std::string& command) const {
    ProcessRequest made;
    made.command = command;
    made.root = folder_.checkout();
    made.sandbox = GetParam();
    made.deadline = std::chrono::minutes(2);
    return made;
  }

  TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Runner, Process, testing::Values(Sandbox::required, Sandbox::off),
                         [](const auto& each) {
                           return each.param == Sandbox::off ? "Off" : "Sandboxed";
                         });

TEST_P(Process, Row89_EndsAsItsCommandDid) {
  const struct {
    const char* command;
    RunState state;
    int exit_code;
    const char* note;
  } cases[] = {
      {"true", RunState::succeeded, 0, ""},
      {"exit 7", RunState::failed, 7, ""},
      {"no-such-program-at-all", RunState::failed, 127, ""},
      {"kill -9 $$", RunState::failed, 137, "ended by the signal KILL"},
      {"kill -SEGV $$", RunState::failed, 139, "ended by the signal SEGV"},
      {"kill -TERM $$", RunState::failed, 143, "ended by the signal TERM"},
      {"exit 300; ' unended", RunState::failed, 2, ""},
      {"", RunState::succeeded, 0, ""},
  };
  for (const auto& each : cases) {
    const auto ran = run(request(each.command));
    EXPECT_EQ(ran.error, "") << each.command;
    EXPECT_EQ(ran.outcome.state, each.state) << each.command;
    EXPECT_EQ(ran.outcome.exit_code, each.exit_code) << each.command;
    EXPECT_NE(ran.outcome.note.find(each.note), std::string::npos) << ran.outcome.note;
    EXPECT_EQ(ran.outcome.sandboxed, GetParam() == Sandbox::required);
  }
}

TEST_P(Process, GivesBothStreamsLineByLine) {
  const auto ran = run(request("echo one; echo two >&2; printf three"));
  EXPECT_EQ(ran.lines, (std::vector<std::string>{"one", "two", "three"}));
}

TEST_P(Process, LinesArriveWhileItRuns) {
  auto asked = request("echo ready; while ! test -e go; do sleep 0.01; done; echo went");
  const auto ran = run(asked, [&](std::string_view line) {
    if (line == "ready") std::ofstream(folder_.checkout() + "/go");
  });
  EXPECT_EQ(ran.lines, (std::vector<std::string>{"ready", "went"}));
}

TEST_P(Process, HasEmptyInput) {
  const auto ran = run(request("cat; echo end"));
  EXPECT_EQ(ran.lines, std::vector<std::string>{"end"});
}

TEST_P(Process, HasOnlyTheGivenVariables) {
  ASSERT_EQ(setenv("BOUGH_TEST_PRIVATE", "inherited", 1), 0);
  auto asked = request("env | sed 's/=.*//' | sort | tr '\\n' ' '; echo; echo \"$B\"");
  asked.variables = {{"A", "1"}, {"B", "two 'lines'\n$HOME \\"}, {"PGHOST", "x"}};
  const auto ran = run(asked);
  unsetenv("BOUGH_TEST_PRIVATE");
  ASSERT_EQ(ran.lines.size(), 3u) << joined(ran.lines) << ran.error;
  for (const auto* name : {"A ", "B ", "HOME ", "LANG ", "PATH ", "PGHOST ", "TZ "}) {
    EXPECT_NE(ran.lines[0].find(name), std::string::npos) << name << " in " << ran.lines[0];
  }
  EXPECT_EQ(ran.lines[0].find("BOUGH"), std::string::npos);
  EXPECT_EQ(ran.lines[1] + "\n" + ran.lines[2], "two 'lines'\n$HOME \\");
}

TEST_P(Process, HasAHomeAndATemporaryFolderToWriteTo) {
  const auto ran = run(request("echo x >$HOME/file && echo y >$(mktemp) && echo $HOME"));
  ASSERT_EQ(ran.lines.size(), 1u) << joined(ran.lines);
  EXPECT_FALSE(fs::exists(ran.lines[0])) << "the home is left behind";
}

TEST_P(Process, WritesToTheCheckout) {
  fs::create_directories(folder_.checkout() + "/sub");
  std::ofstream(folder_.checkout() + "/sub/in") << "given";
  auto asked = request("cat in >out && echo x >../top");
  asked.folder = "sub";
  EXPECT_EQ(run(asked).outcome.state, RunState::succeeded);
  EXPECT_EQ(text_of(folder_.checkout() + "/sub/out"), "given");
  EXPECT_EQ(text_of(folder_.checkout() + "/top"), "x\n");
}

TEST_P(Process, FoldersMayHaveAnyName) {
  for (const std::string name :
       {"-x", "$(touch pwned)", "a b'\"c", "x;id", "\xFF\xFE", "new\nline"}) {
    fs::create_directories(folder_.checkout() + "/" + name);
    auto asked = request("echo here >file");
    asked.folder = name;
    EXPECT_EQ(run(asked).error, "") << name;
    EXPECT_EQ(text_of(folder_.checkout() + "/" + name + "/file"), "here\n") << name;
    asked = request("echo here >file");
    asked.root = folder_.checkout() + "/" + name;
    fs::remove(asked.root + "/file");
    EXPECT_EQ(run(asked).error, "") << name;
    EXPECT_EQ(text_of(asked.root + "/file"), "here\n") << name;
  }
}

TEST_P(Process, IsNotStartedWhereItCannotBe) {
  fs::create_symlink("/usr", folder_.checkout() + "/out");
  fs::create_symlink("..", folder_.checkout() + "/up");
  fs::create_symlink("loop", folder_.checkout() + "/loop");
  std::ofstream(folder_.checkout() + "/file");
  const struct {
    std::string folder;
    const char* error;
  } cases[] = {
      {"..", "the folder .. is not in the checkout"},
      {"a/../..", "the folder a/../.. is not in the checkout"},
      {"/usr", "the folder /usr is not in the checkout"},
      {"out", "the folder out is not in the checkout"},
      {"out/bin", "the folder out/bin is not in the checkout"},
      {"up", "the folder up is not in the checkout"},
      {"loop", "the checkout has no folder loop"},
      {"missing", "the checkout has no folder missing"},
      {"file", "the checkout has no folder file"},
  };
  for (const auto& each : cases) {
    auto asked = request("echo started");
    asked.folder = each.folder;
    const auto ran = run(asked);
    EXPECT_EQ(ran.error, each.error);
    EXPECT_TRUE(ran.lines.empty());
  }
}

TEST_P(Process, RefusesWhatCannotBePassedOn) {
  using Change = void (*)(ProcessRequest&);
  const struct {
    const char* error;
    Change change;
  } cases[] = {
      {"cannot be the name of a variable", [](auto& it) { it.variables["A=B"] = "x"; }},
      {"cannot be the name of a variable", [](auto& it) { it.variables[""] = "x"; }},
      {"has a NUL byte", [](auto& it) { it.variables["A"] = std::string(3, '\0'); }},
      {"has a NUL byte", [](auto& it) { it.command = std::string("echo \0x", 7); }},
      {"is no folder", [](auto& it) { it.root += "-missing"; }},
      {"is no checkout", [](auto& it) { it.root = "/"; }},
      {"is no folder", [](auto& it) { it.sockets = {"/no/such/folder"}; }},
      {"opening the log", [](auto& it) { it.log_file = "/no/such/folder/log"; }},
  };
  for (const auto& each : cases) {
    auto asked = request("echo started");
    each.change(asked);
    EXPECT_NE(run(asked).error.find(each.error), std::string::npos) << each.error;
  }
}

TEST_P(Process, KeepsItsOutputMasked) {
  auto asked =
      request("echo $PGPASSWORD; echo $URL; echo $PGPASSWORD | base64; printf '\\033[1m!\\n'");
  asked.variables = {{"PGPASSWORD", "pass/w0rd+1"}, {"URL", "postgresql://u:pass%2Fw0rd%2B1@h/d"}};
  asked.secrets = {"pass/w0rd+1", "abc"};
  asked.log_file = folder_.path() + "/log";
  const auto ran = run(asked);
  EXPECT_EQ(joined(ran.lines), text_of(asked.log_file));
  ASSERT_EQ(ran.lines.size(), 4u) << joined(ran.lines);
  EXPECT_EQ(ran.lines[0], "***");
  EXPECT_EQ(ran.lines[1], "postgresql://u:***@h/d");
  EXPECT_EQ(ran.lines[2].find("***"), 0u) << ran.lines[2];
  EXPECT_EQ(ran.lines[3], "!");
  EXPECT_EQ(fs::status(asked.log_file).permissions(), fs::perms(0600));
}

TEST_P(Process, NothingSecretIsInTheProcessList) {
  auto asked = request("echo ready; while ! test -e go; do sleep 0.01; done");
  const auto secret = unique_text();
  asked.variables = {{"PGPASSWORD", secret}};
  asked.secrets = {secret};
  bool looked = false;
  const auto ran = run(asked, [&](std::string_view) {
    EXPECT_EQ(processes_showing(secret), std::vector<int>());
    EXPECT_NE(processes_with(secret), std::vector<int>()) << "looked at the wrong time";
    looked = true;
    std::ofstream(folder_.checkout() + "/go");
  });
  EXPECT_TRUE(looked) << ran.error;
}

TEST_P(Process, Row85_KeepsTheFirstAndTheLastLinesOfVeryMany) {
  auto asked = request("seq -f 'line %09.0f' 1000000");
  asked.log_file = folder_.path() + "/log";
  asked.log_limit = 100000;
  const auto ran = run(asked);
  EXPECT_EQ(ran.outcome.state, RunState::succeeded) << ran.error;
  const auto log = text_of(asked.log_file);
  EXPECT_EQ(log, joined(ran.lines));
  EXPECT_LE(log.size(), asked.log_limit);
  EXPECT_EQ(ran.lines.front(), "line 000000001");
  EXPECT_EQ(ran.lines.back(), "line 001000000");
  const auto left_out = log.find(" bytes are left out here]\n");
  ASSERT_NE(left_out, std::string::npos);
  const auto number = log.rfind(' ', left_out - 1);
  const auto begin = log.rfind('\n', number);
  EXPECT_EQ(std::stoul(log.substr(number)) + log.size() - (log.find('\n', left_out) - begin),
            1000000u * 15);
}

TEST_P(Process, AppendsToItsLog) {
  for (const auto* command : {"echo first", "echo second"}) {
    auto asked = request(command);
    asked.log_file = folder_.path() + "/log";
    run(asked);
  }
  EXPECT_EQ(text_of(folder_.path() + "/log"), "first\nsecond\n");
}

TEST_P(Process, OutputWithoutANewlineEndsTooAtTheDeadline) {
  auto asked = request("tr '\\0' x </dev/zero");
  asked.deadline = std::chrono::milliseconds(500);
  std::size_t longest = 0;
  const auto outcome = run_process(
      asked, [&](std::string_view line) { longest = std::max(longest, line.size()); }, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->state, RunState::timed_out);
  EXPECT_EQ(longest, 65536u);
}

TEST_P(Process, ManyVariablesAndLongOnesArePassedOn) {
  auto asked = request("env | wc -l; printf %s \"$LONG\" | wc -c");
  for (int at = 0; at < 1999; ++at) asked.variables["N" + std::to_string(at)] = "v";
  asked.variables["LONG"] = std::string(100000, 'x');
  const auto ran = run(asked);
  ASSERT_EQ(ran.lines.size(), 2u) << ran.error;
  EXPECT_GE(std::stoi(ran.lines[0]), 2000);
  EXPECT_EQ(ran.lines[1], "100000");
  asked.variables["ONE_MORE"] = "";
  EXPECT_EQ(run(asked).error, "more than 2000 variables");
}

TEST_P(Process, HasLimits) {
  const auto ran = run(request("ulimit -c; ulimit -n; ulimit -f"));
  ASSERT_EQ(ran.lines.size(), 3u);
  EXPECT_EQ(ran.lines[0], "0");
  EXPECT_LE(std::stol(ran.lines[1]), 65536);
  EXPECT_EQ(ran.lines[2], "20971520") << "10 GiB in blocks of 512 bytes";
}

TEST_P(Process, InheritsNoDescriptors) {
  const int open_here = dup(STDERR_FILENO);
  const auto ran = run(request("ls /proc/self/fd | sort -n | tr '\\n' ' '"));
  close(open_here);
  ASSERT_EQ(ran.lines.size(), 1u) << ran.error;
  EXPECT_EQ(ran.lines[0], "0 1 2 3 ") << "3 is what ls reads the folder by";
}

TEST_P(Process, NeverRunsAsRoot) {
  const auto ran = run(request("id -u; id -G; grep NoNewPrivs /proc/self/status"));
  ASSERT_EQ(ran.lines.size(), 3u) << ran.error;
  EXPECT_NE(ran.lines[0], "0");
  EXPECT_EQ(ran.lines[1].find(' '), std::string::npos) << "one group only: " << ran.lines[1];
  EXPECT_EQ(ran.lines[2].back(), '1');
}

TEST_P(Process, ABigParentStartsItToo) {
  const std::vector<char> resident(std::size_t{512} << 20, 'x');
  EXPECT_EQ(run(request("echo fine")).lines, std::vector<std::string>{"fine"});
  EXPECT_EQ(resident.back(), 'x');
}

TEST_P(Process, AClosedOutputDoesNotEndIt) {
  auto asked = request("exec >&- 2>&-; while ! test -e go; do sleep 0.01; done; exit 3");
  int questions = 0;
  const auto ran = run(asked, {}, [&] {
    if (++questions == 3) std::ofstream(folder_.checkout() + "/go");
    return false;
  });
  EXPECT_EQ(ran.outcome.exit_code, 3) << ran.error;
}

}  // namespace
}  // namespace bough::runner
