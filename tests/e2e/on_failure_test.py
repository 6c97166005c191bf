"""What becomes of a database whose migration failed: kept as it is, or put back as it was."""

import contextlib
import time
import unittest

from serving import ServingTest
from world import BoughTest, query, spec, try_sql, wait_until

BY_FILE = "psql -v ON_ERROR_STOP=1 -q -f schema.sql"
FIRST = "CREATE TABLE items (id int); INSERT INTO items VALUES (1);"
# Not one transaction, as many a tool has it: the half of it stays.
BREAKS = "INSERT INTO items VALUES (2); CREATE TABLE half (id int);\nSELECT 1 / 0;"


def files(sql, number=1, **given):
    """A commit whose migration is this; before the second one came the first."""
    given.setdefault("migrate", BY_FILE)
    return {"app.yaml": spec(**given), "schema.sql": sql, "db/migrations/1_a.sql": FIRST,
            f"db/migrations/{number}_a.sql": sql}


class OnFailureTest(BoughTest):
    POLICY = "restore"

    def setUp(self):
        self.shop = self.world(on_failure=self.POLICY)
        tips = self.shop.repository.push_all({"main": files(FIRST), "x": files(FIRST)})
        self.first = tips["x"]
        self.apply()

    def push(self, sql, branch="x", number=2, **given):
        self.shop.repository.push(branch, files(sql, number, **given))

    def apply(self, status=0):
        return self.assert_exit(status, self.shop.apply())

    def items(self, database="shop--x"):
        return [row[0] for row in self.shop.psql("SELECT id FROM items ORDER BY id", database)]

    def condition(self, name, branch="x"):
        database = self.shop.environments()[branch]["databases"][0]
        return next(one for one in database["conditions"] if one["type"] == name)

    def assert_nothing_left(self):
        self.assertEqual(["shop--x", "shop-production"], self.shop.databases())


class Restore(OnFailureTest):
    def test_a_failed_migration_is_put_back(self):
        self.push(BREAKS)
        planned = self.shop.bough("plan")
        self.assert_says("~ copy .*shop--x.*on_failure: restore", planned)
        self.assert_says("the database was put back as it was before", self.apply(1))
        self.assertEqual((["1"], ["items"]), (self.items(), self.shop.tables("shop--x")))
        self.assert_nothing_left()
        said = self.condition("MigrationSucceeded")
        self.assertEqual("False", said["status"])
        self.assertIn("put back as it was before", said["message"])
        # The earlier revision is served on.
        self.assertEqual(self.first, self.shop.environments()["x"]["databases"][0]["migrated_to"])
        self.assert_says(f"it is at {self.first[:7]}", self.shop.bough("status"))
        self.assertEqual([["1"]], query("SELECT id FROM items", self.shop.env("x")))
        self.assert_exit(0, try_sql("INSERT INTO items VALUES (7)", self.shop.env("x")))

    def test_the_next_push_migrates_from_a_clean_state(self):
        self.push(BREAKS)
        self.apply(1)
        # The file that failed is edited: nothing of it is left, so this is no rewritten history.
        self.push("INSERT INTO items VALUES (3);")
        done = self.apply()
        self.assertNotIn("set aside", done.out)
        self.assertEqual(["1", "3"], self.items())
        self.assert_nothing_left()
        self.assert_settled(self.shop)

    def test_a_success_leaves_no_copy(self):
        self.push("INSERT INTO items VALUES (2);")
        self.apply()
        self.assertEqual(["1", "2"], self.items())
        self.assert_nothing_left()

    def test_one_that_ran_out_of_time_is_put_back(self):
        self.shop.configure(on_failure="restore", migration_timeout="2s")
        self.push("INSERT INTO items VALUES (2); SELECT pg_sleep(600);")
        self.assert_says("timed-out.*put back as it was", self.apply(1))
        self.assertEqual(["1"], self.items())
        self.assert_nothing_left()

    def test_sessions_of_the_branch_are_ended_and_settings_stay(self):
        login = self.shop.env("x")
        for setting in ("search_path = a, \"B c\", public", "work_mem = '5MB'"):
            self.assert_exit(0, try_sql(f"ALTER DATABASE \"shop--x\" SET {setting}", login))
        self.push(BREAKS)
        self.apply(1)
        self.assertEqual([["a, \"B c\", public"]], query("SHOW search_path", login))
        self.assertEqual([["5MB"]], query("SHOW work_mem", login))
        self.assertEqual([["f"]], query(
            "SELECT has_database_privilege('public', 'shop--x', 'CONNECT')", login))

    def test_production_is_never_put_back(self):
        self.push(BREAKS, "main")
        self.assert_says("production is left as the migration left it; bough has no copy",
                         self.apply(1))
        self.assertEqual(["1", "2"], self.items("shop-production"))

    def test_a_first_migration_that_fails_begins_again_from_nothing(self):
        self.push(BREAKS.replace("INSERT", "CREATE TABLE items (id int); INSERT"), "y", 1)
        self.apply(1)
        self.push(FIRST, "y", 1)
        self.apply()
        self.assertEqual(["1"], self.items("shop--y"))
        self.assertEqual(["shop--x", "shop--y", "shop-production"], self.shop.databases())


