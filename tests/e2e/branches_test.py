"""Each branch has a database of its own, and nobody else's."""

import os
import unittest

from world import BoughTest, World, app, query, try_sql

BRANCHES = ("main", "feature-cart", "feature/login")
NAMES = {"main": "shop-production", "feature-cart": "shop--feature-cart"}


class FreshInstallation(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.shop.repository.push("main", app("orders"))

    def test_plan_exits_with_2_when_there_are_changes(self):
        done = self.assert_exit(2, self.shop.bough("plan", "--detailed-exitcode"))
        self.assert_says(r"Plan: \d+ to create, 0 to change, 0 to hold, 0 to destroy, "
                         r"1 command to run, 0 refused\.", done)

    def test_plan_creates_no_server(self):
        self.assert_exit(0, self.shop.bough("plan"))
        self.assertFalse(os.path.exists(f"{self.shop.data}/dev"))

    def test_apply_asks_and_without_a_terminal_does_nothing(self):
        self.assert_says("--yes", self.assert_exit(1, self.shop.bough("apply", stdin="y\n")))
        self.assertFalse(os.path.exists(f"{self.shop.data}/dev"))


class ThreeBranches(BoughTest):
    @classmethod
    def setUpClass(cls):
        cls.shop = World()
        cls.addClassCleanup(cls.shop.close)
        cls.tables = dict(zip(BRANCHES, ("orders", "carts", "logins")))
        cls.shop.repository.push_all({name: app(table) for name, table in cls.tables.items()})
        cls.applied = cls.shop.apply()
        cls.variables = {name: cls.shop.env(name) for name in BRANCHES}

    def test_apply_succeeds(self):
        self.assert_exit(0, self.applied)

    def test_plain_names_are_as_promised(self):
        for branch, name in NAMES.items():
            self.assertEqual(name, self.variables[branch]["PGDATABASE"])

    def test_every_branch_has_its_own_schema(self):
        for branch, table in self.tables.items():
            with self.subTest(branch):
                rows = query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
                             self.variables[branch])
                self.assertEqual({"ledger", table}, {row[0] for row in rows})

    def test_a_second_plan_finds_nothing(self):
        self.assert_settled(self.shop)

    def test_plan_of_a_new_branch_makes_no_role_and_no_database(self):
        repository = self.shop.repository
        repository.push("planned-only", app("plans"))
        self.addCleanup(repository.delete, "planned-only")
        before = self.shop.databases(), self.shop.roles()
        self.assert_exit(2, self.shop.bough("plan", "--detailed-exitcode"))
        self.assertEqual(before, (self.shop.databases(), self.shop.roles()))

    def test_a_role_reaches_its_own_database_only(self):
        others = [one["PGDATABASE"] for one in self.variables.values()]
        others += ["postgres", "template1", "bough_journal"]
        for branch, variables in self.variables.items():
            for database in others:
                if database == variables["PGDATABASE"]:
                    continue
                with self.subTest(branch=branch, database=database):
                    done = try_sql("SELECT 1", {**variables, "PGDATABASE": database})
                    self.assert_says("permission denied for database", done)

    def test_a_role_cannot_log_in_as_another(self):
        main, cart = self.variables["main"], self.variables["feature-cart"]
        done = try_sql("SELECT 1", {**cart, "PGDATABASE": main["PGDATABASE"],
                                    "PGUSER": main["PGUSER"]})
        self.assert_says("password authentication failed", done)

    def test_a_role_has_no_rights_on_the_server(self):
        rows = self.shop.psql("SELECT rolname FROM pg_roles WHERE rolname ~ '^shop' AND (rolsuper"
                              " OR rolcreatedb OR rolcreaterole OR rolreplication"
                              " OR rolbypassrls)")
        self.assertEqual([], rows)

    def test_every_database_and_role_is_marked(self):
        marked = self.shop.psql(
            "SELECT d.datname, shobj_description(d.oid, 'pg_database') IS NOT NULL,"
            " shobj_description(r.oid, 'pg_authid') IS NOT NULL"
            " FROM pg_database d JOIN pg_roles r ON r.rolname = d.datname")
        names = {one["PGDATABASE"] for one in self.variables.values()}
        self.assertEqual({(name, "t", "t") for name in names}, {tuple(row) for row in marked})


class ClosedFolder(BoughTest):
    def test_a_data_dir_that_the_server_cannot_reach_is_worked_around(self):
        shop = self.world()
        os.mkdir(f"{shop.home}/private", 0o700)
        shop.data = f"{shop.home}/private/data"
        shop.configure()
        shop.repository.push("main", app("orders"))
        self.assert_exit(0, shop.apply())
        self.assertEqual([["orders"]], query("SELECT version FROM ledger", shop.env()))
        self.assert_settled(shop)


if __name__ == "__main__":
    unittest.main()
