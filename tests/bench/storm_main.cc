#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/bench/storm.h"

namespace {

using bough::bench::StormCount;
using bough::bench::StormPlan;

/// The requests of a file, each after a line with its length.
std::vector<std::string> requests_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> requests;
  std::string line;
  while (std::getline(file, line)) {
    std::string request(std::stoul(line), '\0');
    file.read(request.data(), static_cast<std::streamsize>(request.size()));
    requests.push_back(std::move(request));
  }
  return requests;
}

double milliseconds_at(const StormCount& count, double share) {
  if (count.latencies.empty()) return 0;
  const auto last = static_cast<double>(count.latencies.size() - 1);
  return static_cast<double>(count.latencies[static_cast<std::size_t>(share * last)].count()) / 1e3;
}

void print(StormCount count) {
  std::sort(count.latencies.begin(), count.latencies.end());
  std::string statuses;
  for (const auto& [status, times] : count.statuses)
    statuses += (statuses.empty() ? "\"" : ", \"") + std::to_string(status) +
                "\": " + std::to_string(times);
  std::printf("{\"sent\": %zu, \"broken\": %zu, \"statuses\": {%s}, \"seconds\": %.3f, ",
              count.sent, count.broken, statuses.c_str(), count.took.count());
  std::printf("\"p50\": %.3f, \"p99\": %.3f, \"p999\": %.3f, \"max\": %.3f}\n",
              milliseconds_at(count, 0.5), milliseconds_at(count, 0.99),
              milliseconds_at(count, 0.999), milliseconds_at(count, 1));
}

}  // namespace

int main(int count, char** words) {
  const std::string task = count > 1 ? words[1] : "";
  if (task == "answer" && count == 4) bough::bench::answer_all(std::stoi(words[2]), words[3]);
  if (task == "storm" && count == 7) {
    StormPlan plan{std::stoi(words[2]), std::stod(words[4]),
                   std::chrono::seconds(std::stoi(words[5])), std::stoul(words[6]),
                   requests_of(words[3])};
    print(bough::bench::storm(plan));
    return 0;
  }
  std::fprintf(stderr,
               "usage: bough_storm storm PORT FILE PER_SECOND SECONDS CONNECTIONS\n"
               "       bough_storm answer PORT SECRET\n");
  return 2;
}
