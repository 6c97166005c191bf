#include "reconciler/runner/sandbox.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "reconciler/runner/fd.h"
#include "reconciler/runner/testing.h"

namespace bough::runner {
namespace {

namespace fs = std::filesystem;

class InSandbox : public testing::Test {
 protected:
  void SetUp() override { need(Sandbox::required); }

  ProcessRequest request(const std::string& command) const {
    ProcessRequest made;
    made.command = command;
    made.root = folder_.checkout();
    made.sandbox = Sandbox::required;
    made.deadline = std::chrono::minutes(2);
    return made;
  }
  std::string output(const std::string& command) const {
    const auto ran = run(request(command));
    return ran.error + joined(ran.lines);
  }

  TemporaryFolder folder_;
};

TEST_F(InSandbox, SeesNothingOfTheRestOfTheMachine) {
  const TemporaryFolder other;
  const auto secret = other.checkout() + "/secret";
  std::ofstream(secret) << "x";
  fs::permissions(secret, fs::perms::all);
  ASSERT_EQ(chmod(other.path().c_str(), 0755), 0);
  for (const std::string& path :
       {secret, other.path(), folder_.path(), std::string("/etc/shadow"),
        std::string("/etc/environment"), std::string("/etc/ssl/private"),
        std::string("/sys/kernel"), std::string("/var/lib"), std::string("/boot"),
        std::string("/dev/mem"), std::string("/run/systemd")}) {
    EXPECT_EQ(output("test -e '" + path + "' && echo visible"), "") << path;
  }
  for (const auto* path : {"/home", "/root", "/run", "/tmp", "/var/tmp"}) {
    EXPECT_EQ(output(std::string("ls -A ") + path + " | grep -v '^home$'"), "") << path;
  }
}

TEST_F(InSandbox, SeesNoHiddenFileBesidePrograms) {
  std::string folder = "/usr/local/etc/bough-test-XXXXXX";
  if (geteuid() != 0) return;  // nobody else can put anything there
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  ASSERT_EQ(chmod(folder.c_str(), 0755), 0);
  std::ofstream(folder + "/secret") << "x";
  std::ofstream(folder + "/other") << "y";
  fs::create_symlink(folder + "/secret", folder + "/link");
  auto asked =
      request("cat " + folder + "/secret " + folder + "/link " + folder + "/other 2>/dev/null");
  EXPECT_EQ(joined(run(asked).lines), "xxy\n");
  asked.hidden = {folder + "/link", "/no/such/file"};
  EXPECT_EQ(joined(run(asked).lines), "y\n");
  asked.hidden = {folder};
  asked.command = "ls -A " + folder;
  EXPECT_EQ(joined(run(asked).lines), "");
  fs::remove_all(folder);
}

TEST_F(InSandbox, SeesWhatProgramsNeed) {
  EXPECT_EQ(output("pwd; ls -d /usr/bin/env /bin/sh /etc/passwd /etc/resolv.conf /dev/null"),
            "/checkout\n/bin/sh\n/dev/null\n/etc/passwd\n/etc/resolv.conf\n/usr/bin/env\n");
  EXPECT_EQ(output("node -e 'console.log(1 + 1, os.homedir())'"), "2 /tmp/home\n");
  EXPECT_EQ(output("python3 -c 'import ssl; "
                   "print(ssl.create_default_context().cert_store_stats()[\"x509_ca\"] > 0)'"),
            "True\n");
}

TEST_F(InSandbox, WritesNowhereElse) {
  for (const auto* path : {"/x", "/usr/x", "/etc/x", "/dev/x", "/home/x", "/root/x", "/run/x"}) {
    EXPECT_EQ(output(std::string("(echo x >") + path + ") 2>/dev/null && echo wrote"), "") << path;
  }
}

TEST_F(InSandbox, SeesOnlyItsOwnProcesses) {
  EXPECT_EQ(output("ls -d /proc/[0-9]* | wc -l | sed 's/^[1-5]$/few/'"), "few\n");
  auto asked = request("tr '\\0' '\\n' </proc/1/environ; tr '\\0' ' ' </proc/1/cmdline; echo");
  asked.variables["A"] = "1";
  const auto text = joined(run(asked).lines);
  EXPECT_EQ(text.find(folder_.path()), std::string::npos) << "the path of the checkout: " << text;
  EXPECT_EQ(text.find("A=1"), std::string::npos)
      << "a branch's variables reached bubblewrap: " << text;
}

TEST_F(InSandbox, CannotMakeAnother) {
  EXPECT_NE(output("unshare --user true || echo refused").find("refused"), std::string::npos);
  EXPECT_NE(output("mount -t tmpfs x /tmp || echo refused").find("refused"), std::string::npos);
}

TEST_F(InSandbox, PreloadedLibrariesActOnlyInside) {
  auto asked = request("echo inside");
  asked.variables["LD_PRELOAD"] = "/checkout/no-such-library.so";
  const auto ran = run(asked);
  EXPECT_EQ(ran.lines.back(), "inside") << ran.error;
  EXPECT_EQ(joined(ran.lines).find("bwrap"), std::string::npos);
}

TEST_F(InSandbox, ReachesTheGivenSockets) {
  const auto sockets = folder_.path() + "/sockets";
  fs::create_directory(sockets);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (sockets + "/s").copy(address.sun_path, sizeof address.sun_path - 1);
  const Fd server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(bind(server.number(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(server.number(), 1), 0);
  ASSERT_EQ(chmod(address.sun_path, 0666), 0);
  auto asked = request(
      "node -e 'net.connect(process.env.AT + \"/s\").on(\"connect\", function() { "
      "console.log(\"connected\"); "
      "this.destroy(); }).on(\"error\", console.log)'; rm -f \"$AT/s\" 2>/dev/null || echo kept");
  asked.variables["AT"] = sockets;
  asked.sockets = {sockets};
  EXPECT_EQ(joined(run(asked).lines), "connected\nkept\n");
  asked.sockets = {};
  EXPECT_EQ(joined(run(asked).lines).find("connected"), std::string::npos);
}

TEST_F(InSandbox, AnUnreachableCheckoutIsAnError) {
  if (geteuid() != 0) return;  // then checkouts are our own
  ASSERT_EQ(chmod(folder_.path().c_str(), 0700), 0);
  const auto error = run(request("true")).error;
  EXPECT_NE(error.find("entering " + folder_.checkout() + ": Permission denied"), std::string::npos)
      << error;
}

// A bubblewrap of the test's own comes first in the PATH, and a user whom no other test tried.
class BrokenSandbox : public InSandbox {
 protected:
  void SetUp() override {
    std::ofstream(folder_.path() + "/bwrap")
        << "#!/bin/sh\necho 'bwrap: not allowed here'; exit 1\n";
    ASSERT_EQ(chmod((folder_.path() + "/bwrap").c_str(), 0755), 0);
    ASSERT_EQ(setenv("PATH", (folder_.path() + ":" + path_).c_str(), 1), 0);
  }
  void TearDown() override { setenv("PATH", path_.c_str(), 1); }

  ProcessRequest asked(Sandbox sandbox) const {
    auto made = request("echo ran");
    made.sandbox = sandbox;
    made.user = RunUser{"stranger", 54321, 54321};
    return made;
  }
  const std::string path_ = std::getenv("PATH");
};

TEST_F(BrokenSandbox, Row91_WhatMustBeSandboxedDoesNotRun) {
  if (geteuid() != 0) return;  // the answer for ourselves is known by now
  const auto outcome = run_process(asked(Sandbox::required), {}, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().fault, Fault::refused);
  EXPECT_NE(outcome.error().message.find("bwrap: not allowed here"), std::string::npos);
  EXPECT_NE(outcome.error().message.find("install bubblewrap"), std::string::npos);
}

TEST_F(BrokenSandbox, WhatNeedNotBeSandboxedRunsAndSaysSo) {
  if (geteuid() != 0) return;
  const auto ran = run(asked(Sandbox::off));
  EXPECT_EQ(ran.lines, std::vector<std::string>{"ran"}) << ran.error;
  EXPECT_FALSE(ran.outcome.sandboxed);
  EXPECT_EQ(ran.outcome.note, "ran without a sandbox, as configured");
}

TEST(Sandboxes, WorkHere) {
  const auto works = sandbox_works();
  EXPECT_TRUE(works) << works.error().message;
}

}  // namespace
}  // namespace bough::runner
