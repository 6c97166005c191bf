#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>

#include "git/forges/signature.h"

namespace bough::forges {
namespace {

const std::string kSecret(200, 's');
const std::string kBody = R"({"ref":"refs/heads/main"})";
const Instant kNow{std::chrono::seconds(1'700'000'000)};

/// How many instructions a child of ours executes between the two SIGSTOPs that `judge` raises;
/// negative when it cannot be watched or does not exit with 0.
long instructions(const std::function<bool()>& judge) {
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    _exit(judge() ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  long count = 0;
  for (;; ++count) {
    if (ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0) break;
    waitpid(child, &status, 0);
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) break;
  }
  if (!WIFSTOPPED(status)) return -1;
  ptrace(PTRACE_CONT, child, nullptr, nullptr);
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? count : -1;
}

/// Whether a signature is believed that is wrong so many digits before its end. Digits stay digits
/// and letters letters, so that reading them is the same work.
bool believes(std::size_t from_end) {
  Headers headers = signed_headers(Provider::github, Secret(kSecret), kBody, kNow);
  for (Header& header : headers)
    if (header.value.starts_with("sha256=")) {
      char& digit = header.value[header.value.size() - 1 - from_end];
      digit = static_cast<char>(digit == '9' || digit == 'f' ? digit - 1 : digit + 1);
    }
  Proof proof(Provider::github, {Secret(kSecret)}, headers, kNow);
  proof.take(kBody);
  raise(SIGSTOP);
  const bool matches = proof.matches();
  raise(SIGSTOP);
  return matches;
}

/// The same for a token that is compared as it is.
bool equals(std::size_t from_end) {
  std::string token = kSecret;
  token[token.size() - 1 - from_end] = 'x';
  raise(SIGSTOP);
  const bool equal = equal_in_constant_time(token, kSecret);
  raise(SIGSTOP);
  return equal;
}

/// Timing differences cannot be measured without noise; the instructions that cause them can.
TEST(Row2, AWrongProofCostsTheSameInstructionsWhereverItDiffers) {
  const auto cost = [](bool (*judge)(std::size_t), std::size_t from_end) {
    return instructions([&] { return judge(from_end); });
  };
  const long signature = cost(believes, 0), token = cost(equals, 0);
  ASSERT_GT(signature, 0);
  ASSERT_GT(token, 0);
  EXPECT_EQ(cost(believes, 63), signature);
  EXPECT_EQ(cost(equals, kSecret.size() - 1), token);
  EXPECT_EQ(cost(equals, kSecret.size() / 2), token);
}

}  // namespace
}  // namespace bough::forges
