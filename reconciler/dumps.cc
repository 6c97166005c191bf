#include "reconciler/dumps.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "reconciler/reconcile.h"
#include "spec/secret.h"

namespace bough {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDump = ".dump";
constexpr const char* kManifest = ".json";
constexpr const char* kPart = ".part";
constexpr std::chrono::hours kAttempt(24);  // no attempt writes nothing for as long

Error failed(std::string_view what, const std::string& path) {
  return {Fault::broken, fmt::format("{} {}: {}", what, path, std::strerror(errno))};
}

struct FileSum {
  long long bytes = 0;
  std::string sha256;
};

Result<FileSum> sum_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return failed("opening", path);
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  FileSum sum;
  std::vector<char> buffer(1 << 16);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(buffer.data()),
                              static_cast<unsigned long long>(in.gcount()));
    sum.bytes += in.gcount();
  }
  std::array<unsigned char, crypto_hash_sha256_BYTES> bytes{};
  crypto_hash_sha256_final(&state, bytes.data());
  sum.sha256 = hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return sum;
}

/// On disk when it returns: the text itself, or a folder's list of names.
Result<void> write_through(const std::string& path, int flags, std::string_view text) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed("opening", path);
  const bool written =
      text.empty() || write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool stored = written && fsync(fd) == 0;
  const Error error = stored ? Error{} : failed("writing", path);
  close(fd);
  return stored ? Result<void>() : error;
}

Result<void> make_folder(const std::string& folder) {
  std::error_code wrong;
  fs::create_directories(folder, wrong);
  if (wrong) return Error{Fault::broken, "making " + folder + ": " + wrong.message()};
  if (chmod(folder.c_str(), 0700) != 0) return failed("protecting", folder);
  return {};
}

/// The manifest comes last: with it the dump is whole.
Result<void> put_in_place(const Installation& installation, const Dump& dump) {
  const std::string stem = dumps_folder(installation) + "/" + dump.id;
  const std::string manifest = stem + kManifest;
  if (auto written = write_through(manifest + kPart, O_WRONLY | O_CREAT | O_TRUNC,
                                   manifest_of(dump, installation.key()));
      !written)
    return written;
  if (rename((stem + kPart).c_str(), (stem + kDump).c_str()) != 0) return failed("naming", stem);
  if (rename((manifest + kPart).c_str(), manifest.c_str()) != 0) return failed("naming", manifest);
  return write_through(dumps_folder(installation), O_RDONLY | O_DIRECTORY, "");
}

std::optional<Dump> find(const Installation& installation, const std::string& id) {
  auto text = read_file(dumps_folder(installation) + "/" + id + kManifest);
  if (!text) return std::nullopt;
  auto dump = read_manifest(*text, installation.key());
  if (!dump || dump->id != id) return std::nullopt;
  return *std::move(dump);
}

Result<void> check_file(const Installation& installation, const Dump& dump) {
  auto sum = sum_of(dump_file(installation, dump.id));
  if (!sum) return sum.error();
  if (sum->bytes == dump.bytes && sum->sha256 == dump.checksum) return {};
  return Error{Fault::broken, fmt::format("dump {} is not as it was written: its file was changed "
                                          "or damaged",
                                          dump.id)};
}

DumpNote note_of(const Dump& dump, const std::string& file, std::string note) {
  const auto& migrated = dump.mark.migrated;
  return {dump.id,         dump.mark.place, dump.mark.name,
          dump.instance,   dump.version,    migrated ? migrated->commit.text() : "",
          dump.bytes,      dump.checksum,   file,
          std::move(note), dump.made_at};
}

Result<void> note(Installation& installation, const Dump& dump, std::string why) {
  auto journal = installation.journal();
  if (!journal) return journal.error();
  if (!*journal) return {};
  return (*journal)->note_dump(note_of(dump, dump_file(installation, dump.id), std::move(why)));
}

