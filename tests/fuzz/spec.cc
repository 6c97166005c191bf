#include <cstddef>
#include <cstdint>
#include <string_view>

#include "spec/app_spec.h"
#include "tests/fuzz/sound.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto reading = bough::read_app_spec(text, "app.yaml");
  bough::fuzz::expect_sound(reading.diagnostics, reading.spec.has_value());
  const auto again = bough::read_app_spec(text, "app.yaml");
  bough::fuzz::expect(reading.spec == again.spec, "the same is read twice");
  return 0;
}
