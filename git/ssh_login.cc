#include "git/ssh_login.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>
#include <vector>

#include "spec/handle.h"

namespace bough {
namespace {

using Bio = Handle<BIO, BIO_free_all>;
using PrivateKey = Handle<EVP_PKEY, EVP_PKEY_free>;

constexpr std::string_view kOpenSsh = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view kOpenSshEnd = "-----END OPENSSH PRIVATE KEY-----";
constexpr std::string_view kMagic{"openssh-key-v1\0", 15};

Error unusable(std::string_view why) {
  return {Fault::invalid, std::string(why) + "; make one with: ssh-keygen -t ed25519"};
}
Error refused_type(std::string_view type) {
  return unusable(std::string(type) + " keys are not supported, only ed25519 and ECDSA ones");
}

std::optional<std::string> whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return std::nullopt;
  return text;
}

std::string base64_decoded(std::string_view text) {
  std::string compact;
  std::copy_if(text.begin(), text.end(), std::back_inserter(compact),
               [](char c) { return c != '\n' && c != '\r' && c != ' '; });
  std::string bytes(compact.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(compact.data()),
                                   static_cast<int>(compact.size()));
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return bytes;
}

/// Takes one length-prefixed field off the front; empty when there is none.
std::string_view take_field(std::string_view& bytes) {
  std::size_t size = 0;
  if (bytes.size() < 4) return {};
  for (int i = 0; i < 4; ++i)
    size = size << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  bytes.remove_prefix(4);
  const std::string_view field = bytes.substr(0, std::min(size, bytes.size()));
  bytes.remove_prefix(field.size());
  return field;
}

/// The type of the first key in OpenSSH's own format, such as `ssh-ed25519`; empty when damaged.
std::string openssh_type(std::string_view text) {
  const auto start = text.find(kOpenSsh) + kOpenSsh.size();
  const std::string decoded = base64_decoded(text.substr(start, text.find(kOpenSshEnd) - start));
  std::string_view rest = decoded;
  if (!rest.starts_with(kMagic)) return {};
  rest.remove_prefix(kMagic.size());
  for (int i = 0; i < 3; ++i) take_field(rest);  // cipher, key derivation, its options
  if (rest.size() < 4) return {};
  rest.remove_prefix(4);  // number of keys
  std::string_view key = take_field(rest);
  return std::string(take_field(key));
}

Result<void> judged_openssh(std::string_view text) {
  const std::string type = openssh_type(text);
  if (type == "ssh-rsa") return refused_type("RSA");
  if (type == "ssh-dss") return refused_type("DSA");
  if (type == "ssh-ed25519" || type.starts_with("ecdsa-sha2-")) return {};
  return unusable(type.empty() ? "the file is damaged" : "its type " + type + " is not supported");
}

int no_passphrase(char*, int, int, void*) {
  return 0;
}

Result<void> judged_pem(std::string_view text) {
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  const PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) return {};  // protected by a passphrase: only the server can tell
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      return refused_type("RSA");
    case EVP_PKEY_DSA:
      return refused_type("DSA");
    default:
      return {};
  }
}

std::string user_home() {
  if (const char* home = std::getenv("HOME"); home && *home) return home;
  const passwd* user = getpwuid(geteuid());
  return user && user->pw_dir ? user->pw_dir : "/";
}

/// The home as it was before prepare_known_hosts moved it.
const std::string& home_folder() {
  static const std::string home = user_home();
  return home;
}

/// 0 for the types to ask for first; RSA last, as it only works with servers of long ago.
std::size_t preference(std::string_view line) {
  static constexpr std::array<std::string_view, 3> kOrder{" ssh-ed25519 ", " ecdsa-sha2-", " ssh-"};
  const auto* found = std::find_if(kOrder.begin(), kOrder.end(), [&](std::string_view type) {
    return line.find(type) != std::string_view::npos;
  });
  return static_cast<std::size_t>(found - kOrder.begin());
}

/// The key itself of a known_hosts line: all of them start alike in base 64.
std::string key_of(std::string_view line) {
  const auto start = line.find(" AAAA");
  if (start == std::string_view::npos) return std::string(line);
  return std::string(line.substr(start + 1, line.find_first_of(" \r", start + 1) - start - 1));
}

}  // namespace

Result<void> usable_ssh_key(std::string_view text) {
  if (text.find("-----BEGIN RSA PRIVATE KEY-----") != std::string_view::npos)
    return refused_type("RSA");
  if (text.find("-----BEGIN DSA PRIVATE KEY-----") != std::string_view::npos)
    return refused_type("DSA");
  if (text.find(kOpenSsh) != std::string_view::npos) return judged_openssh(text);
  if (text.find("PRIVATE KEY-----") != std::string_view::npos) return judged_pem(text);
  return unusable("the file holds no private key");
}

Result<void> usable_ssh_key_file(const std::string& path) {
  const auto text = whole_file(path);
  const std::string context = "the SSH key " + path;
  if (!text) return Error{Fault::invalid, context + " cannot be read"};
  if (auto usable = usable_ssh_key(*text); !usable) return within(context, usable.error());
  return {};
}

std::string ordered_known_hosts(std::string_view text) {
  std::vector<std::string> lines;
  std::vector<std::string> revoked;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("@revoked")) revoked.push_back(key_of(line));
    if (!line.empty() && line.front() != '#' && line.front() != '@') lines.push_back(line);
  }
  std::erase_if(lines, [&](const std::string& line) {
    return std::find(revoked.begin(), revoked.end(), key_of(line)) != revoked.end();
  });
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return preference(a) < preference(b); });
  std::string result;
  for (const std::string& line : lines) result += line + "\n";
  return result;
}

Result<void> prepare_known_hosts(const std::string& file, const std::string& home) {
  const std::string& old_home = home_folder();
  const std::string source = file.empty() ? old_home + "/.ssh/known_hosts" : file;
  const auto text = whole_file(source);
  if (!text)
    return Error{Fault::denied,
                 "the file " + source +
                     " with the SSH keys of known hosts cannot be read; make it with "
                     "ssh-keyscan and compare the key with the host's"};
  std::error_code failure;
  std::filesystem::create_directories(home + "/.ssh", failure);
  std::ofstream copy(home + "/.ssh/known_hosts", std::ios::binary | std::ios::trunc);
  copy << ordered_known_hosts(*text);
  copy.close();
  if (!copy) return Error{Fault::broken, home + "/.ssh/known_hosts cannot be written"};
  setenv("HOME", home.c_str(), 1);
  return {};
}

}  // namespace bough
