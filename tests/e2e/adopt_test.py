"""Databases that were there before bough."""

import unittest

from world import BoughTest, Repository, app, query, spec, try_sql


class Adopt(BoughTest):
    def setUp(self):
        """A dev server with what a team may have."""
        self.shop = self.world()
        self.repository = self.shop.repository
        # The server starts with the first branch; production is still to come.
        self.repository.push_all({"main": {"app.yaml": "name: shop\n"},
                                  "cart": {"app.yaml": spec(migrate=None)}})
        self.assert_exit(0, self.shop.apply())
        self.shop.psql("CREATE ROLE reporting LOGIN PASSWORD 'theirs'")

    def team_has(self, name, owner, password="theirs"):
        self.shop.psql(f'CREATE ROLE "{owner}" LOGIN PASSWORD \'{password}\'')
        self.shop.psql(f'CREATE DATABASE "{name}" OWNER "{owner}"')
        query("CREATE TABLE sales (id int); INSERT INTO sales VALUES (7);",
              self.login(owner, name))

    def login(self, user, database, password="theirs"):
        return {"PGHOST": "127.0.0.1", "PGPORT": self.shop.port(), "PGUSER": user,
                "PGDATABASE": database, "PGPASSWORD": password, "PGSSLMODE": "disable"}

    def adopt(self, *words, status=0):
        return self.assert_exit(status, self.shop.bough("adopt", "shop", "--yes", *words))

    def production(self, **given):
        self.repository.push("main", app("orders", **given))

    def test_a_production_database_is_taken_as_it_is(self):
        self.team_has("live", "boss")
        self.production()
        self.adopt("--database", "live")
        self.assertEqual([["7"]], query("SELECT id FROM sales", self.shop.env()))
        # Nothing in it changed hands, and who could connect still can.
        self.assertEqual([["boss"]], self.shop.psql(
            "SELECT tableowner FROM pg_tables WHERE tablename = 'sales'", "live"))
        query("INSERT INTO sales VALUES (8)", self.login("boss", "live"))
        query("SELECT 1", self.login("reporting", "live"))
        self.assert_says("permission denied", try_sql("SELECT 1", {
            **self.shop.env("cart"), "PGDATABASE": "live"}))
        # Migrations run in it, and what they make is the owner's.
        self.assert_exit(0, self.shop.apply())
        self.assertEqual("Connected", self.shop.statuses()["main"])
        self.assertEqual(["ledger", "orders", "sales"], self.shop.tables("live"))
        self.assertEqual([["boss"]], self.shop.psql(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'", "live"))
        self.assert_settled(self.shop)

    def test_a_database_of_a_login_of_its_name_keeps_that_login(self):
        self.team_has("live", "live")
        self.production()
        done = self.shop.bough("adopt", "shop", "--database", "live", "--dry-run")
        self.assert_says("= adopt +live on dev-pg15 +because bough adopt; its login gets another "
                         "password", self.assert_exit(0, done))
        self.assert_says("1 to adopt", done)
        query("SELECT 1", self.login("live", "live"))
        self.adopt("--database", "live")
        self.assertEqual([["7"]], query("SELECT id FROM sales", self.shop.env()))
        self.assert_says("password authentication failed",
                         try_sql("SELECT 1", self.login("live", "live")))
        self.assert_exit(0, self.shop.apply())
        self.assert_settled(self.shop)

    def test_owners_change_only_when_asked(self):
        self.team_has("live", "boss")
        self.production()
        self.adopt("--database", "live", "--reown")
        self.assertEqual([["live"]], self.shop.psql(
            "SELECT tableowner FROM pg_tables WHERE tablename = 'sales'", "live"))
        query("DROP TABLE sales", self.shop.env())

    def test_a_branch_can_have_one_too(self):
        self.team_has("old", "boss")
        self.repository.push("dev", {"app.yaml": spec(migrate=None)})
        self.adopt("--database", "old", "--branch", "dev")
        self.assertEqual([["7"]], query("SELECT id FROM sales", self.shop.env("dev")))
        self.assert_settled(self.shop)

    def test_it_asks_before_it_acts(self):
        self.team_has("live", "boss")
        self.production()
        done = self.shop.bough("adopt", "shop", "--database", "live")
        self.assert_says("use --yes", self.assert_exit(1, done))

    def refused(self, database, says, status=4):
        before = self.shop.psql("SELECT datname, datdba, datacl FROM pg_database ORDER BY 1")
        self.assert_says(says, self.adopt("--database", database, status=status))
        self.assertEqual(before, self.shop.psql(
            "SELECT datname, datdba, datacl FROM pg_database ORDER BY 1"))

    def test_row_50_a_superusers_database_is_refused(self):
        self.production()
        self.shop.psql("CREATE DATABASE live")
        self.refused("live", "its owner bough is a superuser", status=1)
        self.shop.psql("CREATE ROLE live SUPERUSER LOGIN; ALTER DATABASE live OWNER TO live")
        self.refused("live", "may do more than a branch's login", status=1)

    def test_what_is_not_to_be_had_is_refused(self):
        self.production()
        self.refused("none", "there is no database none", status=1)
        self.refused("postgres", "belongs to the server", status=1)
        self.refused("bough_journal", "belongs to the server, or to bough itself", status=1)
        self.refused("shop--cart", "shop--cart belongs to shop/cart/db")
        self.team_has("live", "boss")
        self.shop.psql("CREATE ROLE live")
        self.refused("live", "role live exists and does not own the database")
        self.shop.psql("COMMENT ON DATABASE live IS 'bough {}'; DROP ROLE live")
        self.refused("live", "is not bough's", status=1)

    def test_row_59_a_database_of_another_repository_is_refused(self):
        self.team_has("live", "boss")
        self.production()
        self.adopt("--database", "live")
        other = Repository(f"{self.shop.home}/other.git")
        other.push("main", app("strange"))
        with open(self.shop.config, "a", encoding="utf-8") as file:
            file.write(f"  - name: other\n    url: file://{other.folder}\n")
        done = self.shop.bough("adopt", "other", "--database", "live", "--yes")
        self.assert_says("live belongs to shop/production/db", self.assert_exit(4, done))

    def test_a_place_that_has_a_database_is_refused(self):
        self.repository.push("main", {"app.yaml": spec(migrate=None)})
        self.assert_exit(0, self.shop.apply())
        self.team_has("live", "boss")
        self.refused("live", "shop/production/db has a database already: shop-production")


if __name__ == "__main__":
    unittest.main()
