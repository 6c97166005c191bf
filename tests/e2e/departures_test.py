"""What happens when Git asks for less, for something wrong, or cannot be asked."""

import os
import unittest

from world import BoughTest, Repository, Session, app, query, spec, try_sql


class Departures(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.repository = self.shop.repository
        self.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply())

    def untouched(self):
        """What no apply may change while Git is unclear."""
        comments = self.shop.psql("SELECT datname, shobj_description(oid, 'pg_database')"
                                  " FROM pg_database ORDER BY 1")
        logins = self.shop.psql("SELECT rolname, rolcanlogin FROM pg_roles ORDER BY 1")
        return comments, logins

    def test_a_deleted_branch_is_held_with_its_data(self):
        variables = self.shop.env("cart")
        query("INSERT INTO carts VALUES (7)", variables)
        self.repository.delete("cart")
        self.assert_exit(0, self.shop.apply())
        self.assertEqual("Held", self.shop.statuses()["cart"])
        self.assert_says("not permitted to log in", try_sql("SELECT 1", variables))
        self.assertEqual([["7"]], self.shop.psql("SELECT id FROM carts", "shop--cart"))
        self.assert_settled(self.shop)

    def test_a_session_of_a_held_database_ends(self):
        with Session(self.shop.env("cart")) as session:
            self.assertEqual(["here"], session.run("SELECT 'here'"))
            self.repository.delete("cart")
            self.assert_exit(0, self.shop.apply())
            self.assertEqual([["0"]], self.shop.psql(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop--cart'"))
            with self.assertRaisesRegex(AssertionError, "terminating connection"):
                session.run("SELECT 'still'")

    def test_a_branch_that_returns_has_its_data_again(self):
        query("INSERT INTO carts VALUES (7)", self.shop.env("cart"))
        tip = self.repository.tip("cart")
        self.repository.delete("cart")
        self.assert_exit(0, self.shop.apply())
        self.repository.git("update-ref", "refs/heads/cart", tip)
        self.assert_exit(0, self.shop.apply())
        self.assertEqual([["7"]], query("SELECT id FROM carts", self.shop.env("cart")))
        self.assertEqual(["carts"], self.shop.ledger("shop--cart"))
        self.assert_settled(self.shop)

    def test_env_of_a_held_database_is_refused(self):
        self.repository.delete("cart")
        self.assert_exit(0, self.shop.apply())
        self.assert_says("held", self.assert_exit(4, self.shop.bough("env", "shop", "-b", "cart")))

    def test_production_that_is_no_longer_asked_for_is_detached(self):
        query("INSERT INTO orders VALUES (7)", self.shop.env())
        self.repository.push("main", {"app.yaml": "name: shop\n"})
        done = self.assert_exit(0, self.shop.bough("plan"))
        self.assert_says("a production database is kept for ever", done)
        self.assert_exit(0, self.shop.apply())
        self.assertEqual("Unassigned", self.shop.statuses()["production"])
        self.assertEqual([["7"]], self.shop.psql("SELECT id FROM orders", "shop-production"))
        self.repository.push("main", app("orders2"))
        self.assert_exit(0, self.shop.apply())
        self.assertEqual([["7"]], query("SELECT id FROM orders", self.shop.env()))

    def test_without_its_production_branch_production_stays(self):
        self.repository.delete("main")
        before = self.untouched()
        self.shop.apply()
        self.assertEqual(before, self.untouched())
        self.shop.configure(production_branch="main")
        self.assert_exit(0, self.shop.apply())
        self.assertEqual("Unassigned", self.shop.statuses()["production"])

    def test_a_broken_spec_stops_its_own_branch_only(self):
        broken = "name: shop\ndatabases:\n  - engine: PG\n    nam: db\n"
        self.repository.push_all({"cart": {"app.yaml": broken}, "search": app("hits")})
        done = self.assert_exit(1, self.shop.apply())
        self.assert_says(r"shop/cart: app\.yaml:4:5: error: ", done)
        self.assertEqual(["carts"], self.shop.ledger("shop--cart"))
        self.assertEqual([], query("SELECT id FROM carts", self.shop.env("cart")))
        self.assertEqual(["hits"], self.shop.ledger("shop--search"))

    def test_an_empty_repository_changes_nothing(self):
        before = self.untouched()
        os.rename(self.repository.folder, f"{self.shop.home}/aside.git")
        self.repository.git("init", "-q", "--bare", "-b", "main", self.repository.folder)
        done = self.assert_exit(1, self.shop.apply())
        self.assert_says("lists no branches, so nothing is changed", done)
        self.assertEqual(before, self.untouched())

    def test_an_unreachable_repository_changes_nothing(self):
        before = self.untouched()
        os.rename(self.repository.folder, f"{self.shop.home}/aside.git")
        self.assert_exit(1, self.shop.bough("plan"))
        done = self.assert_exit(1, self.shop.apply())
        self.assert_says("could not be listed, so nothing is changed", done)
        self.assertEqual(before, self.untouched())

    def test_a_version_that_is_not_installed_is_refused_for_its_branch_only(self):
        self.repository.push_all({"new": app("news", version="99"), "search": app("hits"),
                                  "cart": app("carts2", version="99")})
        done = self.assert_exit(4, self.shop.apply())
        self.assert_says(r"refused shop/new/db: version 99 is not installed; installed: .*15.*; "
                         "install postgresql-99", done)
        self.assertEqual(["hits"], self.shop.ledger("shop--search"))
        self.assertEqual([], query("SELECT id FROM carts", self.shop.env("cart")))
        self.assertEqual("Error", self.shop.statuses()["new"])

    def test_a_strangers_database_is_refused_and_not_touched(self):
        self.shop.psql('CREATE DATABASE "shop--new"')
        self.repository.push_all({"new": app("news"), "search": app("hits")})
        before = self.shop.psql("SELECT datdba, datacl, datallowconn FROM pg_database"
                                " WHERE datname = 'shop--new'")
        done = self.assert_exit(4, self.shop.apply())
        self.assert_says("refused shop/new/db: database shop--new .* is not bough's", done)
        self.assertEqual(before, self.shop.psql("SELECT datdba, datacl, datallowconn FROM"
                                                " pg_database WHERE datname = 'shop--new'"))
        self.assertEqual([], self.shop.tables("shop--new"))
        self.assertEqual(["hits"], self.shop.ledger("shop--search"))

    def test_a_strangers_database_with_a_copied_mark_is_refused(self):
        mark = self.shop.psql("SELECT shobj_description(oid, 'pg_database') FROM pg_database"
                              " WHERE datname = 'shop--cart'")[0][0]
        self.shop.psql('CREATE DATABASE "shop--new"')
        self.shop.psql(f"COMMENT ON DATABASE \"shop--new\" IS $mark${mark}$mark$")
        self.repository.push("new", app("news"))
        self.assert_exit(4, self.shop.apply())
        self.assertEqual([], self.shop.tables("shop--new"))

    def test_a_strangers_role_is_refused_and_not_touched(self):
        self.shop.psql("CREATE ROLE \"shop--new\" LOGIN PASSWORD 'theirs'")
        before = self.shop.psql("SELECT * FROM pg_authid WHERE rolname = 'shop--new'")
        self.repository.push("new", app("news"))
        self.assert_says("role shop--new .* is not bough's",
                         self.assert_exit(4, self.shop.apply()))
        self.assertEqual(before, self.shop.psql("SELECT * FROM pg_authid"
                                                " WHERE rolname = 'shop--new'"))
        self.assertNotIn("shop--new", self.shop.databases())

    def test_an_apply_of_one_branch_does_not_answer_for_the_others(self):
        self.repository.push_all({"broken": {"app.yaml": "name: 7up\n"},
                                  "failing": app("x", build="false"), "search": app("hits")})
        self.assert_exit(1, self.shop.apply("--branch", "failing"))
        self.assert_exit(0, self.shop.apply("--branch", "search"))
        self.assertEqual(["hits"], self.shop.ledger("shop--search"))

    def test_access_for_everybody_is_taken_back(self):
        self.shop.psql('GRANT CONNECT ON DATABASE "shop--cart" TO PUBLIC')
        self.assert_says("everybody may connect",
                         self.assert_exit(2, self.shop.bough("plan", "--detailed-exitcode")))
        self.assert_exit(0, self.shop.apply())
        self.assert_settled(self.shop)
        done = try_sql("SELECT 1", {**self.shop.env(), "PGDATABASE": "shop--cart"})
        self.assert_says("permission denied", done)

    def test_a_branch_without_databases_gets_none(self):
        self.repository.push("docs", {"app.yaml": spec(migrate=None).partition("databases")[0]})
        self.assert_settled(self.shop)


class TwoRepositories(BoughTest):
    def test_the_same_app_twice_is_refused_for_one_of_them(self):
        shop = self.world()
        shop.repository.push("main", app("orders"))
        other = Repository(f"{shop.home}/other.git")
        other.push_all({"main": app("strange"), "cart": app("carts")})
        with open(shop.config, "a", encoding="utf-8") as file:
            file.write(f"  - name: other\n    url: file://{other.folder}\n")
        self.assert_exit(4, shop.apply())
        self.assertEqual(1, len(shop.ledger("shop-production")))
        self.assertEqual(["carts"], shop.ledger("shop--cart"))
        self.assert_exit(4, shop.apply())
        self.assertEqual(1, len(shop.ledger("shop-production")))


class MassDeletion(BoughTest):
    def test_row_57_many_departures_at_once_are_all_held_and_wait_for_a_person(self):
        shop = self.world()
        names = [f"b{number}" for number in range(5)]
        shop.repository.push_all({name: {"app.yaml": spec(migrate=None)}
                                  for name in ["main", *names]})
        self.assert_exit(0, shop.apply())
        shop.repository.delete(*names[1:])
        self.assert_says("bough confirm", self.assert_exit(0, shop.bough("plan")))
        self.assert_exit(0, shop.apply())
        self.assertEqual({"main": "Connected", "b0": "Connected",
                          **dict.fromkeys(names[1:], "Held")}, shop.statuses())
        self.assert_settled(shop)


if __name__ == "__main__":
    unittest.main()
