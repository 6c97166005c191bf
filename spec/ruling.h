#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "spec/diagnostic.h"

namespace bough {

/// What bough holds of one kind of diagnostic: the one place that decides whether it is an error.
struct Ruling {
  std::string_view code;
  Severity severity = Severity::error;
  std::string_view rule;     ///< what ought to be
  std::string_view because;  ///< why, and what the platform does with it
  std::string_view fix;
  std::string_view example = {};  ///< a file that is told so; empty when no file can show it
};

/// By subject: what holds of every file, of app.yaml, of bough.yaml, of plans.
std::span<const Ruling> rulings_of_files();
std::span<const Ruling> rulings_of_specs();
std::span<const Ruling> rulings_of_configurations();
std::span<const Ruling> rulings_of_plans();

/// All of them, by code.
std::vector<Ruling> rulings();

/// The ruling of a code, which must be known; else one that makes an error of it.
const Ruling& ruling_of(std::string_view code);

/// Null when there is none.
const Ruling* find_ruling(std::string_view code);

}  // namespace bough
