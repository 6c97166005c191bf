#include "reconciler/runner/launcher_program.h"

// From launcher_image.S, which holds the file between them.
extern "C" const char bough_launcher_begin[];
extern "C" const char bough_launcher_end[];

namespace bough::runner {

std::string_view launcher_image() {
  return {bough_launcher_begin, bough_launcher_end};
}

const Fd& launcher_program() {
  // Commands could find it open in /proc.
  static const Fd program = [] {
    Fd file = memory_file(launcher_image());
    seal(file);
    return file;
  }();
  return program;
}

}  // namespace bough::runner
