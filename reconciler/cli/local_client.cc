#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "reconciler/cli/client.h"
#include "reconciler/cli/common.h"

namespace bough::cli {
namespace {

using operations::Needs;
using operations::Operation;

constexpr std::chrono::milliseconds kPause(500);

class Local : public Client {
 public:
  Local(std::string config_file, std::function<bool()> stopping)
      : config_file_(std::move(config_file)) {
    context_.asker = operations::local_grant();
    context_.stopping = std::move(stopping);
  }

  Result<Outcome> call(std::string_view name, const Arguments& arguments,
                       const Emit& emit) override {
    const Operation& operation = *operations::find(name);
    if (operation.needs != Needs::nothing)
      if (auto opened = open(operation.needs); !opened) return opened.error();
    if (operation.follow && arguments.flag("follow")) return go_on(operation, arguments, emit);
    return operations::perform(operation, context_, arguments, emit);
  }

 private:
  Result<void> open(Needs needs) {
    if (session_.installation) return {};
    auto session =
        open_session(config_file_, needs == Needs::file ? Settings::of_file : Settings::with_kept);
    if (!session) return session.error();
    session_ = *std::move(session);
    context_.installation = session_.installation.get();
    context_.surveyor = session_.surveyor.get();
    context_.leases = session_.leases.get();
    return {};
  }

  Result<Outcome> go_on(const Operation& operation, const Arguments& arguments, const Emit& emit) {
    auto feed = operations::follow(operation, context_, arguments);
    if (!feed) return feed.error();
    for (;;) {
      auto batch = (*feed)->next();
      if (!batch) return batch.error();
      for (const auto& line : batch->lines) emit(line.document);
      if (batch->over) return Outcome{"{}"};
      if (batch->lines.empty()) std::this_thread::sleep_for(kPause);
    }
  }

  std::string config_file_;
  Session session_;
  operations::Context context_;
};

}  // namespace

std::unique_ptr<Client> local_client(std::string config_file, std::function<bool()> stopping) {
  return std::make_unique<Local>(std::move(config_file), std::move(stopping));
}

}  // namespace bough::cli
