#pragma once

#include <string>
#include <string_view>

#include "provisioners/provisioner.h"

namespace bough::postgres {

using Trusted = DevHost::Trusted;

/// Who may log in to a dev server from where, as the text of pg_hba.conf: every login from this
/// machine, and from other machines each database's own login from the addresses that it trusts.
/// All by SCRAM; from elsewhere by TLS only when the server has it. REQUIRES names that
/// `trustable`.
enum class Tls { off, on };
std::string hba_text(const Trusted& trusted = {}, Tls tls = Tls::off);

/// What such a text says of other machines.
Trusted trusted_in(std::string_view hba);

/// Whether the name can stand in that file.
bool trustable(std::string_view name);

}  // namespace bough::postgres
