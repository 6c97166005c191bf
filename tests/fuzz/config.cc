#include <cstddef>
#include <cstdint>
#include <string_view>

#include "spec/config.h"
#include "tests/fuzz/sound.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto reading = bough::read_config(text, "bough.yaml");
  bough::fuzz::expect_sound(reading.diagnostics, reading.config.has_value());
  return 0;
}
