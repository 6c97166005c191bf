#include "reconciler/server/talk.h"

#include <gtest/gtest.h>

namespace bough::server {
namespace {

using namespace std::chrono_literals;

/// What a client was sent.
struct Sent : Outlet {
  void send(Response response) override { text += response.body + "(whole)"; }
  void open(Response response) override { text += "(open)" + response.body; }
  bool write(std::string part) override {
    text += part;
    return true;
  }
  void end() override { text += "(end)"; }
  std::string text;
};

class TalkTest : public ::testing::Test {
 protected:
  std::shared_ptr<Sent> sent = std::make_shared<Sent>();
  Talk::Clock::time_point now = Talk::Clock::now();
};

TEST_F(TalkTest, IsSilentWhileLinesCome) {
  Talk talk(Form::lines, sent);
  talk.line("{}");
  talk.beat(now + 14s);
  talk.end();
  EXPECT_EQ(sent->text, "(open){}\n(end)");
}

TEST_F(TalkTest, SaysThatItIsStillThere) {
  Talk talk(Form::lines, sent);
  talk.beat(now + 16s);
  EXPECT_EQ(sent->text, "(open)\n");
  EXPECT_FALSE(talk.answer({404, {}, "none"})) << "the answer has begun";
  talk.line("{}");
  EXPECT_EQ(sent->text, "(open)\n{}\n");
}

TEST_F(TalkTest, SaysSoInEventsByAComment) {
  Talk talk(Form::events, sent);
  talk.line("{}");
  talk.beat(now + 1h);
  EXPECT_NE(sent->text.find("data: {}\n\n: still here\n\n"), std::string::npos) << sent->text;
}

TEST_F(TalkTest, SaysNothingAfterItsEnd) {
  Talk talk(Form::lines, sent);
  EXPECT_TRUE(talk.answer({404, {}, "none"}));
  talk.beat(now + 1h);
  EXPECT_EQ(sent->text, "none(whole)");
}

}  // namespace
}  // namespace bough::server