class Keep(OnFailureTest):
    POLICY = "keep"

    def test_a_failed_migration_stays_and_says_so(self):
        self.push(BREAKS)
        self.assert_says("left as the failed migration left it", self.apply(1))
        self.assertEqual(["1", "2"], self.items())
        said = self.condition("MigrationSucceeded")
        self.assertEqual("False", said["status"])
        self.assertIn("left as the failed migration left it", said["message"])
        self.assertEqual("Error", self.shop.statuses()["x"])


class Killed(ServingTest):
    """bough is killed while a database that can be put back is migrated."""

    def setUp(self):
        self.shop = self.world(on_failure="restore")
        self.shop.repository.push_all({"main": files(FIRST), "x": files(FIRST)})
        self.assert_exit(0, self.shop.apply())

    def items(self):
        """Nothing while nobody is let in."""
        with contextlib.suppress(AssertionError):
            return [row[0] for row in self.shop.psql("SELECT id FROM items ORDER BY id", "shop--x")]
        return None

    def failed(self):
        home = self.shop.environments()["x"]
        return any(run["state"] == "failed" and run["commit"] == home["commit"]
                   for run in home["runs"])

    def kill(self, daemon):
        daemon.kill()
        daemon.wait()

    def settle(self, expected):
        daemon = self.serve()
        wait_until(lambda: self.items() == expected and len(self.shop.databases()) == 2
                   and self.shop.plan()["runs"] == [], f"the items are {expected}")
        self.end(daemon)
        self.assertEqual(["shop--x", "shop-production"], self.shop.databases())
        self.assert_settled(self.shop)

    def test_during_the_migration(self):
        slow = "INSERT INTO items VALUES (2); SELECT pg_sleep(3);"
        self.shop.repository.push("x", files(slow, 2))
        daemon = self.serve()
        wait_until(lambda: self.items() == ["1", "2"], "the migration runs")
        self.kill(daemon)
        self.assert_says("~ put-back .*shop--x", self.shop.bough("plan"))
        self.settle(["1", "2"])

    def test_while_it_is_put_back(self):
        """At whatever instant from the making of the copy to its end."""
        for number in range(3):
            self.shop.repository.push("x", files(f"{BREAKS} -- {number}", 2))
            daemon = self.serve()
            wait_until(lambda: len(self.shop.databases()) == 3 or self.failed(), "a copy is there")
            time.sleep(0.1 * number)
            self.kill(daemon)
        wait_until(lambda: self.shop.apply().status == 4, "the failure is known")
        self.assertEqual(["1"], self.items())
        self.assertEqual(["shop--x", "shop-production"], self.shop.databases())

    def test_leftovers_of_a_copy_are_removed(self):
        name = self.copy_name()
        self.shop.psql(f"CREATE DATABASE \"{name}\" OWNER \"shop--x\" ALLOW_CONNECTIONS false")
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(["shop--x", "shop-production"], self.shop.databases())
        self.shop.psql(f"CREATE DATABASE \"{name}\"")
        self.assert_settled(self.shop)
        self.assertIn(name, self.shop.databases())

    def copy_name(self):
        self.shop.repository.push("x", files("SELECT 1;", 2))
        for change in self.shop.plan()["changes"]:
            if change["actions"] == ["copy"]:
                found = change["after"]["name"]
                self.assert_exit(0, self.shop.apply())
                return found
        raise AssertionError("no copy is planned")


if __name__ == "__main__":
    unittest.main()
