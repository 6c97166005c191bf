#include "reconciler/runner/delivery.h"

#include <algorithm>

namespace bough::runner {
namespace {

constexpr std::size_t largest_end = 1 << 20;
constexpr std::size_t line_between = 200;
// What a line takes in memory beside its bytes.
constexpr std::size_t overhead = sizeof(std::string);

}  // namespace

Delivery::Delivery(const Portion& portion, Log log, const Sink& sink)
    : log_(std::move(log)),
      sink_(sink),
      end_size_(std::min(portion.limit / 4, largest_end)),
      room_(portion.limit - std::min(portion.limit, end_size_ + line_between)),
      lines_(portion.secrets, [this](std::string_view line) { deliver(line); }) {}

void Delivery::feed(std::string_view bytes) {
  lines_.feed(bytes);
  log_.flush();
}

void Delivery::finish() {
  lines_.finish();
  if (left_out_ > 0) give("[bough: " + std::to_string(left_out_) + " bytes are left out here]");
  for (const auto& line : end_) give(line);
  end_.clear();
  log_.flush();
}

void Delivery::deliver(std::string_view line) {
  last_line_ = line;
  full_ = full_ || line.size() + 1 > room_;
  if (full_) return keep_for_the_end(line);
  room_ -= line.size() + 1;
  give(line);
}

void Delivery::give(std::string_view line) {
  log_.add(line);
  if (sink_) sink_(line);
}

void Delivery::keep_for_the_end(std::string_view line) {
  end_.emplace_back(line);
  end_used_ += line.size() + overhead;
  while (end_used_ > end_size_ && !end_.empty()) {
    end_used_ -= end_.front().size() + overhead;
    left_out_ += end_.front().size() + 1;
    end_.pop_front();
  }
}

}  // namespace bough::runner
