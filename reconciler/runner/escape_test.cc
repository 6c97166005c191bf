#include <sys/syscall.h>
#include <unistd.h>

#include "reconciler/runner/testing.h"

namespace bough::runner {
namespace {

namespace fs = std::filesystem;

class Escape : public testing::Test {
 protected:
  void SetUp() override { need(Sandbox::required); }

  std::string output(const std::string& command) const {
    ProcessRequest asked;
    asked.command = command;
    asked.root = folder_.checkout();
    asked.deadline = std::chrono::minutes(2);
    const auto ran = run(asked);
    return ran.error + joined(ran.lines);
  }
  // What errno these calls leave, as Python sees it.
  std::string errors_of(const std::string& calls) const {
    return output(
        "python3 -c '\nimport ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "def call(*words):\n"
        "    ctypes.set_errno(0)\n"
        "    done = libc.syscall(*words)\n"
        "    return 0 if done >= 0 else ctypes.get_errno()\n" +
        calls + "'");
  }

  TemporaryFolder folder_;
};

TEST_F(Escape, Row87_SystemCallsOfAttacksAreDenied) {
  const struct {
    const char* name;
    long number;
  } denied[] = {{"mount", SYS_mount},
                {"umount2", SYS_umount2},
                {"pivot_root", SYS_pivot_root},
                {"open_tree", SYS_open_tree},
                {"fsopen", SYS_fsopen},
                {"ptrace", SYS_ptrace},
                {"process_vm_readv", SYS_process_vm_readv},
                {"pidfd_getfd", SYS_pidfd_getfd},
                {"setns", SYS_setns},
                {"bpf", SYS_bpf},
                {"perf_event_open", SYS_perf_event_open},
                {"userfaultfd", SYS_userfaultfd},
                {"io_uring_setup", SYS_io_uring_setup},
                {"io_uring_enter", SYS_io_uring_enter},
                {"io_uring_register", SYS_io_uring_register},
                {"keyctl", SYS_keyctl},
                {"add_key", SYS_add_key},
                {"request_key", SYS_request_key},
                {"kexec_load", SYS_kexec_load},
                {"init_module", SYS_init_module},
                {"open_by_handle_at", SYS_open_by_handle_at}};
  std::string calls;
  std::string expected;
  for (const auto& each : denied) {
    calls += std::string("print(\"") + each.name + "\", call(" + std::to_string(each.number) +
             ", 0, 0, 0, 0, 0))\n";
    expected += std::string(each.name) + " 1\n";
  }
  EXPECT_EQ(errors_of(calls), expected) << "1 is EPERM";
}

TEST_F(Escape, Row87_NamespacesCannotBeMade) {
  const auto unshare = std::to_string(SYS_unshare);
  const auto clone3 = std::to_string(SYS_clone3);
  EXPECT_EQ(errors_of("for bit in 0x10000000, 0x40000000, 0x20000, 0x20000000, 0x80:\n"
                      "    print(call(" +
                      unshare +
                      ", bit))\n"
                      "print(call(" +
                      clone3 +
                      ", 0, 0))\n"
                      "print(call(" +
                      unshare + ", 0x400))\n"),
            "1\n1\n1\n1\n1\n38\n0\n")
      << "EPERM, ENOSYS for clone3, and success for what makes no namespace";
}

TEST_F(Escape, Row87_NothingIsTypedIntoATerminal) {
  EXPECT_EQ(output("python3 -c '\nimport fcntl\ntry: fcntl.ioctl(0, 0x5412, b\"x\")\n"
                   "except OSError as error: print(error.strerror)'"),
            "Operation not permitted\n");
}

TEST_F(Escape, Row87_NoDevicesNoRightsNoRawSockets) {
  EXPECT_EQ(output("mknod device b 8 0 2>/dev/null || echo refused"), "refused\n");
  EXPECT_EQ(output("python3 -c '\nimport os, socket\n"
                   "for act in (lambda: os.setuid(0), lambda: socket.socket(17, 3, 0), "
                   "lambda: os.chown(\"/checkout\", 0, 0)):\n"
                   "    try: act(); print(\"done\")\n"
                   "    except OSError as error: print(error.strerror)'"),
            "Invalid argument\nOperation not permitted\nInvalid argument\n")
      << "user 0 does not exist inside";
  EXPECT_EQ(
      output("grep -E '^(CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status |"
             " tr -s '\\t\\n' '  '"),
      "CapPrm: 0000000000000000 CapEff: 0000000000000000 CapBnd: 0000000000000000 CapAmb: "
      "0000000000000000 NoNewPrivs: 1 Seccomp: 2 \n");
}

TEST_F(Escape, Row87_LinksLeadNowhere) {
  const TemporaryFolder other;
  std::ofstream(other.checkout() + "/secret") << "secret";
  fs::permissions(other.checkout() + "/secret", fs::perms::all);
  EXPECT_EQ(output("ln -s " + other.checkout() +
                   "/secret link; cat link 2>/dev/null; "
                   "ln /usr/bin/env hard 2>/dev/null || echo no hard link"),
            "no hard link\n");
}

TEST_F(Escape, Row84_TheProgramOfBoughCannotBeChanged) {
  EXPECT_EQ(output("for number in 3 4 5 6 7 8 9 10; do "
                   "(echo x >/proc/1/fd/$number) 2>/dev/null && "
                   "readlink /proc/1/fd/$number | grep exe; done; "
                   "ls -l /proc/1/exe >/dev/null 2>&1; echo end"),
            "end\n");
}

TEST_F(Escape, Row84_KeysAgentsAndSocketsAreNotVisible) {
  for (const auto* path :
       {"/run/user", "/run/docker.sock", "/var/run/docker.sock", "/tmp/.X11-unix", "/root/.ssh",
        "/root/.aws", "/etc/bough", "/var/lib/bough", "/proc/kcore", "/sys/fs/cgroup", "/dev/kmsg",
        "/dev/fuse", "/dev/kvm"}) {
    EXPECT_EQ(
        output(std::string("head -c 1 ") + path + " 2>/dev/null; ls " + path + "/* 2>/dev/null"),
        "")
        << path;
  }
  ASSERT_EQ(setenv("SSH_AUTH_SOCK", "/tmp/agent", 1), 0);
  EXPECT_EQ(output("echo \"$SSH_AUTH_SOCK\""), "\n");
  unsetenv("SSH_AUTH_SOCK");
}

}  // namespace
}  // namespace bough::runner
