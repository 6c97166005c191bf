#include "reconciler/server/request_parser.h"

#include <gtest/gtest.h>

#include <random>

namespace bough::server {
namespace {

using State = RequestParser::State;

struct Read {
  int status;  ///< of the refusal; 0 when there is none
  State state;
  std::string method, path, body;
};

Read read(std::string_view text, std::size_t step, std::uint64_t limit = 1000) {
  RequestParser parser(4096);
  std::string body;
  for (std::size_t i = 0; i < text.size() && parser.state() != State::broken; i += step) {
    parser.feed(text.substr(i, step));
    if (parser.state() == State::body || parser.state() == State::done) parser.limit_body(limit);
    body += parser.take_body();
  }
  return {parser.state() == State::broken ? parser.refused().status : 0, parser.state(),
          parser.head().method, parser.head().path, body};
}

struct Case {
  std::string name;
  std::string text;
  int status;
  State state;
  std::string body = "";
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class Parsing : public testing::TestWithParam<Case> {};

TEST_P(Parsing, EndsAsItShould) {
  const Case& row = GetParam();
  for (const std::size_t step : {std::size_t{1} << 20, std::size_t{1}, std::size_t{5}}) {
    // A request that arrives in pieces may be refused before bytes that follow it come.
    const Read found = read(row.text, step);
    EXPECT_EQ(found.status, row.status) << "in steps of " << step;
    EXPECT_EQ(found.state, row.state) << "in steps of " << step;
    if (row.status == 0) {
      EXPECT_EQ(found.body, row.body);
    }
  }
}

const std::string kPost = "POST /hooks/x HTTP/1.1\r\nHost: h\r\n";
const std::string kChunked = kPost + "Transfer-Encoding: chunked\r\n\r\n";
const auto kName = [](const auto& row) { return row.param.name; };

INSTANTIATE_TEST_SUITE_P(
    Fine, Parsing,
    testing::Values(
        Case{"Get", "GET /healthz?x=1 HTTP/1.1\r\nHost: h\r\n\r\n", 0, State::done},
        Case{"Old", "GET / HTTP/1.0\r\n\r\n", 0, State::done},
        Case{"Length", kPost + "Content-Length: 5\r\n\r\nhello", 0, State::done, "hello"},
        Case{"LengthNull", kPost + "Content-Length: 0\r\n\r\n", 0, State::done},
        Case{"HalfABody", kPost + "Content-Length: 5\r\n\r\nhel", 0, State::body, "hel"},
        Case{"HalfAHead", kPost, 0, State::head},
        Case{"Chunks", kChunked + "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", 0, State::done, "hello"},
        Case{"HalfAChunk", kChunked + "3\r\nhe", 0, State::body, "he"}),
    kName);

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

INSTANTIATE_TEST_SUITE_P(
    Row9, Parsing,
    testing::Values(
        Case{"HeadersOfAMebibyte", kPost + "X: " + std::string(1 << 20, 'x'), 431, State::broken},
        Case{"TenThousandHeaders", kPost + repeated("a:b\r\n", 300) + "\r\n", 431, State::broken},
        Case{"Folded", kPost + "X-Hub-Signature-256: a\r\n b\r\n\r\n", 400, State::broken},
        Case{"Nul", kPost + "X: a" + std::string(1, '\0') + "\r\n\r\n", 400, State::broken},
        Case{"LoneLineFeed", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400, State::broken},
        Case{"LoneReturn", kPost + "X: a\rY: b\r\n\r\n", 400, State::broken},
        Case{"SpaceBeforeColon", kPost + "X : a\r\n\r\n", 400, State::broken},
        Case{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400, State::broken},
        Case{"TwoHosts", kPost + "Host: i\r\n\r\n", 400, State::broken},
        Case{"NoHttp", "hello\r\n\r\n", 400, State::broken},
        Case{"Version2", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400, State::broken},
        Case{"NoSlash", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, State::broken}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Row10, Parsing,
    testing::Values(
        Case{"LengthAndChunks",
             kPost + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
             State::broken},
        Case{"ChunksAndLength",
             kPost + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400,
             State::broken},
        Case{"TwoLengths", kPost + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400,
             State::broken},
        Case{"LengthNoNumber", kPost + "Content-Length: +3\r\n\r\nabc", 400, State::broken},
        Case{"LengthNegative", kPost + "Content-Length: -3\r\n\r\nabc", 400, State::broken},
        Case{"LengthHuge", kPost + "Content-Length: 99999999999999999999999\r\n\r\n", 400,
             State::broken},
        Case{"OtherEncoding", kPost + "Transfer-Encoding: gzip\r\n\r\n", 400, State::broken},
        Case{"EncodingTwice", kPost + "Transfer-Encoding: chunked, identity\r\n\r\n", 400,
             State::broken},
        Case{"BadChunkSize", kChunked + "zz\r\nabc\r\n", 400, State::broken},
        Case{"ChunkTooLongForItsSize", kChunked + "2\r\nabc\r\n0\r\n\r\n", 400, State::broken},
        Case{"EndlessChunkExtension", kChunked + "2;" + std::string(30'000, 'x'), 400,
             State::broken},
        Case{"Pipelined", "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400,
             State::broken},
        Case{"BytesAfterTheBody", kPost + "Content-Length: 1\r\n\r\nab", 400, State::broken}),
    kName);

TEST(Row7, ALongBodyIsRefusedBeforeItIsRead) {
  EXPECT_EQ(read(kPost + "Content-Length: 5000000000\r\n\r\n", 1 << 20).status, 413);
}

TEST(Row7, AnEndlessBodyIsRefusedAtTheLimit) {
  RequestParser parser(4096);
  parser.feed(kChunked);
  parser.limit_body(1'000'000);
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  int chunks = 0;
  for (; parser.state() == State::body && chunks < 100; ++chunks) {
    parser.feed(chunk);
    EXPECT_LE(parser.take_body().size(), 0x10000U);
  }
  EXPECT_EQ(parser.state(), State::broken);
  EXPECT_EQ(parser.refused().status, 413);
  EXPECT_EQ(chunks, 16);
}

TEST(RequestParser, KnowsWhoWaitsToSendTheBody) {
  RequestParser parser(4096);
  parser.feed(kPost + "Expect: 100-Continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_TRUE(parser.waits());
}

TEST(RequestParser, AnyBytesAreSafe) {
  std::mt19937 random(11);
  const std::string bytes = "\r\n :;0aZ\t\xff";
  for (int i = 0; i < 3000; ++i) {
    std::string text =
        i % 2 ? kChunked + "3\r\nhel\r\n0\r\n\r\n" : kPost + "Content-Length: 3\r\n\r\nabc";
    for (unsigned changes = random() % 3; changes > 0; --changes)
      text[random() % text.size()] = bytes[random() % bytes.size()];
    EXPECT_EQ(read(text, 1 + random() % 9).body.size() <= 1000, true);
  }
}

struct Query {
  const char* query;
  std::optional<std::string> value;
};

TEST(Http, ReadsQueries) {
  for (const Query& row :
       {Query{"a=1&b=2", "2"}, Query{"b=x+y%20z", "x y z"}, Query{"b", ""}, Query{"b=1&b=2", "1"},
        Query{"", std::nullopt}, Query{"bb=1", std::nullopt}, Query{"b=%4", std::nullopt}})
    EXPECT_EQ(query_value(row.query, "b"), row.value) << row.query;
}

}  // namespace
}  // namespace bough::server
