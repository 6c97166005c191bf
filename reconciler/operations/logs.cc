#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostRuns = 500;
constexpr std::size_t kAtOnce = 256 * 1024;

Result<Journal*> journal_of(const Context& context) {
  auto journal = context.installation->journal();
  if (!journal) return journal.error();
  if (!*journal) return Error{Fault::missing, "nothing has been run yet: see bough plan"};
  return journal;
}

/// Newest first, of the repositories that are meant.
Result<std::vector<RunRecord>> runs_of(const Context& context, Journal& journal,
                                       const std::string& repository, long long id) {
  std::set<std::string> names = context.asker.repositories;
  if (!repository.empty() || names.empty()) names = {repository};
  std::vector<RunRecord> all;
  for (const std::string& name : names) {
    auto runs = journal.runs({name, std::nullopt, id, kMostRuns});
    if (!runs) return runs.error();
    all.insert(all.end(), runs->begin(), runs->end());
  }
  std::sort(all.begin(), all.end(),
            [](const RunRecord& a, const RunRecord& b) { return a.id > b.id; });
  return all;
}

using Homes = std::set<std::pair<RepositoryName, Environment>>;

/// The run that was named, else those of the latest commit of each branch; oldest first.
std::vector<RunRecord> chosen(const std::vector<RunRecord>& runs, const Arguments& arguments,
                              const Homes& about) {
  const bool everywhere = arguments.has("run") || !arguments.has("branch");
  std::vector<RunRecord> result;
  std::map<Home, Commit> latest;
  for (const RunRecord& run : runs) {
    const Home& home = run.key.home;
    if (!everywhere && !about.contains({home.repository, home.environment})) continue;
    if (latest.emplace(home, run.key.commit).first->second != run.key.commit) continue;
    result.insert(result.begin(), run);
  }
  return result;
}

/// The files of a run's commands, in order.
std::vector<std::string> log_files(const RunRecord& run) {
  std::vector<std::string> files{run.log_file};
  for (int part = 2; std::filesystem::exists(fmt::format("{}.{}", run.log_file, part)); ++part)
    files.push_back(fmt::format("{}.{}", run.log_file, part));
  return files;
}

/// The run's output from a point on, as if its files were one; at most so much.
std::string output_from(const RunRecord& run, std::uintmax_t offset, std::size_t most) {
  std::string text;
  for (const std::string& name : log_files(run)) {
    std::error_code failed;
    const std::uintmax_t size = std::filesystem::file_size(name, failed);
    if (failed) continue;
    if (offset >= size) {
      offset -= size;
      continue;
    }
    std::string part(std::min<std::uintmax_t>(size - offset, most - text.size()), '\0');
    std::ifstream file(name, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    text += part.substr(0, static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    offset = 0;
    if (text.size() >= most) break;
  }
  return text;
}

Result<RunRecord> the_run(Journal& journal, const std::string& repository, long long id) {
  auto runs = journal.runs({repository, std::nullopt, id, 1});
  if (!runs) return runs.error();
  if (id == 0 || runs->empty())
    return Error{Fault::missing, fmt::format("{} has no run {}", repository, id)};
  return runs->front();
}

/// The lines of a run's output while it goes on.
class LogFeed : public Feed {
 public:
  LogFeed(Journal& journal, RunRecord run, std::uintmax_t offset)
      : journal_(journal), run_(std::move(run)), offset_(offset) {}

  Result<Batch> next() override {
    // The state first: what an ended run wrote is there by then.
    auto run = the_run(journal_, run_.key.home.repository.text(), run_.id);
    if (!run) return run.error();
    const bool ended = run->state != RunState::running && run->state != RunState::queued;
    const std::string text = output_from(*run, offset_, kAtOnce);
    Batch batch;
    std::size_t start = 0;
    while (start < text.size()) {
      const std::size_t end = text.find('\n', start);
      const bool last = ended && text.size() < kAtOnce;
      if (end == std::string::npos && !last) break;
      const std::size_t next = std::min(text.size(), end == std::string::npos ? end : end + 1);
      batch.lines.push_back(line(text.substr(start, end - start), next - start));
      start = next;
    }
    batch.over = ended && text.size() < kAtOnce;
    return batch;
  }

 private:
  Line line(const std::string& text, std::size_t size) {
    offset_ += size;
    return {std::to_string(offset_), text_of({{"format_version", kFormatVersion},
                                              {"run", run_.id},
                                              {"offset", offset_},
                                              {"line", text}})};
  }

  Journal& journal_;
  RunRecord run_;
  std::uintmax_t offset_;
};

}  // namespace

Result<Outcome> runs(Context& context, const Arguments& arguments, const Emit&) {
  const std::string& repository = arguments.text("repository");
  auto wanted = repositories(context, repository);
  if (!wanted) return wanted.error();
  auto journal = journal_of(context);
  if (!journal) return journal.error();
  auto found = runs_of(context, **journal, repository, arguments.number("run"));
  if (!found) return found.error();
  Homes about;
  for (const RepositoryConfig* one : *wanted)
    for (const Environment& environment :
         environments_of(*context.installation, *one, arguments.all("branch")))
      about.emplace(one->name, environment);
  const std::vector<RunRecord> shown = chosen(*found, arguments, about);
  if (shown.empty()) return Error{Fault::missing, "no runs are recorded for that"};
  Json document{{"format_version", kFormatVersion}, {"runs", Json::array()}};
  for (const RunRecord& run : shown) document["runs"].push_back(run_document(run));
  return Outcome{text_of(document)};
}

Result<Outcome> log(Context& context, const Arguments& arguments, const Emit&) {
  auto journal = journal_of(context);
  if (!journal) return journal.error();
  auto run = the_run(**journal, arguments.text("repository"), arguments.number("run"));
  if (!run) return run.error();
  const auto offset = static_cast<std::uintmax_t>(arguments.number("offset"));
  const std::string text = output_from(*run, offset, std::string().max_size());
  return Outcome{text_of({{"format_version", kFormatVersion},
                          {"run", run_document(*run)},
                          {"offset", offset + text.size()},
                          {"text", text}})};
}

Result<std::unique_ptr<Feed>> follow_log(Context& context, const Arguments& arguments) {
  auto journal = journal_of(context);
  if (!journal) return journal.error();
  auto run = the_run(**journal, arguments.text("repository"), arguments.number("run"));
  if (!run) return run.error();
  return std::unique_ptr<Feed>(std::make_unique<LogFeed>(
      **journal, *run, static_cast<std::uintmax_t>(arguments.number("offset"))));
}

}  // namespace bough::operations
