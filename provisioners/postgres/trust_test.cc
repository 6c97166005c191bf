#include "provisioners/postgres/trust.h"

#include <gtest/gtest.h>

namespace bough::postgres {
namespace {

const Trusted kTrusted{{"shop--x", {{"10.0.0.0/8", {}}, {"2001:db8::1/128", {}}}},
                       {"shop-production", {{"192.0.2.7/32", {}}}}};

TEST(Trust, TextAndReadingAgree) {
  EXPECT_EQ(trusted_in(hba_text(kTrusted)), kTrusted);
  EXPECT_EQ(trusted_in(hba_text(kTrusted, Tls::on)), kTrusted);
  EXPECT_EQ(trusted_in(hba_text()), Trusted());
}

TEST(Trust, LetsALoginIntoItsOwnDatabaseByScram) {
  const std::string text = hba_text(kTrusted);
  EXPECT_NE(text.find("\nhost \"shop--x\" \"shop--x\" 10.0.0.0/8 scram-sha-256\n"),
            std::string::npos)
      << text;
  EXPECT_NE(hba_text(kTrusted, Tls::on).find("\nhostssl \"shop--x\""), std::string::npos);
}

TEST(Trust, NamesThatWouldEndALineAreRefused) {
  EXPECT_TRUE(trustable("shop--x"));
  EXPECT_FALSE(trustable("a\"b"));
  EXPECT_FALSE(trustable("a\nhost all all 0.0.0.0/0 trust"));
}

}  // namespace
}  // namespace bough::postgres
