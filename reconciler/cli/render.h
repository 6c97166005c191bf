#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace bough::cli {

enum class Colour { off, on };

/// The plan document for people; a golden file fixes this text.
std::string plan_text(const nlohmann::ordered_json& plan, Colour colour);
/// The same as Markdown, safe to post: fenced, and no text of a branch can leave its fence.
std::string plan_markdown(const nlohmann::ordered_json& plan);
/// `Plan: 3 to create, …` or `No changes. Live state matches Git.`
std::string plan_summary(const nlohmann::ordered_json& plan);

std::string status_text(const nlohmann::ordered_json& status, Colour colour);

}  // namespace bough::cli
