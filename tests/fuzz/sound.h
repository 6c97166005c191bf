#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "spec/diagnostic.h"
#include "spec/place.h"
#include "spec/ruling.h"

namespace bough::fuzz {

/// Ends the program, as the fuzzer wants it, when something does not hold.
inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// What holds of every answer, whatever was read: `read` is whether there is a value.
inline void expect_sound(const std::vector<Diagnostic>& diagnostics, bool read) {
  expect(read != has_errors(diagnostics), "there is a value or an error, and not both");
  expect(diagnostics.size() <= 101, "at most a hundred are shown");
  for (const Diagnostic& one : diagnostics) {
    expect(find_ruling(one.code), "every code is known");
    expect(!one.fix.empty(), "every diagnostic has a fix");
    expect(one.at.line >= 1 && one.at.column >= 1, "every diagnostic has a place");
    expect(printable(to_text(one)) == to_text(one), "what is shown is printable");
    expect(printable(one.excerpt.line) == one.excerpt.line, "what is cited is printable");
    expect(one.excerpt.line.empty() == (one.excerpt.width == 0), "what is cited is marked");
  }
}

}  // namespace bough::fuzz
