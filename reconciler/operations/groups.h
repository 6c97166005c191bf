#pragma once

#include "reconciler/operations/operation.h"

/// The functions of the table, by file.
namespace bough::operations {

// planning.cc
Result<Outcome> plan(Context& context, const Arguments& arguments, const Emit& emit);

// applying.cc
Result<Outcome> apply(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> retry(Context& context, const Arguments& arguments, const Emit& emit);

// rehearsing.cc
Result<Outcome> rehearse(Context& context, const Arguments& arguments, const Emit& emit);

// previews.cc
Result<Outcome> approve(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> preview(Context& context, const Arguments& arguments, const Emit& emit);

// refreshing.cc
Result<Outcome> refresh(Context& context, const Arguments& arguments, const Emit& emit);

// standing.cc
Result<Outcome> suspend(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> rotate(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> resume(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> destroy(Context& context, const Arguments& arguments, const Emit& emit);

// relocating.cc
Result<Outcome> upgrade(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> promote(Context& context, const Arguments& arguments, const Emit& emit);

// holding.cc
Result<Outcome> dumps(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> restore(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> confirm(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> reset(Context& context, const Arguments& arguments, const Emit& emit);

// adopting.cc
Result<Outcome> show_adoption(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> adopt(Context& context, const Arguments& arguments, const Emit& emit);

// status.cc
Result<Outcome> status(Context& context, const Arguments& arguments, const Emit& emit);

// environment.cc
Result<Outcome> env(Context& context, const Arguments& arguments, const Emit& emit);

// events.cc
Result<Outcome> events(Context& context, const Arguments& arguments, const Emit& emit);
Result<std::unique_ptr<Feed>> follow_events(Context& context, const Arguments& arguments);

// history.cc
Result<Outcome> history(Context& context, const Arguments& arguments, const Emit& emit);

// logs.cc
Result<Outcome> runs(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> log(Context& context, const Arguments& arguments, const Emit& emit);
Result<std::unique_ptr<Feed>> follow_log(Context& context, const Arguments& arguments);

// settings.cc
Result<Outcome> add_repository(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> remove_repository(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> link(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> unlink(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> assign(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> unassign(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> export_config(Context& context, const Arguments& arguments, const Emit& emit);

// servers.cc
Result<Outcome> instances(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> test(Context& context, const Arguments& arguments, const Emit& emit);

// doctor.cc
Result<Outcome> doctor(Context& context, const Arguments& arguments, const Emit& emit);

// webhooks.cc
Result<Outcome> webhooks(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> try_webhooks(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> report_build(Context& context, const Arguments& arguments, const Emit& emit);

// texts.cc
Result<Outcome> validate(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> schema(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> explain(Context& context, const Arguments& arguments, const Emit& emit);
Result<Outcome> version(Context& context, const Arguments& arguments, const Emit& emit);

// openapi.cc
Result<Outcome> openapi(Context& context, const Arguments& arguments, const Emit& emit);

}  // namespace bough::operations
