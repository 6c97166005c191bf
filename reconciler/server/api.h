#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "reconciler/metrics.h"
#include "reconciler/operations/operation.h"
#include "reconciler/server/http.h"
#include "reconciler/server/rate.h"
#include "reconciler/server/route.h"
#include "reconciler/server/streams.h"
#include "reconciler/server/tokens.h"
#include "reconciler/server/workers.h"

namespace bough::server {

/// The threads of the API, so that what takes long keeps nothing else waiting.
struct Pools {
  Workers& readers;     ///< for operations that change nothing
  Workers& writers;     ///< for those that carry something out, in lines
  Workers& brief;       ///< for those that change something at once
  Workers& rehearsers;  ///< one, for what takes a server of its own
};

/// What the API needs of the daemon around it. All may be called from several threads.
struct ApiAround {
  /// What an operation works on; false when the daemon stops. Given back by `leave`.
  std::function<bool()> enter;
  std::function<void()> leave;
  std::function<operations::Context(const Grant&)> context;
  Pools pools;
  Streams& streams;
  Metrics& metrics;
  std::function<Instant()> clock;
};

/// The part of the site below `/v1/`: the table of operations for whoever has a token.
class Api : public Site {
 public:
  Api(const Tokens& tokens, ApiAround around, Rate rate = {50, 200});
  Beginning begin(const Head& head) override;

 private:
  friend class ApiExchange;
  Response refuse(int status, const Error& error, std::string_view operation);
  void submit(Routed routed, Grant grant, Form form, std::shared_ptr<Outlet> outlet);

  const Tokens& tokens_;
  ApiAround around_;
  Rate rate_;
  std::map<std::string, Bucket> buckets_;  ///< by the token's name
};

}  // namespace bough::server
