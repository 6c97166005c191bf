#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "spec/result.h"

namespace bough::cli {

enum class Colour { off, on };

/// Whether what is written there may be coloured: it is a terminal, and NO_COLOR is not set.
Colour colour_of(int descriptor);

/// A diagnostic of a document for people: `file:line:column: error: message (fix)`, the line that
/// it is about with what is meant underlined, and the rule with its code.
std::string diagnostic_text(const nlohmann::ordered_json& diagnostic, Colour colour);

/// A text as a block of Markdown that it cannot leave, short enough for a comment.
std::string fenced(std::string body);

/// The plan document for people; a golden file fixes this text.
std::string plan_text(const nlohmann::ordered_json& plan, Colour colour);
/// The same as Markdown, safe to post: fenced, and no text of a branch can leave its fence.
std::string plan_markdown(const nlohmann::ordered_json& plan);
/// `Plan: 3 to create, …` or `No changes. Live state matches Git.`
std::string plan_summary(const nlohmann::ordered_json& plan);

/// What a rehearsal showed, for people; and as Markdown, fenced.
std::string rehearsal_text(const nlohmann::ordered_json& rehearsal);
std::string rehearsal_markdown(const nlohmann::ordered_json& rehearsal);

/// A line for each pull request that waits for a person, of which the older ones are counted.
std::vector<std::string> unapproved_lines(const nlohmann::ordered_json& unapproved);

/// What a plan tells of a rehearsal: a line, and below it what to think of before production.
std::string rehearsal_note_text(const nlohmann::ordered_json& note);

/// Variables in a format of `bough env`; Fault::invalid, naming the variable, for a value that the
/// format cannot hold.
using Variables = std::map<std::string, std::string>;
Result<std::string> env_text(const Variables& variables, std::string_view format);

std::string status_text(const nlohmann::ordered_json& status, Colour colour);

}  // namespace bough::cli
