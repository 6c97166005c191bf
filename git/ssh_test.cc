#include <gtest/gtest.h>
#include <sys/stat.h>

#include "git/ssh_login.h"
#include "git/testing.h"

namespace bough {
namespace {

using namespace testing;

/// Who may log in: an sshd that is not root's lets in only its own user.
std::string user() {
  return shell("id -un");
}

void make_key(const std::string& path, const std::string& type) {
  shell("ssh-keygen -q -N '' -t " + type + " -f '" + path + "'");
}

/// An sshd of its own that lets us in with the keys made here.
class SshTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { site = std::make_unique<Site>(); }
  static void TearDownTestSuite() { site.reset(); }

  struct Site {
    Site();
    TempFolder temp;
    Origin origin{temp.path("origin.git")};
    int port = free_port();
    std::unique_ptr<Server> sshd;
  };
  static inline std::unique_ptr<Site> site;

  static Remote remote(const std::string& key, const std::string& known_hosts) {
    Remote remote = remote_at("ssh://" + user() + "@127.0.0.1:" + std::to_string(site->port) +
                              site->temp.path("origin.git"));
    remote.ssh_key_file = site->temp.path(key);
    remote.known_hosts_file = site->temp.path(known_hosts);
    return remote;
  }

  TempFolder temp;
};

SshTest::Site::Site() {
  origin.commit("main", "name: shop");
  for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
    make_key(temp.path(std::string("host_") + type), type);
    make_key(temp.path(std::string("user_") + type), type);
  }
  make_key(temp.path("stranger"), "ed25519");
  shell("cd '" + temp.path() + "' && cat user_*.pub > authorized && chmod 600 authorized");
  const std::string host = "[127.0.0.1]:" + std::to_string(port);
  const auto line = [&](const std::string& key) {
    return host + " " + text_of_file(temp.path(key + ".pub"));
  };
  write_file(temp.path("known"), "# ours\n" + line("host_rsa") + line("host_ed25519"));
  write_file(temp.path("known_ecdsa"), line("host_ecdsa"));
  write_file(temp.path("changed"), line("stranger"));
  write_file(temp.path("empty"), "");
  write_file(temp.path("hashed"), line("host_ed25519"));
  shell("ssh-keygen -H -f '" + temp.path("hashed") + "' >/dev/null 2>&1");
  write_file(temp.path("sshd_config"),
             "Port " + std::to_string(port) +
                 "\nListenAddress 127.0.0.1\nStrictModes no\nUsePAM no\n"
                 "PidFile none\nPermitRootLogin yes\nPasswordAuthentication no\n"
                 "KbdInteractiveAuthentication no\nAuthorizedKeysFile " +
                 temp.path("authorized") + "\nHostKey " + temp.path("host_ed25519") + "\nHostKey " +
                 temp.path("host_ecdsa") + "\nHostKey " + temp.path("host_rsa") + "\n");
  mkdir("/run/sshd", 0755);
  sshd = std::make_unique<Server>(
      std::vector<std::string>{"/usr/sbin/sshd", "-D", "-e", "-f", temp.path("sshd_config")}, port);
}

TEST_F(SshTest, Ed25519AndEcdsaKeysAndHostsWork) {
  for (const char* key : {"user_ed25519", "user_ecdsa"})
    for (const char* known : {"known", "known_ecdsa", "hashed"}) {
      Mirror mirror = open_mirror(temp.path("mirror"), remote(key, known));
      EXPECT_EQ(app_yaml(mirror, fetched(mirror), "main"), "name: shop") << key << " " << known;
    }
}

TEST_F(SshTest, ScpLikeUrlsAreUnderstood) {
  Remote scp = remote("user_ed25519", "known");
  scp.url = "root@127.0.0.1:origin.git";  // port 22: only the parsing counts
  EXPECT_TRUE(Mirror::open(temp.path("mirror"), scp));
}

