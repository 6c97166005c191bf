#include "provisioners/postgres/login.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "provisioners/postgres/testing.h"

namespace bough::postgres {
namespace {

ServerAccess access_to(const std::string& url) {
  return {*InstanceName::parse("main"), url, Secret("it's \\secret"), ""};
}

struct Case {
  const char* name;
  const char* url;
  Reach clients;
  const char* sslmode;  ///< of the admin
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class LoginFor : public testing::TestWithParam<Case> {};
TEST_P(LoginFor, FindsWhereClientsGo) {
  const auto login = login_for(access_to(GetParam().url));
  ASSERT_TRUE(login) << login.error().message;
  EXPECT_EQ(login->clients.host, GetParam().clients.host);
  EXPECT_EQ(login->clients.port, GetParam().clients.port);
  EXPECT_EQ(login->clients.sslmode, GetParam().clients.sslmode);
  const std::string wanted = std::string("sslmode='") + GetParam().sslmode + "'";
  EXPECT_NE(login->conninfo.reveal().find(wanted), std::string::npos) << login->conninfo.reveal();
}
INSTANTIATE_TEST_SUITE_P(
    Login, LoginFor,
    testing::Values(
        Case{"Plain", "postgresql://u@db/postgres", {"db", 5432, "require", ""}, "require"},
        Case{"Port", "postgresql://u@db:6000/postgres", {"db", 6000, "require", ""}, "require"},
        Case{"Mode", "postgresql://u@db/p?sslmode=disable", {"db", 5432, "disable", ""}, "disable"},
        Case{"Loopback",
             "postgresql://u@127.0.0.1:6000/p",
             {"127.0.0.1", 6000, "disable", ""},
             "prefer"},
        Case{"Pairs", "host=db port=6001 user=u", {"db", 6001, "require", ""}, "require"},
        Case{"SocketFirst",
             "postgresql://u@/p?host=/run/x,127.0.0.1&port=6002&sslmode=disable",
             {"127.0.0.1", 6002, "disable", ""},
             "disable"},
        Case{"SocketOnly",
             "postgresql://u@/p?host=/run/x&port=6003",
             {"/run/x", 6003, "disable", ""},
             "prefer"},
        Case{"PortPerHost",
             "postgresql://u@a:1,b:2/p?host=/run/x,b&port=7001,7002",
             {"b", 7002, "require", ""},
             "require"}),
    [](const auto& row) { return row.param.name; });

TEST(Login, PinsTheSearchPathAndTimeLimits) {
  const auto login = login_for(access_to("postgresql://u@db/p?options=-c%20jit%3Doff"));
  ASSERT_TRUE(login);
  const std::string& text = login->conninfo.reveal();
  EXPECT_NE(text.find("options='-c jit=off -c search_path=pg_catalog,pg_temp -c statement_timeout"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("password='it\\'s \\\\secret'"), std::string::npos) << text;
}

TEST(Login, RefusesAPasswordInTheUrlWithoutShowingIt) {
  for (const char* url : {"postgresql://u:hunter2@db/p", "postgresql://u:hun%zzter2@db/p",
                          "host=db password=hunter2"}) {
    const auto login = login_for(access_to(url));
    ASSERT_FALSE(login) << url;
    EXPECT_EQ(login.error().fault, Fault::invalid);
    EXPECT_EQ(login.error().message.find("hun"), std::string::npos) << login.error().message;
  }
}

TEST(Login, SaysWhatIsWrongWithAUrl) {
  const auto login = login_for(access_to("postgresql://u@db/p?sslmood=require"));
  ASSERT_FALSE(login);
  EXPECT_NE(login.error().message.find("sslmood"), std::string::npos) << login.error().message;
}

TEST(Login, NoUrlIsNotTheDefaultServer) {
  const auto login = login_for(access_to(""));
  ASSERT_FALSE(login);
  EXPECT_EQ(login.error().fault, Fault::invalid);
}

TEST(Login, GivesClientsTheAuthorityAndChecksIt) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/ca.pem";
  std::ofstream(file) << "PEM";
  ServerAccess access = access_to("postgresql://u@db/p");
  access.ca_cert_file = file;
  const auto login = login_for(access);
  ASSERT_TRUE(login) << login.error().message;
  EXPECT_EQ(login->clients, (Reach{"db", 5432, "verify-full", "PEM"}));
}

ServerAccess with_card(const TemporaryFolder& folder, int mode) {
  ServerAccess access = access_to("postgresql://u@db/p");
  access.certificate_file = folder.path() + "/client.pem";
  access.key_file = folder.path() + "/client.key";
  std::ofstream(access.certificate_file) << "PEM";
  std::ofstream(access.key_file) << "PEM";
  EXPECT_EQ(chmod(access.key_file.c_str(), static_cast<mode_t>(mode)), 0);
  return access;
}

TEST(Login, ShowsAClientCertificate) {
  const TemporaryFolder folder;
  const auto login = login_for(with_card(folder, 0600));
  ASSERT_TRUE(login) << login.error().message;
  EXPECT_NE(login->conninfo.reveal().find("sslkey='" + folder.path()), std::string::npos);
}

TEST(Login, RefusesAKeyThatOthersCanRead) {
  const TemporaryFolder folder;
  const auto login = login_for(with_card(folder, 0644));
  ASSERT_FALSE(login);
  EXPECT_NE(login.error().message.find("chmod"), std::string::npos) << login.error().message;
}

TEST(Login, ABranchsLoginShowsNoCertificateOfTheAdmin) {
  const TemporaryFolder folder;
  const auto login = login_for(with_card(folder, 0600));
  ASSERT_TRUE(login);
  const std::string text = login->as("shop--x", Secret("it's"), "shop--x").conninfo.reveal();
  EXPECT_LT(text.find("sslkey='" + folder.path()), text.rfind("sslkey='/nonexistent'"));
  EXPECT_TRUE(text.ends_with("user='shop--x' ")) << text;
}

TEST(Login, ApplicationNameTellsHostAndProcess) {
  EXPECT_TRUE(application_name().starts_with("bough ")) << application_name();
  EXPECT_LT(application_name().size(), 64U);
}

}  // namespace
}  // namespace bough::postgres