Result<void> write_dump(Installation& installation, const DumpDatabase& step, Dump& dump,
                        const std::function<bool()>& stopping) {
  if (auto made = make_folder(dumps_folder(installation)); !made) return made;
  auto server = installation.server(step.at.instance);
  if (!server) return server.error();
  const std::string part = dumps_folder(installation) + "/" + dump.id + kPart;
  auto contents = (*server)->dump(
      step, {part, installation.config().server_binaries, installation.workspace().user, stopping});
  if (contents) {
    auto sum = sum_of(part);
    if (!sum) return sum.error();
    dump.contents = *std::move(contents);
    dump.bytes = sum->bytes;
    dump.checksum = sum->sha256;
    return put_in_place(installation, dump);
  }
  unlink(part.c_str());
  return contents.error();
}

/// What killed attempts left: a file of one under way is younger.
std::vector<std::string> leftovers(const std::string& folder, Instant now) {
  std::vector<std::string> files;
  std::error_code wrong;
  for (fs::directory_iterator entry(folder, wrong), end; !wrong && entry != end;
       entry.increment(wrong)) {
    const fs::path& path = entry->path();
    std::error_code ignored;
    const bool unfinished =
        path.extension() == kPart ||
        (path.extension() == kDump &&
         !fs::exists(fs::path(path).replace_extension(kManifest), ignored) && !ignored);
    struct stat file {};
    if (unfinished && lstat(path.c_str(), &file) == 0 &&
        Instant(std::chrono::seconds(file.st_mtime)) + kAttempt < now)
      files.push_back(path.string());
  }
  return files;
}

}  // namespace

std::string dumps_folder(const Installation& installation) {
  return installation.workspace().data_dir + "/dumps";
}

std::string dump_file(const Installation& installation, const std::string& id) {
  return dumps_folder(installation) + "/" + id + kDump;
}

std::vector<Dump> dumps_there(const Installation& installation) {
  std::vector<Dump> dumps;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(dumps_folder(installation), ignored)) {
    if (entry.path().extension() != kManifest) continue;
    if (auto dump = find(installation, entry.path().stem().string())) dumps.push_back(*dump);
  }
  std::sort(dumps.begin(), dumps.end(), [](const Dump& one, const Dump& other) {
    return std::tie(other.made_at, other.id) < std::tie(one.made_at, one.id);
  });
  return dumps;
}

Result<void> make_dump(Installation& installation, const DumpDatabase& step,
                       const std::function<bool()>& stopping) {
  const std::string id = dump_id(step.at.instance, step.mark);
  if (const auto there = find(installation, id))
    if (there->mark == step.mark && check_file(installation, *there)) return {};
  auto server = installation.server(step.at.instance);
  if (!server) return server.error();
  auto seen = (*server)->observe();
  if (!seen) return seen.error();
  Dump dump{id, step.at.instance, seen->version, step.mark, now(), 0, "", {}};
  auto written = write_dump(installation, step, dump, stopping);
  if (!written && stopping()) return written;
  auto noted = note(installation, dump, written ? "" : written.error().message);
  return written ? noted : written;
}

Result<void> fill_from_dump(Installation& installation, const FillDatabase& fill,
                            const std::function<bool()>& stopping) {
  const auto dump = find(installation, fill.dump);
  if (!dump) return Error{Fault::missing, "there is no dump " + printable(fill.dump) + " here"};
  if (auto whole = check_file(installation, *dump); !whole) return whole;
  auto server = installation.server(fill.at.instance);
  if (!server) return server.error();
  auto seen = (*server)->observe();
  if (!seen) return seen.error();
  DumpContents expected = dump->contents;
  // Other versions may write the same definition in other words.
  if (seen->version != dump->version) expected.definitions.clear();
  return (*server)->fill(fill, expected,
                         {dump_file(installation, dump->id), installation.config().server_binaries,
                          installation.workspace().user, stopping});
}

void prune_dumps(const Installation& installation, Instant now) {
  std::error_code ignored;
  const auto keep = installation.config().dumps.keep;
  for (const Dump& dump : dumps_there(installation)) {
    if (now < dump.made_at + keep) continue;
    // The manifest first: what is left of a dump without one is no dump.
    const std::string stem = dumps_folder(installation) + "/" + dump.id;
    fs::remove(stem + kManifest, ignored);
    fs::remove(stem + kDump, ignored);
  }
  for (const std::string& file : leftovers(dumps_folder(installation), now))
    fs::remove(file, ignored);
}

}  // namespace bough