struct Refusal {
  const char* key;
  const char* known_hosts;
  Fault fault;
  const char* says;
};

TEST_F(SshTest, Row41_EachRefusalHasItsFaultAndWords) {
  for (const Refusal& row : {Refusal{"user_ed25519", "empty", Fault::denied, "known_hosts"},
                             Refusal{"user_ed25519", "changed", Fault::denied, "known_hosts"},
                             Refusal{"user_ed25519", "absent", Fault::denied, "known hosts"},
                             Refusal{"stranger", "known", Fault::denied, "refused the SSH key"},
                             Refusal{"user_rsa", "known", Fault::invalid, "RSA"},
                             Refusal{"absent", "known", Fault::invalid, "cannot be read"}}) {
    Mirror mirror = open_mirror(temp.path("mirror"), remote(row.key, row.known_hosts));
    const Error error = fetch_error(mirror);
    EXPECT_EQ(error.fault, row.fault) << row.key << " " << row.known_hosts << ": " << error.message;
    EXPECT_NE(error.message.find(row.says), std::string::npos) << error.message;
  }
}

TEST_F(SshTest, ALoginWithoutAKeyIsDenied) {
  Remote keyless = remote("user_ed25519", "known");
  keyless.ssh_key_file.clear();
  Mirror mirror = open_mirror(temp.path("mirror"), keyless);
  const Error error = fetch_error(mirror);
  EXPECT_EQ(error.fault, Fault::denied) << error.message;
}

TEST_F(SshTest, AMissingRepositoryIsUnavailable) {
  Remote absent = remote("user_ed25519", "known");
  absent.url += "x";
  Mirror mirror = open_mirror(temp.path("mirror"), absent);
  const Error error = fetch_error(mirror);
  EXPECT_EQ(error.fault, Fault::unavailable) << error.message;
  EXPECT_NE(error.message.find("repository"), std::string::npos) << error.message;
}

struct KeyFormat {
  const char* options;
  bool usable;
};

TEST_F(SshTest, KeysAreJudgedByTheirFiles) {
  for (const KeyFormat& row :
       {KeyFormat{"-t ed25519", true}, KeyFormat{"-t ecdsa -b 384", true},
        KeyFormat{"-t ecdsa -m PEM", true}, KeyFormat{"-t ecdsa -m PKCS8", true},
        KeyFormat{"-t rsa", false}, KeyFormat{"-t rsa -m PEM", false},
        KeyFormat{"-t rsa -m PKCS8", false}, KeyFormat{"-t dsa", false}}) {
    const TempFolder own;
    shell("ssh-keygen -q -N '' " + std::string(row.options) + " -f '" + own.path("key") + "'");
    EXPECT_EQ(static_cast<bool>(usable_ssh_key_file(own.path("key"))), row.usable) << row.options;
    EXPECT_FALSE(usable_ssh_key_file(own.path("key.pub"))) << row.options;
  }
  for (const char* text : {"", "-----BEGIN OPENSSH PRIVATE KEY-----",
                           "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n"
                           "-----END OPENSSH PRIVATE KEY-----\n"})
    EXPECT_FALSE(usable_ssh_key(text)) << text;
}

TEST(KnownHosts, AreOrderedByWhatServersOffer) {
  EXPECT_EQ(
      ordered_known_hosts("# note\n\na ssh-rsa X\na ecdsa-sha2-nistp256 Y\nb ssh-ed25519 Z\n"),
      "b ssh-ed25519 Z\na ecdsa-sha2-nistp256 Y\na ssh-rsa X\n");
  EXPECT_EQ(ordered_known_hosts(""), "");
  EXPECT_EQ(ordered_known_hosts("a ssh-ed25519 AAAA1\n@revoked * ssh-ed25519 AAAA1 note\n"
                                "b ssh-ed25519 AAAA2\n@cert-authority * ssh-ed25519 AAAA3\n"),
            "b ssh-ed25519 AAAA2\n");
}

}  // namespace
}  // namespace bough
