// Reads specs of real size on one core and says how many per second, and how much of it is the YAML
// parser's; then large ones. `specs FOLDER` with a folder of specs; time is the processor's.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "spec/app_spec.h"

namespace {

constexpr int kReads = 10'000;
constexpr int kRounds = 5;

/// Takes what the parser gives and does nothing with it.
class Silence final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// The least of some rounds: what else runs can only add.
template <typename Work>
double least_seconds(const Work& work) {
  double least = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const double start = processor_seconds();
    work();
    least = std::min(least, processor_seconds() - start);
  }
  return least;
}

void parse_only(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Silence silence;
  parser.HandleNextDocument(silence);
}

/// Those that are specs without an error.
std::vector<std::string> good_specs(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts;
  for (const auto& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(stream), {});
    if (bough::read_app_spec(text, "app.yaml").spec) texts.push_back(std::move(text));
  }
  return texts;
}

void many(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  const auto each = [&](auto&& read) {
    return least_seconds([&] {
      for (std::size_t i = 0; i < kReads; ++i) read(texts[i % texts.size()]);
    });
  };
  const double whole = each([](const std::string& text) { bough::read_app_spec(text, "f"); });
  const double parser = each(parse_only);
  fmt::print(
      "{} reads of {} specs, {} bytes on average: {:.0f} per second, {:.0f} us each, {:.0f} "
      "of them in yaml-cpp ({:.0f} %)\n",
      kReads, texts.size(), bytes / texts.size(), kReads / whole, whole / kReads * 1e6,
      parser / kReads * 1e6, parser / whole * 100);
}

std::string large_spec(std::size_t bytes) {
  std::string text = "name: shop\nservices:\n";
  for (int i = 0; text.size() < bytes; ++i)
    text += fmt::format(
        "- name: web-{}\n  envs:\n  - key: URL\n    value: ${{web-{}.PUBLIC_URL}}\n", i, i);
  return text;
}

void large(const std::string& what, const std::string& text) {
  bool read = false;
  const double seconds =
      least_seconds([&] { read = bough::read_app_spec(text, "f").spec.has_value(); });
  fmt::print("{} of {} KiB: {} in {:.1f} ms\n", what, text.size() / 1024, read ? "read" : "refused",
             seconds * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  many(good_specs(argv[1]));
  large("a spec", large_spec(250U << 10));
  large("a spec", large_spec(1U << 20));
  large("only brackets", std::string(255U << 10, '['));
  large("only commas", std::string(255U << 10, ','));
  std::string keys = "name: shop\n";
  for (int i = 0; keys.size() < 250U << 10; ++i) keys += fmt::format("key-{}: x\n", i);
  large("unknown keys", keys);
  return 0;
}
