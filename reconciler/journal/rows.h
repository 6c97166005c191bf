#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "provisioners/postgres/session.h"
#include "reconciler/journal/journal.h"

/// Between the journal's rows and values.
namespace bough::journal {

/// Whether the bough that a row of `bough.runs r` belongs to is gone.
extern const std::string kOwnerGone;
/// The columns that read_run expects, of `bough.runs r`.
extern const std::string kRunColumns;
/// Nothing for a row that no bough wrote.
std::optional<RunRecord> read_run(const postgres::Row& row);
Event read_event(const postgres::Row& row);

/// A literal; bytes that PostgreSQL's text cannot hold are written as `\xNN`.
std::string text(std::string_view bytes);
/// The commits as literals, for IN.
std::string list_of(const std::set<Commit>& commits);
/// What tells environments of one kind apart, as the column `branch` has it.
std::string branch_bytes(const Environment& environment);
/// The condition on `bough.runs` for a home.
std::string matches(const Home& home);
/// The home of the columns repository, app, environment, branch in hexadecimal, from `first` on;
/// nothing for what no bough wrote.
std::optional<Home> read_home(const postgres::Row& row, std::size_t first);
/// Likewise, with the component after them.
std::optional<Place> read_place(const postgres::Row& row, std::size_t first);
/// A timestamptz column as milliseconds since 1970.
std::string milliseconds_of(std::string_view column);

std::string repository_of(const Action& action);
std::string address_of(const Action& action);
std::string address_of(const RunKey& key);

}  // namespace bough::journal
