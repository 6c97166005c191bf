"""Servers that are not bough's own, and a bough that is not root."""

import os
import unittest

from world import BoughTest, World, app, query, try_sql

PASSWORD = "an admin's secret"


class Linked(BoughTest):
    @classmethod
    def setUpClass(cls):
        """Another installation's server serves as the team's; its login is no superuser."""
        cls.host = World()
        cls.addClassCleanup(cls.host.close)
        cls.host.repository.push("main", app("orders"))
        done = cls.host.apply()
        assert done.status == 0, done
        cls.host.psql("CREATE ROLE admin LOGIN CREATEDB CREATEROLE PASSWORD"
                      f" $${PASSWORD}$$")
        cls.host.psql("CREATE DATABASE journal_of_shop OWNER admin")
        cls.host.psql("GRANT CONNECT ON DATABASE postgres TO admin")

    def setUp(self):
        os.environ["TEAM_PASSWORD"] = PASSWORD
        self.shop = self.world()
        self.addCleanup(self.drop_all)
        self.configure()
        self.shop.repository.push_all({"main": app("sales"), "cart": app("carts")})

    def url(self, database="postgres"):
        return f"postgresql://admin@127.0.0.1:{self.host.port()}/{database}?sslmode=disable"

    def configure(self, journal="dev"):
        self.shop.configure(top=(f"journal: {journal}\n" + (
            "journal_password: {env: TEAM_PASSWORD}\n" if journal != "dev" else "") +
            f"instances:\n  - name: team\n    engine: PG\n    url: {self.url()}\n"
            "    password: {env: TEAM_PASSWORD}"), instance="team")

    def drop_all(self):
        self.host.psql('DROP DATABASE IF EXISTS "shop--cart" WITH (FORCE)')
        self.host.psql('DROP ROLE IF EXISTS "shop--cart"')

    def apply_cart(self, status=0):
        """Production's name is taken there by the host's own app, so only the branch."""
        return self.assert_exit(status, self.shop.apply("--branch", "cart"))

    def test_a_branch_is_migrated_there(self):
        self.apply_cart()
        variables = self.shop.env("cart")
        self.assertEqual(self.host.port(), variables["PGPORT"])
        self.assertEqual([["carts"]], query("SELECT version FROM ledger", variables))
        done = try_sql("SELECT 1", {**variables, "PGDATABASE": "shop-production"})
        self.assert_says("permission denied", done)

    def test_a_branch_that_moved_there_has_its_new_variables(self):
        self.shop.configure()
        self.assert_exit(0, self.shop.apply("--branch", "cart"))
        self.assertNotEqual(self.host.port(), self.shop.env("cart")["PGPORT"])
        self.configure()
        self.apply_cart()
        self.assertEqual(self.host.port(), self.shop.env("cart")["PGPORT"])
        self.assertEqual("Connected", self.shop.statuses()["cart"])

    def test_another_installations_database_is_refused(self):
        done = self.assert_exit(4, self.shop.apply())
        self.assert_says("refused shop/production/db: database shop-production .* is not bough's",
                         done)
        self.assertEqual(["orders"], self.host.ledger("shop-production"))

    def test_while_it_is_silent_nothing_is_changed(self):
        self.apply_cart()
        self.host.kill_server()
        done = self.shop.apply("--branch", "cart")
        self.assert_says("did not answer, so nothing is changed", self.assert_exit(4, done))
        self.assert_exit(1, self.shop.bough("status"))
        self.assert_exit(1, self.shop.bough("test", "team"))
        self.host.bough("dev", "start")
        self.apply_cart()
        self.assertEqual(["carts"], self.host.ledger("shop--cart"))

    def test_its_password_never_shows(self):
        for words in (["plan", "--json"], ["apply", "--yes", "-b", "cart"], ["events"],
                      ["instances", "--json"], ["test", "team"], ["doctor"]):
            done = self.shop.bough(*words)
            self.assertNotIn(PASSWORD, done.out + done.err, words)

    def test_a_missing_password_is_said(self):
        del os.environ["TEAM_PASSWORD"]
        self.assert_says("TEAM_PASSWORD", self.assert_exit(1, self.shop.bough("test", "team")))

    def test_a_wrong_password_is_said(self):
        os.environ["TEAM_PASSWORD"] = "wrong"
        self.assert_says("password", self.assert_exit(1, self.shop.bough("test", "team")))

    def test_the_journal_can_be_there_too(self):
        self.configure(journal=self.url("journal_of_shop"))
        self.apply_cart()
        self.assertFalse(os.path.exists(f"{self.shop.data}/dev/pg15"))
        self.assert_says("migration of", self.assert_exit(0, self.shop.bough("events")))

    def test_row_51_a_branch_cannot_choose_another_server(self):
        self.shop.repository.push("cart", app("carts", cluster_name="elsewhere"))
        self.assert_says("a branch cannot choose its server", self.apply_cart(4))


class WithoutRoot(BoughTest):
    USER = "nobody" if os.geteuid() == 0 else None

    def test_everything_works(self):
        shop = self.world(user=self.USER)
        shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, shop.apply())
        self.assert_settled(shop)
        self.assertEqual([["carts"]], query("SELECT version FROM ledger", shop.env("cart")))
        self.assertEqual(0o700, os.stat(shop.data).st_mode & 0o777)


if __name__ == "__main__":
    unittest.main()
