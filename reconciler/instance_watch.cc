#include "reconciler/instance_watch.h"

#include "reconciler/idle.h"

namespace bough {

void InstanceWatch::look(const InstanceName& instance, std::set<RepositoryName>& repositories) {
  auto server = installation_.server(instance);
  if (!server) return;
  auto fingerprint = (*server)->fingerprint();
  if (!fingerprint) return;
  const auto before = seen_.find(instance);
  if (before != seen_.end() && before->second.fingerprint == *fingerprint) return;
  auto contents = (*server)->observe();
  if (!contents) return;
  repositories.merge(
      disturbed_between(before != seen_.end() ? before->second.contents : Contents{}, *contents));
  seen_.insert_or_assign(instance, Seen{*std::move(fingerprint), *std::move(contents)});
}

std::set<RepositoryName> InstanceWatch::disturbed() {
  std::set<RepositoryName> repositories;
  for (const InstanceName& instance : installation_.instances()) look(instance, repositories);
  return repositories;
}

}  // namespace bough
