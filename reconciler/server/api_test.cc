#include "reconciler/server/api.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

namespace bough::server {
namespace {

using operations::Feed;
using Json = nlohmann::json;

/// Keeps what it is sent.
class Kept : public Outlet {
 public:
  void send(Response response) override { done_.set_value(std::move(response)); }
  void open(Response response) override { open_ = std::move(response); }
  bool write(std::string part) override {
    open_.body += part;
    return true;
  }
  void end() override { done_.set_value(open_); }
  Response answer() { return done_.get_future().get(); }

 private:
  Response open_;
  std::promise<Response> done_;
};

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    tokens_.add(Secret("a secret"), {"all", {Scope::admin}, {}});
    tokens_.add(Secret("a reader's"), {"reader", {Scope::read}, {}});
  }

  Head head(const char* method, const char* path, const char* secret = "a secret") {
    Head made;
    made.method = method;
    made.path = path;
    if (*secret) made.headers.push_back({"Authorization", std::string("Bearer ") + secret});
    return made;
  }

  Response ask(const Head& head, const std::string& body = "") {
    auto beginning = api_.begin(head);
    if (auto* response = std::get_if<Response>(&beginning)) return *response;
    auto& exchange = *std::get<std::unique_ptr<Exchange>>(beginning);
    exchange.take(body);
    const auto outlet = std::make_shared<Kept>();
    exchange.finish(outlet);
    return outlet->answer();
  }

  static std::string header(const Response& response, const char* name) {
    const auto value = forges::only(response.headers, name);
    return value ? std::string(*value) : "";
  }

  bool open_ = true;
  bool worldless_ = false;
  std::atomic<int> guests_ = 0;
  Instant now_{std::chrono::hours(1)};
  Tokens tokens_;
  Metrics metrics_;
  Streams streams_;
  Workers readers_{1};
  Workers writers_{1};
  Workers brief_{1};
  Workers rehearsers_{1};
  Api api_{tokens_,
           {[this] { return open_ && ++guests_ > 0; },
            [this] { --guests_; },
            [this](const Grant& grant) {
              if (worldless_) throw std::runtime_error("there is no world here");
              operations::Context context;
              context.asker = grant;
              return context;
            },
            {readers_, writers_, brief_, rehearsers_},
            streams_,
            metrics_,
            [this] { return now_; }},
           {1, 5}};
};

TEST_F(ApiTest, AnswersWhoHasAToken) {
  const Response response = ask(head("GET", "/v1/version"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "Content-Type"), "application/json");
  EXPECT_EQ(header(response, "Bough-Exit-Status"), "0");
  EXPECT_TRUE(Json::parse(response.body).contains("version"));
}

TEST_F(ApiTest, TellsNobodyElseAnything) {
  for (const char* path : {"/v1/version", "/v1/nothing", "/v1/status"})
    for (const char* secret : {"", "wrong"}) {
      const Response response = ask(head("GET", path, secret));
      EXPECT_EQ(response.status, 401);
      EXPECT_EQ(header(response, "WWW-Authenticate"), "Bearer");
      EXPECT_EQ(response.body, ask(head("GET", "/v1/status", "")).body);
    }
}

TEST_F(ApiTest, SaysWhatIsWrong) {
  EXPECT_EQ(ask(head("GET", "/v1/nothing")).status, 404);
  const Response other = ask(head("DELETE", "/v1/version"));
  EXPECT_EQ(other.status, 405);
  EXPECT_EQ(header(other, "Allow"), "GET");
  EXPECT_EQ(ask(head("POST", "/v1/apply", "a reader's")).status, 403);
  EXPECT_EQ(ask(head("GET", "/v1/codes/none")).status, 400);
  // The answer is there a little before the worker has left.
  while (guests_ != 0) std::this_thread::yield();
}

TEST_F(ApiTest, TakesJsonOnly) {
  struct Case {
    const char* type;
    const char* body;
    int expected;
  };
  const Case cases[] = {
      {"application/json", "{\"text\": \"name: shop\"}", 200},
      {"Application/JSON; charset=utf-8", "{\"text\": \"name: shop\"}", 200},
      {"text/plain", "{\"text\": \"name: shop\"}", 415},
      {"", "{\"text\": \"name: shop\"}", 415},
  };
  for (const Case& one : cases) {
    Head asked = head("POST", "/v1/validate");
    if (*one.type) asked.headers.push_back({"Content-Type", one.type});
    EXPECT_EQ(ask(asked, one.body).status, one.expected) << one.type;
  }
}

