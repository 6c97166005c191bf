#include "provisioners/postgres/transfer.h"

#include <gtest/gtest.h>

#include "provisioners/postgres/connecting.h"

namespace bough::postgres {
namespace {

constexpr const char* kContents =
    ";\n"
    "; Archive created at 2026-01-02 03:04:05 UTC\n"
    "5; 2615 16390 SCHEMA - sales shop\n"
    "3; 3079 16391 EXTENSION - pg_trgm \n"
    "3385; 0 0 COMMENT - EXTENSION pg_trgm \n"
    "215; 1259 16402 TABLE public orders shop\n"
    "216; 1259 16403 TABLE public a EXTENSION - b shop\n"
    "3386; 0 16402 TABLE DATA public orders shop\n";

TEST(Transfer, TellsSchemasAndExtensionsFromTheRest) {
  EXPECT_EQ(entries_of(kContents, Entries::groundwork),
            "5; 2615 16390 SCHEMA - sales shop\n"
            "3; 3079 16391 EXTENSION - pg_trgm \n"
            "3385; 0 0 COMMENT - EXTENSION pg_trgm \n");
  EXPECT_EQ(entries_of(kContents, Entries::rest),
            "215; 1259 16402 TABLE public orders shop\n"
            "216; 1259 16403 TABLE public a EXTENSION - b shop\n"
            "3386; 0 16402 TABLE DATA public orders shop\n");
}

TEST(Transfer, KeepsOnlyTheStatementsOfADump) {
  EXPECT_EQ(statements_of("--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n"
                          "SET statement_timeout = 0;\n"
                          "SELECT pg_catalog.set_config('search_path', '', false);\n\n"
                          "CREATE TABLE public.orders (\n    id integer\n);\n\n\\unrestrict abc\n"),
            "CREATE TABLE public.orders (\n    id integer\n);\n");
}

TEST(Transfer, ConnectsToWhateverADatabaseIsCalledAndNoticesASilentServer) {
  EXPECT_EQ(target_of({"PGHOST=h", "PGDATABASE=it's \\ odd", "PGPASSWORD=secret"}),
            "dbname='it\\'s \\\\ odd' keepalives_idle=30 keepalives_interval=10 "
            "keepalives_count=3 tcp_user_timeout=30000");
}

TEST(Transfer, NamesWhatToInstallForANewerServer) {
  const auto none = transfer_for(99, {}, std::nullopt);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::missing);
  EXPECT_NE(none.error().message.find("postgresql-99"), std::string::npos) << none.error().message;
}

}  // namespace
}  // namespace bough::postgres
