#include "git/forges/json_stream.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "git/forges/facts.h"

namespace bough::forges {
namespace {

/// Everything that goes by.
class Everything : public JsonSink {
 public:
  bool wants(std::string_view) const override { return true; }
  void open(std::string_view path) override { said += "{" + std::string(path) + "\n"; }
  bool value(std::string_view path, std::string_view text) override {
    said += std::string(path) + "=" + std::string(text) + "\n";
    return true;
  }
  std::string said;
};

struct Outcome {
  bool fine;
  std::string said;
  bool operator==(const Outcome&) const = default;
};
void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << (outcome.fine ? "fine\n" : "malformed\n") << outcome.said;
}

Outcome read(std::string_view text, std::size_t step = 1 << 20) {
  Everything sink;
  JsonStream stream(sink);
  for (std::size_t at = 0; at < text.size(); at += step) stream.feed(text.substr(at, step));
  const bool fine = stream.finish();
  return {fine, fine ? sink.said : ""};
}

TEST(JsonStream, TellsValuesWithTheirPaths) {
  EXPECT_EQ(read(R"({"a":{"b":"x","c":[1,{"d":true},null,-1.5e3]},"e":"é\u20ac\ud83d\ude00\n"})"),
            (Outcome{true,
                     "{\n{a\na.b=x\na.c[]=1\n{a.c[]\na.c[].d=true\na.c[]=-1.5e3\n"
                     "e=é€😀\n\n"}));
}

TEST(JsonStream, AKeyCannotPretendToBeAPath) {
  EXPECT_EQ(read(R"({"repository.full_name":"x","a[]":"y"})"), (Outcome{true, "{\n*=x\n*=y\n"}));
}

struct Text {
  std::string name;
  std::string json;
  bool fine;
};
void PrintTo(const Text& row, std::ostream* out) {
  *out << row.name;
}

class Row11 : public testing::TestWithParam<Text> {};

TEST_P(Row11, IsFineOrNot) {
  EXPECT_EQ(read(GetParam().json).fine, GetParam().fine);
  if (GetParam().json.size() < 1000) {
    EXPECT_EQ(read(GetParam().json, 1).fine, GetParam().fine) << "byte by byte";
  }
}

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

INSTANTIATE_TEST_SUITE_P(
    Table, Row11,
    testing::Values(
        Text{"Nested64", repeated("[", 64) + repeated("]", 64), true},
        Text{"Nested65", repeated("[", 65) + repeated("]", 65), false},
        Text{"NestedAMillion", repeated("[", 1'000'000), false},
        Text{"AMillionKeys", "{" + repeated("\"k\":1,", 1'000'000) + "\"k\":1}", false},
        Text{"AMillionItems", "[" + repeated("1,", 1'000'000) + "1]", true},
        Text{"InvalidUtf8", "\"\xff\"", false}, Text{"Overlong", "\"\xc0\xaf\"", false},
        Text{"EncodedSurrogate", "\"\xed\xa0\x80\"", false}, Text{"CutUtf8", "\"\xe2\x82\"", false},
        Text{"BeyondUnicode", "\"\xf4\x90\x80\x80\"", false}, Text{"NaN", "NaN", false},
        Text{"Infinity", "-Infinity", false}, Text{"LoneHighSurrogate", R"("\ud800")", false},
        Text{"HighSurrogateThenText", R"("\ud800x")", false},
        Text{"LoneLowSurrogate", R"("\udc00")", false},
        Text{"TwoHighSurrogates", R"("\ud800\ud800")", false},
        Text{"Pair", R"("\ud83d\ude00")", true}, Text{"ControlCharacter", "\"\x01\"", false},
        Text{"TwoValues", "{}{}", false}, Text{"TrailingComma", "[1,]", false},
        Text{"TrailingCommaInObject", R"({"a":1,})", false}, Text{"LeadingZero", "01", false},
        Text{"Nothing", "", false}, Text{"Spaces", "  ", false}, Text{"Comment", "{}//", false},
        Text{"SingleQuotes", "{'a':1}", false}, Text{"WrongBracket", "[}", false},
        Text{"NoBracket", "{\"a\":1u", false}, Text{"Number", "-0.5E-7", true},
        Text{"NumberWithoutEnd", "1.", false}, Text{"Word", " true ", true},
        Text{"HalfAWord", "tru", false}, Text{"ByteOrderMark", "\xef\xbb\xbf{}", false}),
    [](const auto& row) { return row.param.name; });

TEST(Row11, ALongTextThatNobodyWantsIsDropped) {
  constexpr std::string_view kPaths[] = {"ref"};
  const Wanted wanted{kPaths};
  Facts facts(wanted);
  JsonStream stream(facts);
  EXPECT_TRUE(stream.feed("{\"message\":\""));
  const std::string mebibyte(1 << 20, 'x');
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(stream.feed(mebibyte));
  EXPECT_TRUE(stream.feed("\",\"ref\":\"main\"}"));
  EXPECT_TRUE(stream.finish());
  EXPECT_EQ(facts.at("ref"), "main");
}

TEST(Row11, ALongTextThatIsWantedIsMalformed) {
  EXPECT_FALSE(read("\"" + std::string(8193, 'x') + "\"").fine);
}

TEST(Row11, ARepeatedWantedKeyIsMalformed) {
  constexpr std::string_view kPaths[] = {"ref", "repository.name"};
  const Wanted wanted{kPaths};
  for (const char* text :
       {R"({"ref":"a","ref":"b"})", R"({"repository":{"name":"a"},"repository":{"name":"b"}})"}) {
    Facts facts(wanted);
    JsonStream stream(facts);
    EXPECT_FALSE(stream.feed(text)) << text;
  }
}

TEST(Facts, KeepsTheFirstThousandItems) {
  constexpr std::string_view kNames[] = {"name"};
  const Wanted wanted{{}, "changes[]", kNames};
  Facts facts(wanted);
  JsonStream stream(facts);
  stream.feed("{\"changes\":[" + repeated(R"({"name":"x","name2":"y"},)", 1500) + "null]}");
  EXPECT_TRUE(stream.finish());
  EXPECT_EQ(facts.items().size(), 1000U);
}

std::vector<std::string> samples() {
  std::vector<std::string> all;
  const std::string folder = std::string(BOUGH_SOURCE_DIR) + "/tests/cases/webhooks/payloads/";
  for (const char* name : {"drone-bitbucket-server-push.json", "go-playground-gogs-push-event.json",
                           "go-playground-gitea-delete-event.json"}) {
    std::ifstream file(folder + name);
    std::ostringstream text;
    text << file.rdbuf();
    all.push_back(text.str());
  }
  return all;
}

/// What another parser thinks of it, apart from the limits that are ours.
bool accepted_elsewhere(const std::string& text) {
  return nlohmann::json::accept(text) && text.substr(0, 3) != "\xef\xbb\xbf";
}

TEST(JsonStream, AgreesWithAnotherParserOnMutations) {
  std::mt19937 random(20'260'101);
  const std::string bytes = "{}[]\",:\\u0d8tn-1.e\x80\xc3\xff \n";
  for (const std::string& sample : samples())
    for (int i = 0; i < 1000; ++i) {
      std::string text = sample;
      for (unsigned changes = random() % 3 + 1; changes > 0; --changes) {
        const std::size_t at = random() % text.size();
        if (random() % 3 == 0)
          text.erase(at, random() % 4);
        else
          text[at] = bytes[random() % bytes.size()];
      }
      const Outcome whole = read(text);
      EXPECT_EQ(whole.fine, accepted_elsewhere(text)) << text;
      EXPECT_EQ(read(text, 1 + random() % 50), whole) << text;
    }
}

}  // namespace
}  // namespace bough::forges
