#include <git2.h>

#include <string>
#include <utility>

#include "git/source.h"
#include "git/ssh_login.h"
#include "git/tls_stream.h"

namespace bough {
namespace {

// Caps on one download, so that a pack bomb ends before the disk does.
constexpr std::size_t kLargestDownload = std::size_t{8} << 30;
constexpr unsigned kMostObjects = 50'000'000;
constexpr std::size_t kMostReferences = 1'000'000;

/// One connection's login: the credential callback is asked again after each refusal, without end.
struct Login {
  const Remote* remote;
  const RemoteUrl* url;
  int tries = 0;
  bool named = false;
  std::string refusal;
};

int refuse(Login& login, std::string why) {
  login.refusal = std::move(why);
  return GIT_EUSER;
}

std::string user_of(const Login& login) {
  if (!login.url->user().empty()) return login.url->user();
  if (!login.remote->username.empty()) return login.remote->username;
  return login.url->scheme() == Scheme::ssh ? "git" : "";
}

int supply_name(git_credential** out, Login& login) {
  if (std::exchange(login.named, true))
    return refuse(login, "the server refused the user " + user_of(login));
  return git_credential_username_new(out, user_of(login).c_str());
}

int supply_key(git_credential** out, Login& login) {
  if (login.tries++ > 0)
    return refuse(login, "the server refused the SSH key for the user " + user_of(login));
  const char* passphrase = login.remote->password ? login.remote->password->reveal().c_str() : "";
  return git_credential_ssh_key_new(out, user_of(login).c_str(), nullptr,
                                    login.remote->ssh_key_file.c_str(), passphrase);
}

int supply_password(git_credential** out, Login& login) {
  if (login.tries++ > 0) return refuse(login, "the server refused the user name or the password");
  return git_credential_userpass_plaintext_new(out, user_of(login).c_str(),
                                               login.remote->password->reveal().c_str());
}

int supply_credential(git_credential** out, const char*, const char*, unsigned allowed,
                      void* payload) {
  Login& login = *static_cast<Login*>(payload);
  if (allowed & GIT_CREDENTIAL_USERNAME) return supply_name(out, login);
  if ((allowed & GIT_CREDENTIAL_SSH_KEY) && !login.remote->ssh_key_file.empty())
    return supply_key(out, login);
  if ((allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) && login.remote->password)
    return supply_password(out, login);
  return refuse(login, login.url->scheme() == Scheme::ssh
                           ? "the server wants a login; give an SSH key under credentials"
                           : "the server wants a login; give a user name and password or token "
                             "under credentials");
}

int check_size(const git_indexer_progress* progress, void*) {
  if (progress->received_bytes <= kLargestDownload && progress->total_objects <= kMostObjects)
    return 0;
  git_error_set_str(GIT_ERROR_NET, "the server sends more than bough takes in one go");
  return GIT_EUSER;
}

bool refused_by_status(const std::string& message) {
  for (const char* status : {"status code: 401", "status code: 403", "status code: 407"})
    if (message.find(status) != std::string::npos) return true;
  return false;
}

class NetworkSource final : public Source {
 public:
  NetworkSource(RemoteHandle remote, RemoteUrl url)
      : remote_(std::move(remote)), url_(std::move(url)) {}
  ~NetworkSource() override { hang_up(); }

  Result<Listing> list(const FetchRequest& request) override;
  Result<std::size_t> download(const std::vector<Want>& wants) override;
  void hang_up() override { git_remote_disconnect(remote_.get()); }

 private:
  Result<void> connect(const FetchRequest& request);
  git_remote_callbacks callbacks();
  Error error_of(int code) const;

