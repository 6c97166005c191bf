#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <thread>

#include "git/testing.h"

namespace bough {
namespace {

using namespace testing;
namespace fs = std::filesystem;

/// Listens on a port of its own and has a function answer each client, one after the other.
class Listener {
 public:
  explicit Listener(std::function<void(int)> answer) : answer_(std::move(answer)) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    listen(fd_, 16);
    thread_ = std::thread([this] { serve(); });
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    ended_ = true;
    thread_.join();
    close(fd_);
  }
  int port() const { return port_; }
  bool ended() const { return ended_; }

 private:
  void serve() {
    while (!ended_) {
      pollfd door{fd_, POLLIN, 0};
      if (poll(&door, 1, 20) != 1) continue;
      const int client = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      answer_(client);
      close(client);
    }
  }

  std::function<void(int)> answer_;
  int fd_ = -1;
  int port_ = 0;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

void say(int client, std::string_view bytes) {
  std::array<char, 4096> asked{};
  EXPECT_GT(recv(client, asked.data(), asked.size(), 0), 0);
  send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  shutdown(client, SHUT_WR);
  while (recv(client, asked.data(), asked.size(), 0) > 0) {
  }
}

std::string packet(std::string_view text) {
  std::array<char, 5> length{};
  snprintf(length.data(), length.size(), "%04zx", text.size() + 4);
  return std::string(length.data()) + std::string(text);
}

std::string advertised(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

class OddServer : public ::testing::Test {
 protected:
  Mirror mirror_of(const std::string& scheme, int port, const std::string& path = "/origin.git") {
    return open_mirror(temp.path("mirror"),
                       remote_at(scheme + "://127.0.0.1:" + std::to_string(port) + path));
  }
  std::unique_ptr<Server> git_daemon(int port) {
    return std::make_unique<Server>(
        std::vector<std::string>{"git", "daemon", "--reuseaddr", "--export-all",
                                 "--listen=127.0.0.1", "--port=" + std::to_string(port),
                                 "--base-path=" + temp.path(), temp.path()},
        port);
  }

  TempFolder temp;
  Origin origin{temp.path("origin.git")};
};

struct Garbage {
  const char* name;
  const char* scheme;
  std::string bytes;
};

TEST_F(OddServer, Row39_GarbageIsAnErrorAndChangesNothing) {
  const std::string sha(40, 'a');
  origin.commit("main", "one");
  Mirror good = open_mirror(temp.path("mirror"), remote_at(origin.folder()));
  const Listing listing = fetched(good);
  for (const Garbage& row : std::vector<Garbage>{
           {"Text", "git", "hello\n"},
           {"Nothing", "git", ""},
           {"LengthThatLies", "git", "fff0" + sha},
           {"LengthThatIsNone", "git", "zzzz" + sha},
           {"ShortLength", "git", "0003"},
           {"CutOff", "git", packet(sha + " refs/heads/main") + "00"},
           {"NoSha", "git", packet("xyz refs/heads/main\n") + "0000"},
           {"HttpGarbage", "http", advertised("hello")},
           {"HttpEmpty", "http", advertised("")},
           {"HttpOnlyTheService", "http", advertised(packet("# service=git-upload-pack\n"))},
           {"HttpNoHttp", "http", "SSH-2.0-x\r\n\r\n"},
           {"HttpHalf", "http", "HTTP/1.1 200 OK\r\nContent-Le"}}) {
    const Listener server([&](int client) { say(client, row.bytes); });
    Mirror mirror = mirror_of(row.scheme, server.port());
    const Error error = fetch_error(mirror);
    EXPECT_NE(error.message, "no error") << row.name;
    EXPECT_EQ(app_yaml(mirror, listing, "main"), "one") << row.name;
  }
}

TEST_F(OddServer, Row39_ATipThatIsNotSentIsNotTaken) {
  const std::string sha(40, 'b');
  const std::string_view empty_pack(
      "PACK\0\0\0\2\0\0\0\0\x02\x9d\x08\x82\x3b\xd8\xa8\xea\xb5\x10\xad\x6a\xc7\x5c\x82\x3c\xfd\x3e"
      "\xd3\x1e",
      32);
  const Listener server([&](int client) {
    std::array<char, 4096> asked{};
    EXPECT_GT(recv(client, asked.data(), asked.size(), 0), 0);
    const std::string list = packet(sha + " HEAD" + std::string(1, '\0') + "ofs-delta\n") +
                             packet(sha + " refs/heads/main\n") + "0000";
    send(client, list.data(), list.size(), MSG_NOSIGNAL);
    say(client, packet("NAK\n") + std::string(empty_pack));
  });
  Mirror mirror = mirror_of("git", server.port());
  const Error error = fetch_error(mirror);
  EXPECT_EQ(error.fault, Fault::unavailable) << error.message;
  EXPECT_NE(error.message.find("was not sent"), std::string::npos) << error.message;
}

TEST_F(OddServer, Row39_AFileThatIsNotWhatItsNameSaysIsNotRead) {
  origin.commit("main", "name: honest");
  origin.commit("other", "name: forged");
  const auto file_of = [&](const std::string& branch) {
    const std::string id = origin.git("rev-parse " + branch + ":app.yaml");
    return origin.folder() + "/objects/" + id.substr(0, 2) + "/" + id.substr(2);
  };
  const std::string honest = file_of("main");
  const std::string forged = text_of_file(file_of("other"));
  fs::remove(honest);
  write_file(honest, forged);
  origin.remove("other");
  const int port = free_port();
  const auto daemon = git_daemon(port);
  Mirror mirror = mirror_of("git", port);
  auto listing = mirror.fetch(kPatience);
  if (!listing) return;  // refused as a whole: as good
  EXPECT_NE(app_yaml(mirror, *listing, "main"), "name: forged");
}

/// Sends on what a server says until so many bytes came through; then it is silent.
void relay(int client, int port, std::size_t most, const std::function<bool()>& ended) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  EXPECT_EQ(connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  std::array<char, 4096> bytes{};
  std::array<pollfd, 2> both{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
  for (bool open = true; open && !ended();) {
    poll(both.data(), both.size(), 20);
    if (both[0].revents) {
      const ssize_t got = recv(client, bytes.data(), bytes.size(), 0);
      open = got > 0 && send(server, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) > 0;
    }
    if (!both[1].revents || most == 0) continue;
    const ssize_t got = recv(server, bytes.data(), std::min(bytes.size(), most), 0);
    if (got <= 0) break;
    most -= static_cast<std::size_t>(got);
    send(client, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
  }
  close(server);
}

TEST_F(OddServer, Row39_AServerThatStallsWithinAPackIsGivenUp) {
  origin.commit("main", "one");
  shell("head -c 1000000 /dev/urandom | base64 > '" + temp.path("noise") + "'");
  origin.tree("main", {{"100644", "noise", text_of_file(temp.path("noise"))},
                       {"100644", "app.yaml", "two"}});
  const int port = free_port();
  const auto daemon = git_daemon(port);
  Listener* self = nullptr;
  Listener stalling(
      [&](int client) { relay(client, port, 200'000, [&] { return self->ended(); }); });
  self = &stalling;
  Mirror stuck = mirror_of("git", stalling.port());
  EXPECT_EQ(fetch_error(stuck, std::chrono::milliseconds(2000)).fault, Fault::unavailable);
  Mirror mirror = mirror_of("git", port);
  EXPECT_EQ(app_yaml(mirror, fetched(mirror), "main"), "two");
}

TEST_F(OddServer, Row38_TenThousandBranchesAreListedAndRead) {
  std::string stream;
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = "name: app-" + std::to_string(i);
    stream += "commit refs/heads/b" + std::to_string(i) + "\ncommitter t <t@t> " +
              std::to_string(1'600'000'000 + i) +
              " +0000\ndata 1\nx\nM 100644 inline app.yaml\ndata " + std::to_string(text.size()) +
              "\n" + text + "\n";
  }
  origin.import(stream);
  const int port = free_port();
  const auto daemon = git_daemon(port);
  Mirror mirror = mirror_of("git", port);
  const Listing listing = fetched(mirror);
  EXPECT_EQ(listing.branches.size(), 10'000U);
  EXPECT_EQ(app_yaml(mirror, listing, "b9999"), "name: app-9999");
  EXPECT_EQ(fetched(mirror).branches.size(), 10'000U);
}

TEST_F(OddServer, Row38_AFileOfManyMebibytesIsNotReadAndAWideTreeIs) {
  origin.commit("main", "name: shop");
  shell("truncate -s 256M '" + temp.path("zeros") + "'");
  const std::string zeros = origin.git("hash-object -w '" + temp.path("zeros") + "'");
  origin.import(
      "commit refs/heads/large\ncommitter t <t@t> 1700000000 +0000\ndata 1\nx\nM 100644 " + zeros +
      " app.yaml\n");
  const std::string blob = origin.git("rev-parse main:app.yaml");
  const std::string git = "git --git-dir='" + origin.folder() + "' ";
  const std::string wide = shell("(printf '100644 blob " + blob +
                                 "\\tapp.yaml\\n'; seq 100000 | sed 's/.*/100644 blob " + blob +
                                 "\\tf&/') | " + git + "mktree");
  origin.git("update-ref refs/heads/wide $(" + git +
             "-c user.name=t -c user.email=t@t commit-tree " + "-m x " + wide + ")");
  const int port = free_port();
  const auto daemon = git_daemon(port);
  Mirror mirror = mirror_of("git", port);
  const Listing listing = fetched(mirror);
  EXPECT_EQ(app_yaml(mirror, listing, "wide"), "name: shop");
  EXPECT_EQ(app_yaml(mirror, listing, "main"), "name: shop");
  EXPECT_NE(app_yaml(mirror, listing, "large").find("error"), std::string::npos);
}

TEST_F(OddServer, Row28_ATagIsNoBranchWhateverItsName) {
  origin.commit("main", "one");
  origin.commit("other", "two");
  origin.git("tag main other");
  origin.git("tag release other");
  const int port = free_port();
  const auto daemon = git_daemon(port);
  for (const std::string& url :
       {origin.folder(), "git://127.0.0.1:" + std::to_string(port) + "/origin.git"}) {
    Mirror mirror = open_mirror(temp.path("mirror"), remote_at(url));
    const Listing listing = fetched(mirror);
    EXPECT_EQ(listing.branches.size(), 2U) << url;
    EXPECT_EQ(app_yaml(mirror, listing, "main"), "one") << url;
  }
}

TEST_F(OddServer, ARenamedDefaultBranchIsFollowed) {
  origin.commit("main", "one");
  const int port = free_port();
  const auto daemon = git_daemon(port);
  Mirror mirror = mirror_of("git", port);
  EXPECT_EQ(fetched(mirror).head, branch("main"));
  origin.git("branch -m main trunk");
  origin.git("symbolic-ref HEAD refs/heads/trunk");
  const Listing listing = fetched(mirror);
  EXPECT_EQ(listing.head, branch("trunk"));
  EXPECT_EQ(listing.branches.size(), 1U);
  EXPECT_EQ(app_yaml(mirror, listing, "trunk"), "one");
}

}  // namespace
}  // namespace bough
