#include "reconciler/runner/seccomp.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace bough::runner {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t our_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t our_architecture = AUDIT_ARCH_AARCH64;
#else
#error "the numbers of this architecture's system calls are not known here"
#endif

constexpr std::uint32_t never[] = {
    // Mounts.
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_move_mount,
    SYS_open_tree,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_open_by_handle_at,
    // Other processes and namespaces.
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_pidfd_getfd,
    SYS_setns,
    // Large or privileged parts of the kernel.
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_fanotify_init,
    // The machine itself.
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_vhangup,
#if defined(__x86_64__)
    SYS_iopl,
    SYS_ioperm,
#endif
};

constexpr std::uint32_t new_namespaces = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET |
                                         CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS |
                                         0x80 /* CLONE_NEWTIME */;

constexpr std::uint32_t fails_with(int error) {
  return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
}

// A program of the kernel's packet filter over one system call.
class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    unless_equal(our_architecture, fails_with(ENOSYS));
    load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    // The x32 calls are the same ones by other numbers.
    if_any_bit(0x40000000, fails_with(ENOSYS));
#endif
  }
  void deny(std::uint32_t call) {
    if_equal(call, fails_with(EPERM));
  }
  void hide(std::uint32_t call) {
    if_equal(call, fails_with(ENOSYS));
  }

  // Where the lower half of an argument has one of these bits.
  void deny_bits(std::uint32_t call, int argument, std::uint32_t bits) {
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
    load(low_half(argument));
    if_any_bit(bits, fails_with(EPERM));
    load(offsetof(seccomp_data, nr));
  }
  void deny_value(std::uint32_t call, int argument, std::uint32_t value) {
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
    load(low_half(argument));
    if_equal(value, fails_with(EPERM));
    load(offsetof(seccomp_data, nr));
  }

  bool install() {
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    const sock_fprog program{static_cast<unsigned short>(steps_.size()), steps_.data()};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
  }

 private:
  static std::uint32_t low_half(int argument) {
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args) +
                                      sizeof(std::uint64_t) * static_cast<std::size_t>(argument));
  }
  void add(int code, std::uint32_t value, std::uint8_t if_true, std::uint8_t if_false) {
    steps_.push_back({static_cast<std::uint16_t>(code), if_true, if_false, value});
  }
  void load(std::size_t offset) {
    add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset), 0, 0);
  }
  void if_equal(std::uint32_t value, std::uint32_t answer) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    add(BPF_RET | BPF_K, answer, 0, 0);
  }
  void unless_equal(std::uint32_t value, std::uint32_t answer) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    add(BPF_RET | BPF_K, answer, 0, 0);
  }
  void if_any_bit(std::uint32_t bits, std::uint32_t answer) {
    add(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    add(BPF_RET | BPF_K, answer, 0, 0);
  }

  std::vector<sock_filter> steps_;
};

}  // namespace

std::optional<std::string> give_up_system_calls() {
  Filter filter;
  for (const auto call : never) filter.deny(call);
  filter.deny_bits(SYS_unshare, 0, new_namespaces);
  filter.deny_bits(SYS_clone, 0, new_namespaces);
  // Its flags lie in memory; the C library then takes clone.
  filter.hide(SYS_clone3);
  filter.deny_value(SYS_ioctl, 1, TIOCSTI);
  filter.deny_value(SYS_ioctl, 1, TIOCLINUX);
  if (filter.install()) return std::nullopt;
  return std::string("giving up system calls: ") + std::strerror(errno);
}

}  // namespace bough::runner