  RemoteHandle remote_;
  RemoteUrl url_;
  Remote access_;
  Login login_{};
};

git_remote_callbacks NetworkSource::callbacks() {
  git_remote_callbacks callbacks{};
  git_remote_init_callbacks(&callbacks, GIT_REMOTE_CALLBACKS_VERSION);
  callbacks.credentials = supply_credential;
  callbacks.transfer_progress = check_size;
  callbacks.payload = &login_;
  return callbacks;
}

Error NetworkSource::error_of(int code) const {
  if (!login_.refusal.empty()) return {Fault::denied, login_.refusal};
  const std::string message = without_login(latest_git_message());
  if (message.find("remote ssh hostkey") != std::string::npos)
    return {Fault::denied, "the SSH key of " + url_.host() +
                               " is unknown or not the one in known_hosts; compare it with the "
                               "host's, then add it with ssh-keyscan"};
  if (message.find("parsing REF pkt-line") != std::string::npos)
    return {
        Fault::invalid,
        "its list of branches cannot be read; shallow clones and repositories with SHA-256 object "
        "ids are not supported"};
  if (code == GIT_EAUTH || refused_by_status(message))
    return {Fault::denied, "the login was refused: " + message};
  return {code == GIT_ECERTIFICATE ? Fault::denied : Fault::unavailable, message};
}

Result<void> NetworkSource::connect(const FetchRequest& request) {
  access_ = request.remote;
  login_ = Login{&access_, &url_, 0, false, {}};
  set_tls_rules({access_.ca_cert_file, std::chrono::steady_clock::now() + request.limit});
  if (url_.scheme() == Scheme::ssh) {
    auto ready = prepare_known_hosts(access_.known_hosts_file, request.folder + "/home");
    if (!ready) return ready;
  }

  git_remote_connect_options options{};
  git_remote_connect_options_init(&options, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
  options.callbacks = callbacks();
  options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;  // within the same host they are followed
  git_error_clear();
  const int code = git_remote_connect_ext(remote_.get(), GIT_DIRECTION_FETCH, &options);
  if (code < 0) return error_of(code);
  return {};
}

Result<Listing> NetworkSource::list(const FetchRequest& request) {
  if (auto connected = connect(request); !connected) return connected.error();
  const git_remote_head** heads = nullptr;
  std::size_t count = 0;
  if (const int code = git_remote_ls(&heads, &count, remote_.get()); code < 0)
    return error_of(code);
  if (count > kMostReferences)
    return Error{Fault::unavailable,
                 "it lists " + std::to_string(count) + " references, more than bough reads"};
  Listing listing;
  for (std::size_t i = 0; i < count; ++i) {
    add_reference(listing, heads[i]->name, heads[i]->oid, listed_for(request.remote));
    if (std::string_view(heads[i]->name) == "HEAD" && heads[i]->symref_target)
      listing.head = branch_of_reference(heads[i]->symref_target);
  }
  return listing;
}

Result<std::size_t> NetworkSource::download(const std::vector<Want>& wants) {
  // Each refspec is compared with each listed reference: with many of them one glob is cheaper.
  std::vector<std::string> names;
  const bool many = wants.size() > 50;
  if (many) names.push_back("refs/heads/*:refs/n/*");  // never written
  for (const Want& want : wants)
    if (!many || !branch_of_reference(want.ref)) names.push_back(want.ref);
  std::vector<char*> pointers;
  pointers.reserve(names.size());
  for (std::string& name : names) pointers.push_back(name.data());
  const git_strarray refspecs{pointers.data(), pointers.size()};

  git_fetch_options options{};
  git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
  options.callbacks = callbacks();
  options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
  options.update_fetchhead = 0;
  options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
  login_.tries = 0;
  login_.named = false;
  git_error_clear();
  const int code = git_remote_download(remote_.get(), &refspecs, &options);
  if (code < 0) return error_of(code);
  return git_remote_stats(remote_.get())->received_objects;
}

}  // namespace

Result<std::unique_ptr<Source>> network_source(git_repository* mirror, const RemoteUrl& url) {
  git_remote* remote = nullptr;
  if (git_remote_create_anonymous(&remote, mirror, url.text().c_str()) < 0)
    return git_error_of(Fault::invalid, url.shown());
  return std::unique_ptr<Source>(std::make_unique<NetworkSource>(RemoteHandle(remote), url));
}

}  // namespace bough
