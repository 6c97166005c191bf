#include "reconciler/checkout.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "reconciler/runner/process.h"
#include "spec/secret.h"

namespace bough {
namespace {

namespace fs = std::filesystem;

/// One folder name for a home, whatever bytes its branch has.
std::string folder_name(const Home& home, const Commit& commit) {
  const auto sum = sha256(home.app.text() + '\n' + kind_of(home.environment) + '\n' +
                          bytes_of(home.environment));
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()}).substr(0, 16) + "-" +
         commit.text().substr(0, 12);
}

/// Checkouts of the same home at other commits: what failed or was interrupted there is over.
void remove_others(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const std::string home = name.substr(0, name.find('-') + 1);
  std::error_code ignored;
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(folder.parent_path(), ignored))
    if (entry.path() != folder && entry.path().filename().string().starts_with(home))
      others.push_back(entry.path());
  for (const fs::path& other : others) fs::remove_all(other, ignored);
}

}  // namespace

Checkout::Checkout(const Workspace& workspace, const Home& home, const Commit& commit)
    : workspace_(workspace),
      commit_(commit),
      folder_(workspace.shared_dir + "/checkouts/" + home.repository.text() + "/" +
              folder_name(home, commit)),
      tree_(folder_ + "/tree") {}

bool Checkout::built(std::string_view digest) const {
  std::error_code ignored;
  return fs::exists(folder_ + "/built-" + std::string(digest), ignored);
}

void Checkout::set_built(std::string_view digest) const {
  std::ofstream(folder_ + "/built-" + std::string(digest)).flush();
}

Result<void> Checkout::fill(const Mirror& mirror) const {
  std::error_code ignored;
  if (fs::exists(folder_ + "/filled", ignored)) return {};
  return refill(mirror);
}

Result<void> Checkout::refill(const Mirror& mirror) const {
  remove();
  remove_others(folder_);
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (failed) return Error{Fault::broken, "cannot create " + folder_ + ": " + failed.message()};
  chmod(folder_.c_str(), 0711);
  if (auto written = mirror.checkout(commit_, tree_); !written) return written.error();
  if (workspace_.user)
    if (auto given = give_to(tree_, *workspace_.user); !given) return given.error();
  std::ofstream(folder_ + "/filled").flush();
  return {};
}

void Checkout::remove() const {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

}  // namespace bough
