#pragma once

#include <string>
#include <variant>

#include "reconciler/operations/operation.h"
#include "reconciler/server/http.h"

/// From requests to operations: pure.
namespace bough::server {

/// What is asked for.
struct Routed {
  const operations::Operation* operation;
  operations::Arguments arguments;
};
/// There is such a path, but not for this method.
struct OtherMethods {
  std::string allowed;  ///< `GET, POST`
};
struct NoPath {};
using Route = std::variant<Routed, OtherMethods, NoPath>;
/// By method and path; the arguments are those of the path.
Route route(const Head& head);

/// Adds what the query says; Fault::invalid for what the operation does not know.
Result<void> read_query(std::string_view query, Routed& routed);

/// Adds what the body says; Fault::invalid when it is no JSON object of the operation's members.
Result<void> read_body(std::string_view body, Routed& routed);

/// How an answer is wanted.
enum class Form {
  document,  ///< JSON
  text,      ///< of a document that has one
  lines,     ///< application/x-ndjson
  events     ///< text/event-stream
};
Form form_of(const Head& head, const Routed& routed);

}  // namespace bough::server
