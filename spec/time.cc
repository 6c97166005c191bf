#include "spec/time.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <utility>

namespace bough {
namespace {

using std::chrono::milliseconds;

constexpr long long kTenYears = 10LL * 366 * 24 * 3600 * 1000;
constexpr std::array<std::pair<std::string_view, long long>, 5> kUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"ms", 1}, {"m", 60'000}, {"s", 1000}}};

std::optional<long long> take_number(std::string_view& text) {
  long long number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
    if (number = number * 10 + (text[digits++] - '0'); number > kTenYears) return std::nullopt;
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

std::optional<long long> take_unit(std::string_view& text) {
  for (const auto& [unit, length] : kUnits) {
    if (!text.starts_with(unit)) continue;
    text.remove_prefix(unit.size());
    return length;
  }
  return std::nullopt;
}

}  // namespace

std::string rfc3339(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{instant - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()),
                     unsigned(date.month()), unsigned(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milli = 0, end = 0;
  const std::string copy(text);
  const int read = std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &year, &month, &day,
                               &hour, &minute, &second, &milli, &end);
  if (read != 7 || end != static_cast<int>(copy.size())) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + milliseconds(milli);
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  long long total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const auto unit = take_unit(text);
    if (!unit || *number > kTenYears / *unit) return std::nullopt;
    if (total += *number * *unit; total > kTenYears) return std::nullopt;
  }
  return milliseconds(total);
}

std::string to_text(milliseconds duration) {
  static constexpr std::array<std::pair<std::string_view, long long>, 5> kDown{
      {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
  long long rest = duration.count();
  if (rest <= 0) return "0s";
  std::string result;
  for (const auto& [unit, length] : kDown) {
    if (rest / length > 0) result += fmt::format("{}{}", rest / length, unit);
    rest %= length;
  }
  return result;
}

}  // namespace bough
