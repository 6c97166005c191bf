#include "reconciler/filling.h"

namespace bough {

Result<void> fill_template(Installation& installation, Provisioner& server,
                           const FillTemplate& fill, const std::function<bool()>& stopping) {
  auto source = installation.server(fill.source);
  if (!source) return source.error();
  const Workspace& workspace = installation.workspace();
  return server.fill(fill, (*source)->endpoint(fill.production),
                     {workspace.shared_dir + "/copies", installation.config().server_binaries,
                      workspace.user, stopping});
}

Result<void> keep_ready(Installation& installation, Leases& leases, const Step& step,
                        const std::function<bool()>& stopping) {
  const InstanceName instance = *instance_of(step.action);
  auto hold = leases.take({instance}, std::chrono::milliseconds(0));
  if (!hold) return hold.error();
  auto server = installation.server(instance);
  if (!server) return server.error();
  auto journal = installation.journal(Installation::Dev::create);
  if (!journal) return journal.error();
  auto ids = (*journal)->intend("upkeep", {step});
  if (!ids) return ids.error();
  const auto* fill = std::get_if<FillTemplate>(&step.action);
  auto done =
      fill ? fill_template(installation, **server, *fill, stopping) : (*server)->apply(step);
  auto noted = (*journal)->settle(ids->front(), step, done ? "" : done.error().message);
  return done ? noted : done;
}

}  // namespace bough
