#pragma once

#include "provisioners/postgres/catalogue.h"
#include "provisioners/postgres/render.h"
#include "spec/result.h"

/// Copies of a branch's database from before a migration. A copy between its creation and its mark
/// is known by its name, and by the role that owns it.
namespace bough::postgres {

/// The texts of the two marks of an exchange.
struct Marks {
  std::string database;
  std::string image;
};

/// KeepImage in three parts: the first lets nobody in, the second REQUIRES that nobody is in, the
/// third marks the copy and lets people in again.
Statements closing(const KeepImage& keep);
Statements copying(const KeepImage& keep);
Statements opening(const KeepImage& keep, const std::string& mark);
/// PutBack in two parts: the first lets nobody in, the second REQUIRES that nobody is in and runs
/// in a transaction. `login`: there is a role to give the database to.
Statements closing(const PutBack& put);
Statements exchange(const PutBack& put, const Marks& marks, bool login);
Statements statements(const DropImage& drop);

/// What to send first: the drop of an earlier copy, or nothing. `there`: what has the copy's name.
Result<Statements> writes(const KeepImage& keep, const Facts& facts, const Facts& there);
/// Whether the exchange is still to be made.
Result<bool> exchanges(const PutBack& put, const Facts& facts, const Facts& there);
Result<Statements> writes(const DropImage& drop, const Facts& facts, const Facts& there);

}  // namespace bough::postgres
