"""Limits of bough.yaml on the server, extensions, and databases that grow too large."""

import unittest

from world import BoughTest, app, query, spec, try_sql

LIMITS = {"connections": 2, "statement_timeout": "61s", "idle_timeout": "62s",
          "idle_in_transaction_timeout": "63s"}
FILL = "INSERT INTO carts SELECT generate_series(1, %d)"


class Limits(BoughTest):
    def setUp(self):
        self.shop = self.world(limits=LIMITS)
        self.shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply())

    def shown(self, branch="cart"):
        return [query(f"SHOW {name}", self.shop.env(branch))[0][0] for name in
                ("statement_timeout", "idle_session_timeout", "idle_in_transaction_session_timeout")]

    def limit(self, branch="shop--cart"):
        return self.shop.psql(f"SELECT rolconnlimit FROM pg_roles WHERE rolname = '{branch}'")[0][0]

    def test_they_reach_the_server_and_follow_the_configuration(self):
        for branch in ("main", "cart"):
            self.assertEqual(["61s", "62s", "63s"], self.shown(branch))
        self.assertEqual("2", self.limit())
        self.assert_settled(self.shop)
        self.shop.configure(limits={"connections": 3, "statement_timeout": "2m"})
        done = self.shop.bough("plan")
        self.assert_says("~ limits +shop--cart on dev-pg15 +because connections is 2, and 3 is asked "
                         "for; statement_timeout is 1m1s, and 2m is asked for", done)
        self.assert_exit(0, self.shop.apply())
        self.assertEqual((["2min", "0", "0"], "3"), (self.shown(), self.limit()))
        self.assert_settled(self.shop)

    def test_what_is_changed_by_hand_is_put_back(self):
        self.shop.psql('ALTER ROLE "shop--cart" CONNECTION LIMIT 99')
        self.shop.psql('ALTER ROLE "shop-production" SET statement_timeout = 0')
        query("ALTER ROLE CURRENT_USER IN DATABASE \"shop--cart\" SET idle_session_timeout = '1h'",
              self.shop.env("cart"))
        done = self.shop.bough("plan")
        self.assert_says("connections is 99, and 2 is asked for", done)
        self.assert_says("statement_timeout is without limit, and 1m1s is asked for", done)
        self.assert_exit(0, self.shop.apply())
        self.assertEqual((["61s", "62s", "63s"], "2"), (self.shown(), self.limit()))
        self.assert_settled(self.shop)

    def test_a_session_can_change_its_timeouts_and_not_the_number_of_sessions(self):
        variables = self.shop.env("cart")
        self.assertEqual([["0"]], query("SET statement_timeout = 0; SHOW statement_timeout",
                                        variables))
        for sql in ("ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
                    "UPDATE pg_authid SET rolconnlimit = -1"):
            self.assert_says("permission denied|must", try_sql(sql, variables))


class Size(BoughTest):
    def setUp(self):
        self.shop = self.world(limits={"size": "12MiB"})
        self.shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply())
        self.variables = self.shop.env("cart")

    def look(self):
        """What bough serve does by and by."""
        return self.shop.bough("doctor")

    def size(self):
        documents = self.shop.bough("status", "shop", "--json").json()
        return {one["branch"]: one["databases"][0]["size"]
                for one in documents["repositories"][0]["apps"][0]["environments"]}

    def test_it_is_told(self):
        self.assertIsNone(self.size()["cart"])
        self.assert_exit(0, self.look())
        seen = self.size()["cart"]
        self.assertEqual((12 << 20, "allowed"), (seen["budget"], seen["writes"]))
        self.assertGreater(seen["bytes"], 1 << 20)
        self.assert_says(r"SIZE .*\n.* \d+\.\d MiB", self.shop.bough("status", "shop"))

    def test_writes_are_withdrawn_and_given_back_and_nothing_is_lost(self):
        query(FILL % 150_000, self.variables)
        self.assert_says("more than its budget of 12.0 MiB", self.look())
        self.assert_settled_but("its sessions are read-only by default")
        self.assertEqual("discouraged", self.size()["cart"]["writes"])
        self.assert_says("read-only", try_sql("INSERT INTO carts VALUES (1)", self.variables))
        self.assertEqual([["150000"]], query("SELECT count(*) FROM carts", self.variables))
        # Whoever means to can write all the same, and so make room. Beyond the budget comes a wall.
        query("SET default_transaction_read_only = off; " + FILL % 200_000, self.variables)
        self.look()
        self.assert_settled_but("nobody is let in any more")
        self.assert_says("too many connections", try_sql("SELECT 1", self.variables))
        self.shop.configure(limits={"size": "100MiB"})
        self.assert_exit(0, self.shop.apply())
        self.assertEqual([["350000"]], query("SELECT count(*) FROM carts", self.variables))
        query("INSERT INTO carts VALUES (1)", self.variables)
        self.assert_settled(self.shop)

    def assert_settled_but(self, expected):
        """It is done and told, and a second apply changes nothing."""
        self.assert_says(expected, self.assert_exit(4, self.shop.apply()))
        plan = self.shop.bough("plan", "--json").json()
        self.assertEqual(([], 1), (plan["changes"], len(plan["refused"])))

    def test_room_gives_the_writes_back(self):
        query(FILL % 150_000, self.variables)
        self.look()
        self.assert_settled_but("its sessions are read-only by default")
        query("SET default_transaction_read_only = off; TRUNCATE carts", self.variables)
        self.look()
        self.assert_exit(0, self.shop.apply())
        query("INSERT INTO carts VALUES (1)", self.variables)

    def test_production_goes_on(self):
        query((FILL % 400_000).replace("carts", "orders"), self.shop.env())
        self.look()
        done = self.assert_exit(0, self.shop.apply())
        self.assert_says("production's writes are never withdrawn", done)
        query("INSERT INTO orders VALUES (1)", self.shop.env())


class Extensions(BoughTest):
    def test_they_are_there_before_the_migration(self):
        shop = self.world(extensions=["citext", "pgcrypto"])
        shop.repository.push("main", {"app.yaml": spec(migrate="psql -v ON_ERROR_STOP=1 -qf m.sql"),
                                      "m.sql": "CREATE TABLE t (name citext);"})
        self.assert_says(r"\+ extension +shop-production on dev-pg15 +because bough.yaml asks for "
                         "citext, pgcrypto", shop.bough("plan"))
        self.assert_exit(0, shop.apply())
        self.assert_settled(shop)
        shop.configure(extensions=["citext", "pgcrypto", "hstore", "no-such"])
        done = self.assert_exit(1, shop.apply())
        self.assert_says("extension no-such is not installed on this PostgreSQL 15 server", done)
        self.assertEqual([["citext"], ["hstore"], ["pgcrypto"]], query(
            "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1", shop.env()))


if __name__ == "__main__":
    unittest.main()
