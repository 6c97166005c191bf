#include "provisioners/postgres/failure.h"

#include <gtest/gtest.h>

namespace bough::postgres {
namespace {

struct Connect {
  const char* name;
  const char* text;
  Fault fault;
  const char* says;
};
void PrintTo(const Connect& c, std::ostream* out) {
  *out << c.name;
}

class ConnectFailure : public testing::TestWithParam<Connect> {};
TEST_P(ConnectFailure, SaysWhatIsWrong) {
  const Error error = connect_failure(GetParam().text, "db:5432");
  EXPECT_EQ(error.fault, GetParam().fault) << error.message;
  EXPECT_NE(error.message.find(GetParam().says), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("db:5432"), std::string::npos) << error.message;
}
INSTANTIATE_TEST_SUITE_P(
    Failure, ConnectFailure,
    testing::Values(
        Connect{"Name",
                "could not translate host name \"db\" to address: Name or service not known",
                Fault::unavailable, "does not resolve"},
        Connect{"Port",
                "connection to server at \"db\" (1.2.3.4), port 5432 failed: Connection "
                "refused\n\tIs the server running on that host?",
                Fault::unavailable, "nothing listens"},
        Connect{"Time", "connection to server at \"db\", port 5432 failed: timeout expired",
                Fault::unavailable, "in time"},
        Connect{"NoTls", "server does not support SSL, but SSL was required", Fault::denied,
                "does not offer TLS"},
        Connect{"Certificate", "SSL error: certificate verify failed", Fault::denied, "authority"},
        Connect{"OtherName", "server certificate for \"a\" does not match host name \"db\"",
                Fault::denied, "another name"},
        Connect{"TlsWanted",
                "FATAL:  no pg_hba.conf entry for host \"::1\", user \"u\", database \"d\", no "
                "encryption",
                Fault::denied, "wants TLS"},
        Connect{"Password", "FATAL:  password authentication failed for user \"u\"", Fault::denied,
                "password is wrong"},
        Connect{"NoLogin", "FATAL:  role \"u\" is not permitted to log in", Fault::denied,
                "may not log in"},
        Connect{"Starting", "FATAL:  the database system is starting up", Fault::unavailable,
                "starting up"},
        Connect{"Full", "FATAL:  sorry, too many clients already", Fault::unavailable,
                "no connection left"},
        Connect{"DiskFull",
                "FATAL:  could not write lock file \"postmaster.pid\": No space left on device",
                Fault::unavailable, "disk is full"},
        Connect{"ClientCertificateWanted", "FATAL:  connection requires a valid client certificate",
                Fault::denied, "set client_certificate"},
        Connect{"ClientCertificateOfAnother",
                "FATAL:  certificate authentication failed for user \"u\"", Fault::denied,
                "for another login"},
        Connect{"ClientCertificateUnknown", "SSL error: tlsv1 alert unknown ca", Fault::denied,
                "does not trust the authority"},
        Connect{"OtherLanguage",
                "FATAL:  Passwort-Authentifizierung für Benutzer »u« fehlgeschlagen", Fault::denied,
                "Passwort-Authentifizierung"}),
    [](const auto& row) { return row.param.name; });

struct State {
  const char* sqlstate;
  Fault fault;
};
void PrintTo(const State& c, std::ostream* out) {
  *out << c.sqlstate;
}

class FaultOf : public testing::TestWithParam<State> {};
TEST_P(FaultOf, Row70_SaysWhatTheCallerCanDo) {
  EXPECT_EQ(fault_of(GetParam().sqlstate), GetParam().fault);
}
INSTANTIATE_TEST_SUITE_P(
    Failure, FaultOf,
    testing::Values(State{"42501", Fault::denied}, State{"42P04", Fault::stale},
                    State{"42710", Fault::stale}, State{"2BP01", Fault::refused},
                    State{"57014", Fault::unavailable}, State{"57P01", Fault::unavailable},
                    State{"55P03", Fault::unavailable}, State{"53300", Fault::unavailable},
                    State{"53100", Fault::unavailable}, State{"53200", Fault::unavailable},
                    State{"25006", Fault::denied}, State{"42601", Fault::broken}),
    [](const auto& row) { return std::string(row.param.sqlstate); });

TEST(Failure, MessageLeavesOutTheStatement) {
  EXPECT_EQ(message_of("ERROR:  syntax error at or near \"PASSWORD\"\n"
                       "LINE 1: ALTER ROLE x PASSWORD 'SCRAM-SHA-256$4096:abc'\n"
                       "                     ^\n"),
            "syntax error at or near \"PASSWORD\"");
}

TEST(Failure, MessageKeepsTheDetail) {
  EXPECT_EQ(message_of("ERROR:  role \"x\" cannot be dropped because some objects depend on it\n"
                       "DETAIL:  owner of table t\n"),
            "role \"x\" cannot be dropped because some objects depend on it (owner of table t)");
}

}  // namespace
}  // namespace bough::postgres
