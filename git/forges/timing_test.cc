#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "git/forges/signature.h"

namespace bough::forges {
namespace {

const std::string kSecret(200, 's');
const std::string kBody = R"({"ref":"refs/heads/main"})";
const Instant kNow{std::chrono::seconds(1'700'000'000)};

bool believed(Provider provider, const Headers& headers) {
  Proof proof(provider, {Secret(kSecret)}, headers, kNow);
  proof.take(kBody);
  return proof.matches();
}

/// Between two SIGSTOPs of a child of ours, how many instructions it executes while it judges these
/// headers; negative when it believes them or cannot be watched.
long instructions(Provider provider, const Headers& headers) {
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
    const bool wrong = believed(provider, headers);
    raise(SIGSTOP);
    _exit(wrong ? 1 : 0);
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

/// The headers with one byte of the proof changed, `from_end` bytes before its end. Digits stay
/// digits and letters letters, so that reading them is the same work.
Headers spoilt(Provider provider, std::size_t from_end) {
  Headers headers = signed_headers(provider, Secret(kSecret), kBody, kNow);
  for (Header& header : headers)
    if (header.value.size() > from_end && header.value.size() >= 64) {
      char& byte = header.value[header.value.size() - 1 - from_end];
      byte = byte == '9'                                 ? '8'
             : byte == 'f' || byte == 'z' || byte == 'Z' ? char(byte - 1)
                                                         : char(byte + 1);
      return headers;
    }
  ADD_FAILURE() << "no proof among the headers of " << word_of(provider);
  return headers;
}

/// Timing differences cannot be measured without noise; the instructions that cause them can.
TEST(Row2, AWrongProofCostsTheSameInstructionsWhereverItDiffers) {
  for (const Provider provider : {Provider::github, Provider::gitlab}) {
    believed(provider, spoilt(provider, 0));  // what is made once is made before the fork
    const long last = instructions(provider, spoilt(provider, 0));
    ASSERT_GT(last, 0) << word_of(provider);
    EXPECT_EQ(instructions(provider, spoilt(provider, 63)), last) << word_of(provider);
  }
}

}  // namespace
}  // namespace bough::forges
