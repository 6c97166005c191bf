#include "spec/setting.h"

#include <array>

namespace bough {
namespace {

constexpr std::array kKinds = {SettingKind::instance, SettingKind::repository,
                               SettingKind::assignment};

}  // namespace

std::string_view word_of(SettingKind kind) {
  switch (kind) {
    case SettingKind::instance:
      return "instance";
    case SettingKind::repository:
      return "repository";
    case SettingKind::assignment:
      return "assignment";
  }
  return "";
}

Result<SettingKind> parse_setting_kind(std::string_view word) {
  for (const SettingKind kind : kKinds)
    if (word_of(kind) == word) return kind;
  return Error{Fault::invalid, std::string(word) + " is no kind of setting"};
}

}  // namespace bough
