#pragma once

#include <string>
#include <vector>

#include "provisioners/postgres/session.h"
#include "spec/database_config.h"

namespace bough::postgres {

/// A column as production has it.
struct MaskedColumn {
  std::string schema;
  std::string table;
  std::string name;
  std::string type;       ///< `text`, `int8`, …; of a domain the type below
  char category = 'U';    ///< pg_type.typcategory
  int length = 0;         ///< the most characters; 0: any number
  bool required = false;  ///< NOT NULL
  bool unique = false;    ///< part of a primary key or unique index
  bool computed = false;  ///< from other columns
};
/// One column of a foreign key and the column that it refers to.
struct ColumnReference {
  std::string schema, table, column;
  std::string to_schema, to_table, to_column;
};
/// A table that has another one's rows beside its own, as `"schema"."table"`.
struct Heir {
  std::string parent;
  std::string child;
  bool partition = false;
};
/// What the rules can be checked against. Tables have their partitions and heirs beside them.
struct MaskingFacts {
  std::vector<MaskedColumn> columns;
  std::vector<ColumnReference> references;
  std::vector<Heir> heirs;
};

/// One query for each of the three lists.
std::string columns_query();
std::string references_query();
std::string heirs_query();
MaskingFacts read_facts_for_masking(const Rows& columns, const Rows& references, const Rows& heirs);

struct MaskingOrder {
  std::vector<std::string> without_rows;  ///< tables whose rows never leave production
  std::vector<std::string> updates;       ///< statements that mask the rows of a copy
  std::vector<std::string> tables;        ///< that they change; partitions go with what they are of
};

/// Asks which of these tables of a new copy have got rows, or are not there.
std::string filled_query(const std::vector<std::string>& tables);

/// What masks a copy by these rules; Fault::invalid says which rule cannot be followed and why: so
/// nothing is masked by half. `salt` makes hashes of the same value equal here and nowhere else.
/// Pure.
Result<MaskingOrder> masking_order(const std::vector<MaskingRule>& rules, const MaskingFacts& facts,
                                   const std::string& salt);

}  // namespace bough::postgres
