#include "spec/rehearsal_note.h"

namespace bough {

std::string_view word_of(RehearsalState state) {
  switch (state) {
    case RehearsalState::none:
      return "not rehearsed yet";
    case RehearsalState::running:
      return "under way";
    case RehearsalState::succeeded:
      return "succeeded";
    case RehearsalState::failed:
      return "failed";
    case RehearsalState::impossible:
      return "impossible";
  }
  return "";
}

}  // namespace bough
