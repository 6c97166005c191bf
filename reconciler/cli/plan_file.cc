#include "reconciler/cli/plan_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "spec/secret.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string seal(const Json& document, const Key& key) {
  const auto sum = key.derive("plan\n" + document.dump());
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()});
}

Result<SavedPlan> read_document(const Json& document, const Key& key, const std::string& file) {
  const Error stale{Fault::stale, file + " is not a whole plan of this bough: plan again"};
  if (!document.is_object() || !document.contains("seal") || !document["seal"].is_string())
    return stale;
  Json body = document;
  body.erase("seal");
  if (seal(body, key) != document["seal"].get<std::string>() ||
      body.value("bough_version", "") != kVersion)
    return stale;
  SavedPlan saved{{body["target"]["repository"], {}}, body["plan_id"]};
  for (const Json& branch : body["target"]["branches_hex"])
    saved.target.branches.push_back(unhex(branch.get<std::string>()));
  return saved;
}

}  // namespace

Result<void> save_plan(const std::string& file, const Target& target, Json document,
                       const Key& key) {
  document["target"] = {{"repository", target.repository}, {"branches_hex", Json::array()}};
  for (const std::string& branch : target.branches)
    document["target"]["branches_hex"].push_back(hex(branch));
  document["seal"] = seal(document, key);
  const std::string text = document.dump(2) + "\n";
  const int out = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      out >= 0 && write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const std::string reason = std::strerror(errno);
  if (out >= 0) close(out);
  if (!written) return Error{Fault::broken, "cannot write " + file + ": " + reason};
  return {};
}

Result<SavedPlan> load_plan(const std::string& file, const Key& key) {
  auto text = read_file(file);
  if (!text) return text.error();
  return read_document(Json::parse(*text, nullptr, false), key, file);
}

}  // namespace bough::cli
