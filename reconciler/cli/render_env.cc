#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

/// POSIX shell: inside single quotes everything is itself.
std::string shell_quoted(const std::string& value) {
  std::string result = "'";
  for (const char c : value) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string dotenv_quoted(const std::string& value) {
  std::string result = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '$' || c == '`') result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result + "\"";
}

std::string in_json(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string kubernetes(const Variables& variables) {
  return in_json({{"apiVersion", "v1"},
                  {"kind", "Secret"},
                  {"metadata", {{"name", "bough-env"}}},
                  {"type", "Opaque"},
                  {"stringData", variables}});
}

/// `docker run --env-file` takes lines as they are: there is no quoting, so a second line would be
/// a variable of its own.
Result<std::string> docker(const Variables& variables) {
  std::string text;
  for (const auto& [name, value] : variables) {
    if (value.find_first_of("\r\n") != std::string::npos)
      return Error{Fault::invalid,
                   fmt::format("{} has more than one line, which an env file of docker cannot "
                               "hold; use another --format",
                               name)};
    text += fmt::format("{}={}\n", name, value);
  }
  return text;
}

}  // namespace

Result<std::string> env_text(const Variables& variables, std::string_view format) {
  if (format == "json") return in_json(variables);
  if (format == "kubernetes") return kubernetes(variables);
  if (format == "docker") return docker(variables);
  std::string text;
  for (const auto& [name, value] : variables)
    text += format == "shell" ? fmt::format("export {}={}\n", name, shell_quoted(value))
                              : fmt::format("{}={}\n", name, dotenv_quoted(value));
  return text;
}

}  // namespace bough::cli
