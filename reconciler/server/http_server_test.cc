#include "reconciler/server/http_server.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "git/testing.h"
#include "reconciler/server/testing.h"

namespace bough::server {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using bough::testing::shell;
using bough::testing::TempFolder;

void echo(const Head& head, const std::string& body, std::shared_ptr<Outlet> outlet) {
  outlet->send({200, {}, head.method + " " + head.path + " " + std::to_string(body.size())});
}

std::unique_ptr<HttpServer> serve(Site& site, const Limits& limits = {},
                                  std::optional<TlsFiles> tls = std::nullopt) {
  auto server = HttpServer::open({"127.0.0.1:0", std::move(tls)}, site, limits);
  EXPECT_TRUE(server) << (server ? "" : server.error().message);
  return *std::move(server);
}

const std::string kGet = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";

std::string post(std::size_t length, const std::string& body) {
  return "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" +
         body;
}

TEST(HttpServer, AnswersOneRequestAfterTheOtherOnAConnection) {
  TestSite site(echo);
  const auto server = serve(site);
  Client client(server->port());
  for (int i = 0; i < 3; ++i) {
    client.send(kGet);
    EXPECT_EQ(body_of(client.answer()), "GET /x 0");
    client.send(post(5, "hello"));
    EXPECT_EQ(body_of(client.answer()), "POST /x 5");
  }
}

TEST(HttpServer, ClosesWhenTheClientWantsIt) {
  TestSite site(echo);
  const auto server = serve(site);
  Client client(server->port());
  client.send("GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(client.rest()), 200);
}

TEST(HttpServer, TellsAWaitingClientToGoOn) {
  TestSite site(echo);
  const auto server = serve(site);
  Client client(server->port());
  client.send("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ab");
  EXPECT_EQ(body_of(client.answer()), "POST /x 2");
}

TEST(HttpServer, ARequestThatNobodyAnswersIsA500) {
  TestSite site([](const Head&, const std::string&, std::shared_ptr<Outlet>) {});
  const auto server = serve(site);
  EXPECT_EQ(status_of(ask(server->port(), kGet)), 500);
}

TEST(HttpServer, AnswersMayComeLaterFromAnotherThread) {
  std::jthread later;
  TestSite site([&](const Head& head, const std::string& body, std::shared_ptr<Outlet> outlet) {
    later = std::jthread([head, body, outlet] { echo(head, body, outlet); });
  });
  const auto server = serve(site);
  EXPECT_EQ(body_of(ask(server->port(), kGet)), "GET /x 0");
}

TEST(HttpServer, StreamsAnAnswerPartByPart) {
  std::jthread later;
  TestSite site([&](const Head&, const std::string&, std::shared_ptr<Outlet> outlet) {
    later = std::jthread([outlet] {
      outlet->open({200, {{"Content-Type", "text/event-stream"}}, ""});
      for (int i = 0; i < 3; ++i) outlet->write("part " + std::to_string(i) + "\n");
      outlet->end();
    });
  });
  const auto server = serve(site);
  Client client(server->port());
  client.send(kGet);
  const std::string all = client.rest();
  EXPECT_NE(all.find("7\r\npart 0\n\r\n7\r\npart 1\n\r\n7\r\npart 2\n\r\n0\r\n\r\n"),
            std::string::npos)
      << all;
}

TEST(HttpServer, AStreamToAClientThatIsGoneEnds) {
  std::atomic<bool> ended = false;
  std::jthread later;
  TestSite site([&](const Head&, const std::string&, std::shared_ptr<Outlet> outlet) {
    later = std::jthread([&ended, outlet] {
      outlet->open({200, {}, ""});
      while (outlet->write(std::string(10'000, 'x'))) std::this_thread::yield();
      ended = true;
    });
  });
  const auto server = serve(site);
  {
    Client client(server->port());
    client.send(kGet);
    client.until("xxx");
  }
  later.join();
  EXPECT_TRUE(ended);
}

TEST(Row7, BodiesBeyondTheLimitAreRefusedWithoutBeingKept) {
  TestSite site(echo, 1000);
  const auto server = serve(site);
  EXPECT_EQ(status_of(ask(server->port(), post(5'000'000'000, "x"))), 413);
  Client client(server->port());
  client.send("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 10; ++i) client.send("100\r\n" + std::string(256, 'x') + "\r\n");
  EXPECT_EQ(status_of(client.answer()), 413);
}

TEST(Row8, AByteNowAndThenGainsNoTime) {
  TestSite site(echo);
  Limits limits;
  limits.head = 200ms;
  limits.request = 200ms;
  const auto server = serve(site, limits);
  for (const std::string& beginning : {std::string("GET /x HTTP/1.1\r\nX: "), post(100'000, "")}) {
    Client slow(server->port());
    slow.send(beginning);
    while (slow.send("x")) std::this_thread::sleep_for(5ms);
    EXPECT_EQ(status_of(ask(server->port(), kGet)), 200);
  }
}

TEST(Row8, ASilentClientIsCutOff) {
  TestSite site(echo);
  Limits limits;
  limits.head = 50ms;
  limits.idle = 50ms;
  const auto server = serve(site, limits);
  Client silent(server->port());
  EXPECT_EQ(silent.rest(), "");
  Client idle(server->port());
  idle.send(kGet);
  EXPECT_EQ(status_of(idle.rest()), 200);
}

TEST(Row8, AHundredSlowClientsLeaveRoomForOthers) {
  TestSite site(echo);
  Limits limits;
  limits.connections = 20;
  const auto server = serve(site, limits);
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<Client>(server->port()));
    slow.back()->send("GET ");
  }
  EXPECT_EQ(status_of(ask(server->port(), kGet)), 200);
  EXPECT_EQ(slow.front()->rest(), "");
  EXPECT_LE(server->connections(), 22U);
}

TEST(Row10, PipelinedRequestsAreRefused) {
  TestSite site(echo);
  const auto server = serve(site);
  EXPECT_EQ(status_of(ask(server->port(), kGet + kGet)), 400);
}

TEST(HttpServer, EndsWhileClientsAreConnected) {
  TestSite site(echo);
  auto server = serve(site);
  Client idle(server->port());
  Client half(server->port());
  half.send("GET /x");
  Client used(server->port());
  used.send(kGet);
  EXPECT_EQ(status_of(used.answer()), 200);
  server.reset();
  EXPECT_EQ(used.rest(), "");
}

TEST(HttpServer, SaysThatAnAddressIsTaken) {
  TestSite site(echo);
  const auto server = serve(site);
  const std::string address = "127.0.0.1:" + std::to_string(server->port());
  auto second = HttpServer::open({address, std::nullopt}, site, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::unavailable);
}

/// A certificate for localhost with the common name, and its key.
TlsFiles certificate(const TempFolder& folder, const std::string& name) {
  const TlsFiles files{folder.path(name + ".pem"), folder.path(name + ".key")};
  shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
        name + " -addext subjectAltName=DNS:localhost -out " + files.certificate_chain +
        " -keyout " + files.private_key + " 2>/dev/null");
  return files;
}

std::string over_tls(int port, const std::string& options) {
  return shell(
      "printf 'GET /x HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n' |"
      " timeout 60 openssl s_client -connect 127.0.0.1:" +
      std::to_string(port) + " -ign_eof " + options + " 2>&1; true");
}

TEST(HttpServer, SpeaksTlsAndTakesNewCertificates) {
  const TempFolder folder;
  const TlsFiles files = certificate(folder, "first");
  TestSite site(echo);
  const auto server = serve(site, {}, files);
  const std::string first = over_tls(server->port(), "");
  EXPECT_NE(first.find("GET /x 0"), std::string::npos) << first;
  EXPECT_NE(first.find("CN = first"), std::string::npos) << first;
  const TlsFiles others = certificate(folder, "second");
  shell("cp " + others.certificate_chain + " " + files.certificate_chain);
  EXPECT_FALSE(server->reload());
  EXPECT_NE(over_tls(server->port(), "").find("CN = first"), std::string::npos);
  shell("cp " + others.private_key + " " + files.private_key);
  EXPECT_TRUE(server->reload());
  EXPECT_NE(over_tls(server->port(), "").find("CN = second"), std::string::npos);
}

TEST(Row23, OldTlsAndPlainTextAreRefused) {
  const TempFolder folder;
  TestSite site(echo);
  const auto server = serve(site, {}, certificate(folder, "server"));
  EXPECT_EQ(over_tls(server->port(), "-tls1_1 -cipher ALL:@SECLEVEL=0").find("GET /x 0"),
            std::string::npos);
  EXPECT_EQ(status_of(ask(server->port(), kGet)), 0);
}

}  // namespace
}  // namespace bough::server
