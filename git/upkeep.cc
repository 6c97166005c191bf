#include "git/upkeep.h"

#include <git2.h>
#include <git2/sys/odb_backend.h>

#include <filesystem>
#include <system_error>
#include <vector>

namespace bough {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kSmallPack = 16 << 20;

/// The index files of the packs; only of small ones when `limit` says so.
std::vector<fs::path> packs_up_to(const fs::path& folder, std::uintmax_t limit) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (entry->path().extension() != ".idx") continue;
    fs::path pack = entry->path();
    std::error_code absent;
    const auto size = fs::file_size(pack.replace_extension(".pack"), absent);
    if (!absent && size <= limit) found.push_back(entry->path());
  }
  return found;
}

int insert_object(const git_oid* id, void* payload) {
  return git_packbuilder_insert(static_cast<git_packbuilder*>(payload), id, nullptr);
}

/// A database of only these packs, to list their objects.
Result<OdbHandle> odb_of(const std::vector<fs::path>& packs) {
  git_odb* made = nullptr;
  if (git_odb_new(&made) < 0) return git_error_of(Fault::broken, "merging packs");
  OdbHandle odb(made);
  for (const fs::path& pack : packs) {
    git_odb_backend* backend = nullptr;
    if (git_odb_backend_one_pack(&backend, pack.c_str()) < 0 ||
        git_odb_add_backend(made, backend, 1) < 0)
      return git_error_of(Fault::broken, "merging packs");
  }
  return odb;
}

/// Writes the packs' objects as one pack; its index file.
Result<fs::path> merged(git_repository* mirror, const fs::path& folder,
                        const std::vector<fs::path>& packs) {
  auto odb = odb_of(packs);
  if (!odb) return odb.error();
  git_packbuilder* made = nullptr;
  if (git_packbuilder_new(&made, mirror) < 0) return git_error_of(Fault::broken, "merging packs");
  const PackBuilderHandle builder(made);
  if (git_odb_foreach(odb->get(), insert_object, made) < 0 ||
      git_packbuilder_write(made, folder.c_str(), 0, nullptr, nullptr) < 0)
    return git_error_of(Fault::broken, "merging packs");
  return folder / ("pack-" + std::string(git_packbuilder_name(made)) + ".idx");
}

/// The index goes first: a pack without one is invisible, an index without its pack is an error.
void remove_pack(fs::path index) {
  std::error_code ignored;
  fs::remove(index, ignored);
  fs::remove(index.replace_extension(".pack"), ignored);
}

}  // namespace

Result<bool> merge_small_packs(git_repository* mirror, std::size_t most) {
  const fs::path folder = fs::path(git_repository_path(mirror)) / "objects/pack";
  const auto packs = packs_up_to(folder, kSmallPack);
  if (packs.size() <= most) return false;
  auto whole = merged(mirror, folder, packs);
  if (!whole) return whole.error();
  std::error_code absent;
  if (!fs::exists(*whole, absent))
    return Error{Fault::broken, "the merged pack " + whole->string() + " is not there"};
  for (const fs::path& pack : packs)
    if (pack != *whole) remove_pack(pack);
  return true;
}

}  // namespace bough
