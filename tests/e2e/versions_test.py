"""The same story on every supported version of PostgreSQL, with an admin who is no superuser."""

import os
import unittest

from servers import RELEASES, Server
from world import BoughTest, app, query, try_sql

BRANCHES = {"main": "orders", "cart": "carts", "Feature/Üx": "things"}


class Story:
    """Told once for each server by the classes below."""

    VERSION = TLS = DEBIAN = None

    @classmethod
    def setUpClass(cls):
        os.environ["TEAM_PASSWORD"] = Server.PASSWORD
        cls.server = Server(cls.VERSION, tls=cls.TLS, debian=cls.DEBIAN)
        cls.addClassCleanup(cls.server.close)

    def configure(self, **settings):
        self.shop.configure(top=(
            f"instances:\n  - name: team\n    engine: PG\n    url: {self.server.url()}\n"
            "    password: {env: TEAM_PASSWORD}"), instance="team", **settings)

    def setUp(self):
        self.shop = self.world()
        self.configure()

    def databases(self):
        return set(self.server.rows("SELECT datname FROM pg_database WHERE NOT datistemplate "
                                    "AND datname <> 'postgres'"))

    def roles(self):
        return set(self.server.rows("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND "
                                    "rolname NOT IN ('postgres', 'admin')"))

    def test_from_the_first_push_to_the_last_drop(self):
        shop = self.shop
        self.assert_says(str(self.VERSION), self.assert_exit(0, shop.bough("test", "team")))
        shop.repository.push_all({name: app(table) for name, table in BRANCHES.items()})
        self.assert_exit(0, shop.apply())
        self.assert_settled(shop)
        variables = {branch: shop.env(branch) for branch in BRANCHES}
        self.every_branch_has_its_own(variables)
        self.nobody_reaches_another(variables)
        self.drift_is_mended(variables["cart"])
        self.a_deleted_branch_is_held_and_comes_back(variables["cart"])
        self.what_is_destroyed_is_gone(variables)
        self.assertNotIn("PASSWORD '", self.server.log().replace("PASSWORD 'SCRAM-SHA-256$", ""))

    def every_branch_has_its_own(self, variables):
        for branch, table in BRANCHES.items():
            self.assertEqual([[table]], query("SELECT version FROM ledger", variables[branch]))
            self.assertEqual("localhost", variables[branch]["PGHOST"])

    def nobody_reaches_another(self, variables):
        for one, mine in variables.items():
            for other, theirs in variables.items():
                done = try_sql("SELECT 1", {**mine, "PGDATABASE": theirs["PGDATABASE"]})
                self.assertEqual(one == other, done.status == 0, done)
        for sql in ("CREATE ROLE mine", "CREATE DATABASE mine", "SET ROLE admin",
                    "SET ROLE postgres", "SELECT pg_read_file('/etc/passwd')"):
            self.assertNotEqual(0, try_sql(sql, variables["cart"]).status, sql)

    def drift_is_mended(self, variables):
        name = variables["PGDATABASE"]
        self.server.psql(f'GRANT CONNECT ON DATABASE "{name}" TO PUBLIC')
        self.server.psql(f'ALTER ROLE "{name}" NOLOGIN')
        done = self.shop.bough("plan", "--detailed-exitcode")
        self.assertEqual(2, done.status, done)
        self.assert_exit(0, self.shop.apply())
        self.assert_settled(self.shop)
        self.assertEqual(0, try_sql("SELECT 1", variables).status)

    def a_deleted_branch_is_held_and_comes_back(self, variables):
        tip = self.shop.repository.tip("cart")
        self.shop.repository.delete("cart")
        self.assert_exit(0, self.shop.apply())
        self.assert_says("not permitted to log in", try_sql("SELECT 1", variables))
        self.shop.repository.git("update-ref", "refs/heads/cart", tip)
        self.assert_exit(0, self.shop.apply())
        self.assertEqual([["carts"]], query("SELECT version FROM ledger", variables))

    def what_is_destroyed_is_gone(self, variables):
        for branch, mine in variables.items():
            name = mine["PGDATABASE"]
            self.assert_exit(0, self.shop.bough("destroy", "shop", "--branch", branch,
                                                "--confirm", name))
        self.assertEqual(set(), self.databases())
        self.assertEqual(set(), self.roles())


def tell(name, **given):
    globals()[name] = type(name, (Story, BoughTest), given)


for version in RELEASES:
    tell(f"PostgreSQL{version}", VERSION=version)
tell("PostgreSQL15WithTls", VERSION=15, TLS=True, DEBIAN=True)


if __name__ == "__main__":
    unittest.main()
