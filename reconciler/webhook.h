#pragma once

#include <string>
#include <vector>

#include "git/forges/provider.h"
#include "reconciler/installation.h"

namespace bough {

/// Where others reach the server, without a slash at the end: `public_url`, else made of `listen`.
std::string base_url(const Config& config);

/// The path of a repository's hook for one provider: derived from the installation key, so it can
/// be printed again and not be guessed.
std::string hook_path(const Key& key, const RepositoryName& repository, forges::Provider provider);

/// One hook: its path picks parser and secrets, whatever the request says.
struct Hook {
  RepositoryName repository;
  forges::Provider provider;
  std::string path;
  std::string repository_url;
  std::vector<Secret> secrets;        ///< any will do; several while one is being changed
  std::vector<std::string> problems;  ///< why a secret cannot be read; without any the hook is off
};
std::vector<Hook> hooks_of(const Installation& installation);

}  // namespace bough
