#pragma once

#include <string>
#include <string_view>

#include "spec/result.h"

namespace bough {

/// What a setting that was made by command is about.
enum class SettingKind { instance, repository, assignment };

/// A part of the configuration that is kept in the journal in place of `bough.yaml`. `document` is
/// JSON: an entry of `instances` or `repositories` as it would stand in the file; of an assignment,
/// the keys that it adds to the repository of that name.
struct Setting {
  SettingKind kind = SettingKind::repository;
  std::string name;
  std::string document;
  bool operator==(const Setting&) const = default;
};

/// `instance`, `repository`, `assignment`.
std::string_view word_of(SettingKind kind);
/// Fault::invalid for any other word.
Result<SettingKind> parse_setting_kind(std::string_view word);

}  // namespace bough
