#include "reconciler/runner/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "reconciler/runner/descendants.h"
#include "reconciler/runner/fd.h"
#include "reconciler/runner/testing.h"

namespace bough::runner {
namespace {

// A server on 127.0.0.1 that gives every connection back what it sends until it stops sending.
class Echo {
 public:
  Echo() : server_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(server_.number(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    getsockname(server_.number(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    listen(server_.number(), 128);
    thread_ = std::thread([this] { serve(); });
  }
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;
  ~Echo() {
    shutdown(server_.number(), SHUT_RDWR);
    thread_.join();
  }
  int port() const { return port_; }

 private:
  void serve() {
    while (true) {
      const Fd client(accept4(server_.number(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      char part[65536];
      for (ssize_t got = 0; (got = read(client.number(), part, sizeof part)) > 0;) {
        send(client.number(), part, static_cast<std::size_t>(got), MSG_NOSIGNAL);
      }
    }
  }
  Fd server_;
  int port_ = 0;
  std::thread thread_;
};

// Sends `count` bytes to host:port and prints how many came back, or why not.
constexpr const char* client = R"(python3 -c '
import socket, sys, threading
host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
try:
    s = socket.create_connection((host, port), 20)
except OSError as error:
    print(host, error.strerror); sys.exit()
def give():
    s.sendall(b"x" * count); s.shutdown(socket.SHUT_WR)
threading.Thread(target=give).start()
got = 0
while part := s.recv(65536): got += len(part)
print(host, got)
' )";

class PrivateNetworks : public testing::Test {
 protected:
  void SetUp() override { need(Sandbox::required); }

  ProcessRequest request(const std::string& command, Network network) const {
    ProcessRequest made;
    made.command = command;
    made.root = folder_.checkout();
    made.deadline = std::chrono::minutes(2);
    made.network = std::move(network);
    return made;
  }
  std::string output(const std::string& command, Network network) const {
    const auto ran = run(request(command, std::move(network)));
    return ran.error + joined(ran.lines);
  }
  std::string reach(const std::string& host, int port, Network network, long count = 10) const {
    return output(client + host + " " + std::to_string(port) + " " + std::to_string(count),
                  std::move(network));
  }

  TemporaryFolder folder_;
  Echo database_;
  Echo stranger_;
};

TEST_F(PrivateNetworks, LeadToTheirServerAndNowhereElse) {
  const Network only = OnlyServers{{{"127.0.0.1", database_.port()}}};
  EXPECT_EQ(reach("127.0.0.1", database_.port(), only), "127.0.0.1 10\n");
  EXPECT_EQ(reach("localhost", database_.port(), only), "localhost 10\n");
  EXPECT_EQ(reach("127.0.0.1", stranger_.port(), only), "127.0.0.1 Connection refused\n");
  EXPECT_EQ(reach("127.0.0.1", stranger_.port(), OnlyServers{}), "127.0.0.1 Connection refused\n");
  EXPECT_EQ(reach("127.0.0.1", stranger_.port(), SharedNetwork{}), "127.0.0.1 10\n");
}

TEST_F(PrivateNetworks, Row84_TheMetadataAddressIsUnreachable) {
  const Network only = OnlyServers{{{"127.0.0.1", database_.port()}}};
  for (const auto* address : {"169.254.169.254", "10.0.0.1", "fd00:ec2::254"}) {
    EXPECT_EQ(reach(address, 80, only), std::string(address) + " Network is unreachable\n");
  }
}

TEST_F(PrivateNetworks, Row87_CannotBeChangedFromInside) {
  const Network only = OnlyServers{{{"127.0.0.1", database_.port()}}};
  EXPECT_NE(output("ip link add x type dummy || echo refused", only).find("refused"),
            std::string::npos);
  EXPECT_NE(output("ip addr add 10.0.0.1/8 dev lo || echo refused", only).find("refused"),
            std::string::npos);
  EXPECT_EQ(output("grep -c : /proc/net/dev", only), "1\n") << "more than the loopback device";
}

TEST_F(PrivateNetworks, CarryManyBytesBothWays) {
  const Network only = OnlyServers{{{"127.0.0.1", database_.port()}}};
  EXPECT_EQ(reach("127.0.0.1", database_.port(), only, 50'000'000), "127.0.0.1 50000000\n");
}

TEST_F(PrivateNetworks, ServersAreReachedByName) {
  const Network only = OnlyServers{{{"localhost", database_.port()}}};
  EXPECT_EQ(reach("localhost", database_.port(), only), "localhost 10\n");
  EXPECT_EQ(output("cat /etc/hosts", only), "127.0.0.1 localhost\n");
}

TEST_F(PrivateNetworks, ServersThatAreGoneCloseTheConnection) {
  const Fd closed(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(closed.number(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(getsockname(closed.number(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int port = ntohs(address.sin_port);
  EXPECT_EQ(reach("127.0.0.1", port, OnlyServers{{{"127.0.0.1", port}}}, 0), "127.0.0.1 0\n");
}

TEST_F(PrivateNetworks, AddressesOfOtherMachinesLieInside) {
  // 192.0.2.1 is nobody's: the relay's own attempt is what fails, and the command waits for it.
  auto asked = request(
      "ip -4 -o addr show lo | grep -c 192.0.2.1; ip -6 -o addr show lo | grep -c "
      "2001:db8::1",
      OnlyServers{{{"192.0.2.1", 5432}, {"2001:db8::1", 5433}}});
  const auto ran = run(asked);
  EXPECT_EQ(ran.error + joined(ran.lines), "1\n1\n");
}

TEST_F(PrivateNetworks, LowPortsAreServedToo) {
  EXPECT_EQ(output("grep -c ' 0A ' /proc/net/tcp", OnlyServers{{{"127.0.0.1", 80}}}), "1\n");
}

TEST_F(PrivateNetworks, NoDescriptorOfTheRelayReachesTheCommand) {
  const Network only = OnlyServers{{{"127.0.0.1", database_.port()}}};
  EXPECT_EQ(output("ls /proc/self/fd | sort -n | tr '\\n' ' '", only), "0 1 2 3 \n");
}

TEST_F(PrivateNetworks, TheRelayEndsWithItsRun) {
  const auto port = database_.port();
  const auto ran = run(request("true", OnlyServers{{{"127.0.0.1", port}}}));
  EXPECT_EQ(ran.outcome.exit_code, 0) << ran.error;
  EXPECT_EQ(descendants(getpid()), std::vector<pid_t>());
}

TEST(Routes, OfNamesLeadThroughTheirOwnAddresses) {
  const auto route = route_to({{"localhost", 5432}, {"127.0.0.1", 5433}, {"/run/x", 5432}});
  ASSERT_TRUE(route) << route.error().message;
  ASSERT_EQ(route->network.passages.size(), 2u);
  EXPECT_EQ(route->network.passages[0], (Passage{"127.0.0.1", 5433, {"127.0.0.1"}}));
  EXPECT_EQ(route->network.passages[1].listen, "127.0.0.1");
  EXPECT_EQ(route->sockets, std::vector<std::string>{"/run/x/.s.PGSQL.5432"});
  EXPECT_EQ(route->hosts, "127.0.0.1 localhost\n");
}

TEST(Routes, WithoutAUsableServerAreRefused) {
  const struct {
    ServerAddress server;
    const char* error;
  } cases[] = {
      {{"localhost", 0}, "the database server localhost has no port"},
      {{"localhost", 65536}, "the database server localhost has no port"},
      {{"a b", 1}, "the database server has no usable name: a b"},
      {{"", 1}, "the database server has no usable name: "},
      {{"x\n1.2.3.4 y", 1}, "the database server has no usable name: x\n1.2.3.4 y"},
  };
  for (const auto& each : cases) {
    const auto route = route_to({each.server});
    ASSERT_FALSE(route);
    EXPECT_EQ(route.error().message, each.error);
  }
}

}  // namespace
}  // namespace bough::runner