TEST_F(ApiTest, LimitsEachToken) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(head("GET", "/v1/version")).status, 200);
  const Response limited = ask(head("GET", "/v1/version"));
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(header(limited, "Retry-After"), "1");
  EXPECT_EQ(ask(head("GET", "/v1/version", "a reader's")).status, 200);
  now_ += std::chrono::seconds(1);
  EXPECT_EQ(ask(head("GET", "/v1/version")).status, 200);
}

TEST_F(ApiTest, DoesNothingWhenTheDaemonStops) {
  open_ = false;
  EXPECT_EQ(ask(head("GET", "/v1/version")).status, 503);
}

TEST_F(ApiTest, AnswersAtOnceWhatIsBriefWhileOthersApply) {
  worldless_ = true;
  std::promise<void> end;
  const auto applied = end.get_future().share();
  writers_.add([applied] { applied.wait(); });
  Head report = head("POST", "/v1/repositories/shop/builds");
  report.headers.push_back({"Content-Type", "application/json"});
  EXPECT_EQ(ask(report, R"({"name": "ci", "commit": "x", "state": "failed"})").status, 500);
  EXPECT_EQ(ask(head("GET", "/v1/status")).status, 500);
  const auto outlet = std::make_shared<Kept>();
  auto beginning = api_.begin(head("POST", "/v1/apply"));
  std::get<std::unique_ptr<Exchange>>(beginning)->finish(outlet);
  EXPECT_EQ(writers_.waiting(), 1U);
  end.set_value();
  EXPECT_EQ(outlet->answer().status, 500);
}

/// Gives these batches, one at a time.
class Batches : public Feed {
 public:
  explicit Batches(std::vector<Result<Batch>> batches) : batches_(std::move(batches)) {}
  Result<Batch> next() override {
    const Result<Batch> batch = batches_.at(next_);
    ++next_;
    return batch;
  }

 private:
  std::vector<Result<Batch>> batches_;
  std::size_t next_ = 0;
};

std::string streamed(Streams& streams, Form form, std::vector<Result<Feed::Batch>> batches) {
  const auto outlet = std::make_shared<Kept>();
  streams.add(std::make_unique<Batches>(std::move(batches)), form, outlet);
  return outlet->answer().body;
}

TEST_F(ApiTest, StreamsUntilTheFeedIsOver) {
  const std::vector<Result<Feed::Batch>> batches{
      Feed::Batch{{{"1", "{}"}}, false}, Error{Fault::unavailable, "the journal does not answer"},
      Feed::Batch{{{"2", "{}"}, {"3", "{}"}}, true}};
  const std::string outcome = R"({"format_version":"1.0","type":"outcome","exit_status":0})";
  EXPECT_EQ(streamed(streams_, Form::lines, batches), "{}\n{}\n{}\n" + outcome + "\n");
  EXPECT_EQ(streamed(streams_, Form::events, batches),
            "retry: 2000\n\nid: 1\ndata: {}\n\nid: 2\ndata: {}\n\nid: 3\ndata: {}\n\ndata: " +
                outcome + "\n\n");
}

TEST_F(ApiTest, EndsAStreamWithItsProblem) {
  const std::string text =
      streamed(streams_, Form::lines, {Error{Fault::missing, "the run is gone"}});
  const Json outcome = Json::parse(text);
  EXPECT_EQ(outcome["problem"]["fault"], "missing");
  EXPECT_EQ(outcome["exit_status"], 1);
}

TEST_F(ApiTest, InterruptsTheStreamsThereAreOnly) {
  streams_.interrupt();
  const std::vector<Result<Feed::Batch>> endless(1000, Feed::Batch{});
  const auto before = std::make_shared<Kept>();
  streams_.add(std::make_unique<Batches>(endless), Form::lines, before);
  EXPECT_NE(streamed(streams_, Form::lines, {Feed::Batch{{{"1", "{}"}}, true}}), "");
  streams_.interrupt();
  EXPECT_EQ(before->answer().body, "");
  EXPECT_NE(streamed(streams_, Form::lines, {Feed::Batch{{{"1", "{}"}}, true}}), "");
}

TEST_F(ApiTest, EndsStreamsWhenItStops) {
  const auto outlet = std::make_shared<Kept>();
  streams_.add(std::make_unique<Batches>(std::vector<Result<Feed::Batch>>(1000, Feed::Batch{})),
               Form::lines, outlet);
  streams_.stop();
  EXPECT_EQ(outlet->answer().body, "");
}

}  // namespace
}  // namespace bough::server
