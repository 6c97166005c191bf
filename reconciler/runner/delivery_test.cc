#include "reconciler/runner/delivery.h"

#include "reconciler/runner/testing.h"

namespace bough::runner {
namespace {

std::vector<std::string> delivered(const std::vector<std::string>& pieces, const Portion& portion) {
  std::vector<std::string> lines;
  const Delivery::Sink sink = [&](std::string_view line) { lines.emplace_back(line); };
  Delivery delivery(portion, *Log::open("", 0), sink);
  for (const auto& piece : pieces) delivery.feed(piece);
  delivery.finish();
  return lines;
}

TEST(Delivery, GivesAllOfASmallOutput) {
  EXPECT_EQ(delivered({"a\nb", "c\n\nd"}, {{}, 1000}),
            (std::vector<std::string>{"a", "bc", "", "d"}));
}

TEST(Delivery, SaysHowMuchIsLeftOutBetween) {
  std::vector<std::string> pieces;
  for (int line = 100; line < 400; ++line) pieces.push_back(std::to_string(line) + "\n");
  const auto lines = delivered(pieces, {{}, 1000});
  EXPECT_EQ(lines.front(), "100");
  EXPECT_EQ(lines.back(), "399");
  const auto note = std::find_if(lines.begin(), lines.end(),
                                 [](const std::string& line) { return line[0] == '['; });
  ASSERT_NE(note, lines.end());
  const auto missing = 300 - (lines.size() - 1);
  EXPECT_EQ(*note, "[bough: " + std::to_string(missing * 4) + " bytes are left out here]");
}

TEST(Delivery, Row85_ALineWithoutEndIsLeftOutTruthfully) {
  const auto lines =
      delivered(std::vector<std::string>(100, std::string(100000, 'x')), {{}, 1 << 20});
  std::size_t given = 0;
  for (const auto& line : lines) given += line[0] == 'x' ? line.size() : 0;
  EXPECT_LE(given, 1u << 20);
  EXPECT_GT(given, 900000u);
  EXPECT_EQ(lines.back()[0], 'x');
}

TEST(Delivery, Row88_SecretsAreMaskedInEveryForm) {
  const std::string secret = "p\"a/s\\s w+rd\n1";
  const struct {
    const char* form;
    std::string shown;
  } forms[] = {
      {"plain", "p\"a/s\\s w+rd\n1"},
      {"URL-encoded", "p%22a%2Fs%5Cs%20w%2Brd%0A1"},
      {"URL-encoded in small letters", "p%22a%2fs%5cs%20w%2brd%0a1"},
      {"JSON", "p\\\"a/s\\\\s w+rd\\n1"},
      {"JSON with slashes", "p\\\"a\\/s\\\\s w+rd\\n1"},
  };
  for (const auto& each : forms) {
    for (std::size_t cut = 0; cut <= each.shown.size(); ++cut) {
      std::vector<std::string> pieces{"<" + each.shown.substr(0, cut),
                                      each.shown.substr(cut) + ">"};
      EXPECT_EQ(delivered(pieces, {{secret}, 1000}), std::vector<std::string>{"<***>"})
          << each.form << " cut at " << cut;
    }
  }
  const auto base64 = delivered({"<cCJhL3Nc", "cyB3K3JkCjE=>"}, {{secret}, 1000});
  EXPECT_EQ(base64.front().substr(0, 4), "<***") << base64.front();
}

}  // namespace
}  // namespace bough::runner
