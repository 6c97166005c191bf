#pragma once

#include "git/forges/delivery.h"
#include "git/forges/facts.h"
#include "git/forges/headers.h"
#include "git/forges/provider.h"
#include "spec/result.h"

namespace bough::forges {

/// What is read of a provider's payloads.
const Wanted& wanted_of(Provider provider);

/// The delivery that headers and facts make; Fault::invalid when they make none. Only for requests
/// whose Proof matched.
Result<Delivery> read_delivery(Provider provider, const Headers& headers, const Facts& facts);

/// GitHub's form, which Gitea, Forgejo and Gogs have taken over: `event` as their header has it.
const Wanted& github_wanted();
Result<Delivery> read_github(std::string_view event, const Facts& facts);
const Wanted& gitlab_wanted();
Result<Delivery> read_gitlab(std::string_view event, const Facts& facts);
const Wanted& bitbucket_wanted();
Result<Delivery> read_bitbucket(std::string_view event, const Facts& facts);
const Wanted& bitbucket_server_wanted();
Result<Delivery> read_bitbucket_server(std::string_view event, const Facts& facts);
const Wanted& azure_wanted();
Result<Delivery> read_azure(const Facts& facts);
const Wanted& generic_wanted();
Result<Delivery> read_generic(const Facts& facts);

}  // namespace bough::forges
