#pragma once

#include <string>
#include <string_view>

#include "provisioners/postgres/render.h"
#include "provisioners/postgres/session.h"

/// What was set for a database by ALTER DATABASE … SET, which copying it leaves behind.
namespace bough::postgres {

/// Asks for one row a setting: whether it is for the database's login alone, and `name=value`.
std::string settings_query(const DatabaseName& name);

/// The statements that make the same settings for the database `to`; `login` is the role.
Statements settings(const Rows& rows, const DatabaseName& to, const DatabaseName& login);

/// The value as SET takes it: literals, several for a setting that is a list of names.
std::string setting_value(std::string_view name, std::string_view value);

}  // namespace bough::postgres
