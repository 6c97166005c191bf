#include "reconciler/runner/launcher_program.h"

// From launcher_image.S, which holds the file between them.
extern "C" const char bough_launcher_begin[];
extern "C" const char bough_launcher_end[];

namespace bough::runner {

std::string_view launcher_image() {
  return {bough_launcher_begin, bough_launcher_end};
}

const Fd& launcher_program() {
  static const Fd program = memory_file(launcher_image());
  return program;
}

}  // namespace bough::runner
