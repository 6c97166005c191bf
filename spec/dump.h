#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/mark.h"
#include "spec/result.h"
#include "spec/secret.h"
#include "spec/time.h"

namespace bough {

/// A table or sequence in figures that tell equal contents from others.
struct TableSum {
  std::string name;    ///< `schema.table`, as SQL writes it
  long long rows = 0;  ///< of a sequence: where it stands
  std::string sum;     ///< over all rows, in whatever order
  auto operator<=>(const TableSum&) const = default;
};

/// What is in a database: what two databases have to have in common to be equal.
struct DumpContents {
  std::string definitions;  ///< a digest of all definitions; empty: of no matter
  std::vector<TableSum> tables;
  bool operator==(const DumpContents&) const = default;
};

/// A dump that was proved good, and the database that it was made of.
struct Dump {
  std::string id;
  InstanceName instance;
  int version = 0;  ///< the server's major version
  Mark mark;        ///< of the database when it was dumped
  Instant made_at;
  long long bytes = 0;
  std::string checksum;  ///< SHA-256 of the file
  DumpContents contents;
  bool operator==(const Dump&) const = default;
};

/// The id of the dump of a withdrawn database: the same until the database was in use again.
std::string dump_id(const InstanceName& instance, const Mark& mark);

/// The manifest that lies beside a dump: JSON for people too, without secrets.
std::string manifest_of(const Dump& dump, const Key& key);
/// Fault::invalid for what manifest_of did not write with this key.
Result<Dump> read_manifest(std::string_view text, const Key& key);

}  // namespace bough
