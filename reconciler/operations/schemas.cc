#include "reconciler/operations/schemas.h"

namespace bough::operations {
namespace {

// Readers ignore members that they do not know, so no object is closed.
constexpr std::string_view kSchemas = R"json({
"Problem": {
  "description": "RFC 9457: what is wrong, and what to do about it",
  "type": "object",
  "required": ["type", "title", "status", "detail", "fault", "message", "exit_status"],
  "properties": {
    "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
    "detail": {"type": "string"}, "message": {"type": "string"},
    "fault": {"enum": ["invalid", "missing", "refused", "denied", "unavailable", "locked", "stale",
                       "broken"]},
    "exit_status": {"type": "integer"}}},
"Outcome": {
  "description": "The last line of what is answered in lines: a document, or a problem",
  "type": "object", "required": ["format_version", "type", "exit_status"],
  "properties": {
    "format_version": {"const": "1.0"}, "type": {"const": "outcome"},
    "exit_status": {"type": "integer"}, "document": {"type": "object"},
    "problem": {"$ref": "#/components/schemas/Problem"}}},
"Progress": {
  "description": "A line of what is being carried out",
  "type": "object", "required": ["format_version", "@timestamp", "type"],
  "properties": {
    "format_version": {"const": "1.0"}, "@timestamp": {"type": "string", "format": "date-time"},
    "type": {"enum": ["apply_start", "apply_complete", "apply_errored", "output", "retry",
                      "warning"]},
    "address": {"type": "string"}, "step": {"type": "string"}, "@message": {"type": "string"},
    "commands": {"type": "array", "items": {"type": "string"}}, "seconds": {"type": "number"},
    "runs": {"type": "integer"}}},
"ChangeSummary": {
  "type": "object",
  "required": ["format_version", "@timestamp", "type", "done", "failed", "waiting", "refused",
               "waiting_for", "refusals", "diagnostics"],
  "properties": {
    "format_version": {"const": "1.0"}, "@timestamp": {"type": "string", "format": "date-time"},
    "type": {"const": "change_summary"}, "done": {"type": "integer"},
    "failed": {"type": "integer"}, "waiting": {"type": "integer"}, "refused": {"type": "integer"},
    "waiting_for": {"type": "array", "items": {
      "type": "object", "required": ["environment", "because"],
      "properties": {"environment": {"type": "string"}, "because": {"type": "string"}}}},
    "refusals": {"type": "array", "items": {
      "type": "object", "required": ["address", "reason"],
      "properties": {"address": {"type": "string"}, "reason": {"type": "string"}}}},
    "diagnostics": {"type": "array", "items": {"$ref": "#/components/schemas/Diagnostic"}}}},
"Rehearsal": {
  "type": "object",
  "required": ["format_version", "repository", "branch", "commit", "succeeded", "databases"],
  "properties": {
    "format_version": {"const": "1.0"}, "repository": {"type": "string"},
    "branch": {"type": "string"}, "commit": {"type": "string"}, "succeeded": {"type": "boolean"},
    "databases": {"type": "array", "items": {
      "type": "object",
      "required": ["address", "production", "data", "state", "exit_code", "note", "seconds", "locks",
                   "rewritten", "touched", "lost", "advice", "schema_diff"],
      "properties": {
        "address": {"type": "string"}, "production": {"type": ["string", "null"]},
        "data": {"type": "boolean"}, "state": {"type": "string"},
        "exit_code": {"type": "integer"}, "note": {"type": "string"},
        "seconds": {"type": "number"},
        "locks": {"type": "array", "items": {"type": "object"}},
        "rewritten": {"type": "array", "items": {"type": "object"}},
        "touched": {"type": "array", "items": {"type": "object"}},
        "lost": {"type": "array", "items": {"type": "object"}},
        "advice": {"type": "array", "items": {
          "type": "object", "required": ["code", "message"],
          "properties": {"code": {"type": "string"}, "message": {"type": "string"}}}},
        "schema_diff": {"type": "string"}, "fresh": {"type": "object"}}}}}},
"RehearsalNote": {
  "description": "What is known of the rehearsal of a branch at its latest commit",
  "type": "object",
  "required": ["address", "repository", "branch", "commit", "state", "at", "message", "report"],
  "properties": {
    "address": {"type": "string"}, "repository": {"type": "string"},
    "branch": {"type": "string"}, "commit": {"type": "string"},
    "state": {"enum": ["not rehearsed yet", "under way", "succeeded", "failed", "impossible"]},
    "at": {"type": ["string", "null"]}, "message": {"type": "string"},
    "report": {"type": ["object", "null"]}}},
"Diagnostic": {
  "type": "object",
  "required": ["file", "line", "column", "range", "severity", "code", "message", "rule", "fix"],
  "properties": {
    "file": {"type": "string"}, "line": {"type": "integer"}, "column": {"type": "integer"},
    "range": {"type": "object", "required": ["start", "end"],
              "properties": {"start": {"$ref": "#/components/schemas/Position"},
                             "end": {"$ref": "#/components/schemas/Position"}}},
    "severity": {"enum": ["error", "warning", "note"]}, "code": {"type": "string"},
    "message": {"type": "string"}, "rule": {"type": "string"}, "fix": {"type": "string"},
    "excerpt": {"type": "object"}}},
"Position": {
  "type": "object", "required": ["line", "column"],
  "properties": {"line": {"type": "integer"}, "column": {"type": "integer"}}},
"Plan": {
  "type": "object",
  "required": ["format_version", "bough_version", "plan_id", "applyable", "drift", "changes", "held",
               "runs", "waiting", "refused", "summary", "diagnostics"],
  "properties": {
    "format_version": {"const": "1.0"}, "bough_version": {"type": "string"},
    "plan_id": {"type": "string"}, "applyable": {"type": "boolean"},
    "drift": {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
    "changes": {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
    "held": {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
    "runs": {"type": "array", "items": {"type": "object"}},
    "waiting": {"type": "array", "items": {"type": "object"}},
    "refused": {"type": "array", "items": {
      "type": "object", "required": ["address", "repository", "reason"],
      "properties": {"address": {"type": "string"}, "repository": {"type": "string"},
                     "reason": {"type": "string"}}}},
    "summary": {"type": "object",
      "required": ["create", "change", "hold", "destroy", "adopt", "run", "waiting", "refused"],
      "additionalProperties": {"type": "integer"}},
    "diagnostics": {"type": "array", "items": {"$ref": "#/components/schemas/Diagnostic"}},
    "unapproved": {"type": "array", "items": {"$ref": "#/components/schemas/Unapproved"}},
    "rehearsals": {"type": "array", "items": {"$ref": "#/components/schemas/RehearsalNote"}},
    "target": {"type": "object"}, "seal": {"type": "string"}}},
"Change": {
  "type": "object",
  "required": ["address", "engine", "instance", "object", "name", "actions", "because", "before",
               "after", "statements", "risk"],
  "properties": {
    "address": {"type": "string"}, "engine": {"type": "string"},
    "instance": {"type": ["string", "null"]}, "object": {"type": "string"},
    "name": {"type": "string"}, "actions": {"type": "array", "items": {"type": "string"}},
    "because": {"type": "string"}, "before": {"type": ["object", "null"]},
    "after": {"type": ["object", "null"]}, "drift": {"type": "boolean"},
    "statements": {"type": "array", "items": {"type": "string"}},
    "risk": {"type": "string"}}},
"Status": {
  "type": "object",
  "required": ["format_version", "bough_version", "at", "repositories", "diagnostics"],
  "properties": {
    "format_version": {"const": "1.0"}, "bough_version": {"type": "string"},
    "at": {"type": "string", "format": "date-time"},
    "repositories": {"type": "array", "items": {
      "type": "object", "required": ["name", "reachable", "apps"],
      "properties": {
        "name": {"type": "string"}, "reachable": {"type": "boolean"},
        "unapproved": {"type": "array", "items": {"$ref": "#/components/schemas/Unapproved"}},
        "apps": {"type": "array", "items": {
          "type": "object", "required": ["name", "environments"],
          "properties": {
            "name": {"type": "string"},
            "environments": {"type": "array",
                             "items": {"$ref": "#/components/schemas/StatusOfEnvironment"}}}}}}}},
    "diagnostics": {"type": "array", "items": {"$ref": "#/components/schemas/Diagnostic"}}}},
"StatusOfEnvironment": {
  "type": "object", "required": ["environment", "branch", "commit", "databases", "runs"],
  "properties": {
    "environment": {"enum": ["production", "branch", "preview"]},
    "branch": {"type": ["string", "null"]}, "commit": {"type": ["string", "null"]},
    "revision": {"type": "string"}, "ref": {"type": "string"},
    "rehearsal": {"$ref": "#/components/schemas/RehearsalNote"},
    "databases": {"type": "array", "items": {"$ref": "#/components/schemas/Database"}},
    "runs": {"type": "array", "items": {"$ref": "#/components/schemas/Run"}}}},
"Database": {
  "type": "object",
  "required": ["component", "engine", "version", "instance", "name", "status", "conditions"],
  "properties": {
    "component": {"type": "string"}, "engine": {"type": "string"},
    "version": {"type": ["string", "null"]}, "instance": {"type": ["string", "null"]},
    "name": {"type": ["string", "null"]}, "message": {"type": "string"},
    "migrated_to": {"type": ["string", "null"]},
    "size": {
      "type": ["object", "null"], "required": ["bytes", "budget", "at", "writes"],
      "properties": {
        "bytes": {"type": "integer"}, "budget": {"type": ["integer", "null"]},
        "at": {"type": "string"}, "writes": {"enum": ["allowed", "discouraged", "none"]}}},
    "status": {"enum": ["Unassigned", "Creating", "Connected", "Error", "Held", "Suspended"]},
    "conditions": {"type": "array", "items": {
      "type": "object",
      "required": ["type", "status", "reason", "message", "observed_revision",
                   "last_transition_time"],
      "properties": {
        "type": {"type": "string"}, "status": {"enum": ["True", "False", "Unknown"]},
        "reason": {"type": "string"}, "message": {"type": "string"},
        "observed_revision": {"type": ["string", "null"]},
        "last_transition_time": {"type": ["string", "null"]}}}}}},
"Run": {
  "type": "object",
  "required": ["id", "repository", "app", "environment", "branch", "component", "kind", "command",
               "commit", "state", "exit_code", "note", "started_at", "seconds"],
  "properties": {
    "id": {"type": "integer"}, "repository": {"type": "string"}, "app": {"type": "string"},
    "environment": {"type": "string"}, "branch": {"type": ["string", "null"]},
    "component": {"type": ["string", "null"]}, "kind": {"type": "string"},
    "command": {"type": "string"}, "commit": {"type": "string"}, "state": {"type": "string"},
    "exit_code": {"type": ["integer", "null"]}, "note": {"type": "string"},
    "started_at": {"type": "string", "format": "date-time"},
    "seconds": {"type": ["number", "null"]}, "log_file": {"type": "string"}}},
"Runs": {
  "type": "object", "required": ["format_version", "runs"],
  "properties": {"format_version": {"const": "1.0"},
                 "runs": {"type": "array", "items": {"$ref": "#/components/schemas/Run"}}}},
"Log": {
  "type": "object", "required": ["format_version", "run", "offset", "text"],
  "properties": {"format_version": {"const": "1.0"}, "run": {"$ref": "#/components/schemas/Run"},
                 "offset": {"type": "integer"}, "text": {"type": "string"}}},
"LogLine": {
  "description": "A line of a log that is followed; `offset` is where the next one begins",
  "type": "object", "required": ["format_version", "run", "offset", "line"],
  "properties": {"format_version": {"const": "1.0"}, "run": {"type": "integer"},
                 "offset": {"type": "integer"}, "line": {"type": "string"}}},
"Event": {
  "type": "object",
  "required": ["format_version", "id", "at", "repository", "address", "kind", "message"],
  "properties": {
    "format_version": {"const": "1.0"}, "id": {"type": "integer"},
    "at": {"type": "string", "format": "date-time"}, "repository": {"type": "string"},
    "address": {"type": "string"}, "kind": {"type": "string"}, "message": {"type": "string"}}},
"Events": {
  "type": "object", "required": ["format_version", "events"],
  "properties": {"format_version": {"const": "1.0"},
                 "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}}},
"History": {
  "type": "object", "required": ["format_version", "repository", "history"],
  "properties": {
    "format_version": {"const": "1.0"}, "repository": {"type": "string"},
    "history": {"type": "array", "items": {
      "type": "object", "required": ["at", "address", "kind", "message", "commit", "run"],
      "properties": {
        "at": {"type": "string", "format": "date-time"}, "address": {"type": "string"},
        "kind": {"type": "string"}, "message": {"type": "string"},
        "commit": {"type": ["string", "null"]}, "run": {"type": ["integer", "null"]}}}}}},
"Environment": {
  "type": "object", "required": ["format_version", "repository", "variables", "secret"],
  "properties": {"format_version": {"const": "1.0"}, "repository": {"type": "string"},
                 "variables": {"type": "object", "additionalProperties": {"type": "string"}},
                 "secret": {"description": "Those that hold secrets, by name",
                            "type": "array", "items": {"type": "string"}}}},
"Approval": {
  "type": "object",
  "required": ["format_version", "repository", "commit", "environment", "ref", "pull_request",
               "state"],
  "properties": {"format_version": {"const": "1.0"}, "repository": {"type": "string"},
                 "commit": {"type": "string"}, "environment": {"type": "string"},
                 "ref": {"type": "string"}, "pull_request": {"type": ["integer", "null"]},
                 "state": {"enum": ["approved", "ended"]}}},
"Unapproved": {
  "description": "A pull request whose latest commit waits for bough approve",
  "type": "object", "required": ["repository", "pull_request", "ref", "commit", "command"],
  "properties": {"repository": {"type": "string"}, "pull_request": {"type": "integer"},
                 "ref": {"type": "string"}, "commit": {"type": "string"},
                 "command": {"type": "string"}}},
"Dumps": {
  "type": "object", "required": ["format_version", "repository", "dumps", "held", "missing"],
  "properties": {
    "format_version": {"const": "1.0"}, "repository": {"type": "string"},
    "dumps": {"type": "array", "items": {
      "type": "object",
      "required": ["id", "app", "environment", "branch", "revision", "component", "name",
                   "instance", "version", "commit", "held_since", "made_at", "kept_until", "bytes", "tables", "rows",
                   "file"],
      "properties": {"id": {"type": "string"}, "revision": {"type": ["string", "null"]},
                     "bytes": {"type": "integer"},
                     "tables": {"type": "integer"}, "rows": {"type": "integer"}}}},
    "held": {"type": "array", "items": {
      "type": "object",
      "required": ["name", "app", "environment", "branch", "revision", "component", "instance",
                   "held_since", "aside", "asks"],
      "properties": {"aside": {"type": "boolean"}, "asks": {"type": "boolean"}}}},
    "missing": {"type": "array", "items": {
      "type": "object", "required": ["id", "name", "at", "message"]}}}},
"Build": {
  "type": "object", "required": ["format_version", "repository", "commit", "name", "state"],
  "properties": {"format_version": {"const": "1.0"}, "repository": {"type": "string"},
                 "commit": {"type": "string"}, "name": {"type": "string"},
                 "state": {"enum": ["succeeded", "failed"]}}},
"Setting": {
  "type": "object", "required": ["format_version", "kind", "name", "done", "message"],
  "properties": {"format_version": {"const": "1.0"}, "kind": {"type": "string"},
                 "name": {"type": "string"}, "done": {"type": "string"},
                 "message": {"type": "string"}}},
"Configuration": {
  "type": "object", "required": ["format_version", "bough.yaml"],
  "properties": {"format_version": {"const": "1.0"}, "bough.yaml": {"type": "string"}}},
"Instances": {
  "type": "object", "required": ["format_version", "instances"],
  "properties": {
    "format_version": {"const": "1.0"},
    "instances": {"type": "array", "items": {
      "type": "object",
      "required": ["name", "kind", "engine", "where", "status", "version", "databases", "message"],
      "properties": {
        "name": {"type": "string"}, "kind": {"enum": ["linked", "dev"]},
        "engine": {"type": "string"}, "where": {"type": "string"}, "status": {"type": "string"},
        "version": {"type": ["string", "null"]}, "databases": {"type": ["integer", "null"]},
        "message": {"type": "string"}}}}}},
"Test": {
  "type": "object", "required": ["format_version", "ok", "version", "message", "notes"],
  "properties": {"format_version": {"const": "1.0"}, "ok": {"type": "boolean"},
                 "version": {"type": ["string", "null"]}, "message": {"type": "string"},
                 "notes": {"type": "array", "items": {"type": "string"}}}},
"Checks": {
  "type": "object", "required": ["format_version", "checks"],
  "properties": {
    "format_version": {"const": "1.0"},
    "checks": {"type": "array", "items": {
      "type": "object", "required": ["check", "result", "message"],
      "properties": {"check": {"type": "string"}, "result": {"enum": ["ok", "warn", "fail"]},
                     "message": {"type": "string"}}}}}},
"Webhooks": {
  "type": "object", "required": ["format_version", "webhooks"],
  "properties": {
    "format_version": {"const": "1.0"},
    "webhooks": {"type": "array", "items": {
      "type": "object", "required": ["repository", "provider", "path", "url", "secret", "ready"],
      "properties": {
        "repository": {"type": "string"}, "provider": {"type": "string"},
        "path": {"type": "string"}, "url": {"type": "string"}, "secret": {"type": "string"},
        "ready": {"type": "boolean"}, "problems": {"type": "array", "items": {"type": "string"}},
        "settings": {"type": "object"}}}}}},
"Deliveries": {
  "type": "object", "required": ["format_version", "deliveries"],
  "properties": {
    "format_version": {"const": "1.0"},
    "deliveries": {"type": "array", "items": {
      "type": "object", "required": ["provider", "url", "ok", "status", "message"],
      "properties": {
        "provider": {"type": "string"}, "url": {"type": "string"}, "ok": {"type": "boolean"},
        "status": {"type": ["integer", "null"]}, "message": {"type": "string"}}}}}},
"Validation": {
  "type": "object", "required": ["format_version", "valid", "errors", "warnings", "diagnostics"],
  "properties": {
    "format_version": {"const": "1.0"}, "valid": {"type": "boolean"},
    "errors": {"type": "integer"}, "warnings": {"type": "integer"},
    "diagnostics": {"type": "array", "items": {"$ref": "#/components/schemas/Diagnostic"}}}},
"Schema": {"description": "A JSON Schema", "type": "object", "required": ["$schema"]},
"Ruling": {
  "type": "object",
  "required": ["format_version", "code", "severity", "rule", "because", "fix", "example"],
  "properties": {
    "format_version": {"const": "1.0"}, "code": {"type": "string"}, "severity": {"type": "string"},
    "rule": {"type": "string"}, "because": {"type": "string"}, "fix": {"type": "string"},
    "example": {"type": "string"}}},
"Version": {
  "type": "object", "required": ["format_version", "version"],
  "properties": {"format_version": {"const": "1.0"}, "version": {"type": "string"}}},
"Description": {"description": "An OpenAPI document", "type": "object", "required": ["openapi"]}
})json";

}  // namespace

std::string_view document_schemas() {
  return kSchemas;
}

}  // namespace bough::operations
