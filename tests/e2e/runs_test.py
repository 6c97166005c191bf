"""Builds and migrations: when they run, when they do not, and what becomes of failures."""

import json
import unittest

from world import BoughTest, app, processes_with, query, spec, wait_until

FAILS = {"app.yaml": spec(migrate="echo it went boom; exit 3")}


class Runs(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.repository = self.shop.repository

    def runs(self, branch="main"):
        """Kind and state of each run, the first one first."""
        found = self.shop.environments()[branch]["runs"]
        return [(one["kind"], one["state"]) for one in reversed(found)]

    def apply(self, status, *branches):
        return self.assert_exit(status, self.shop.apply(*branches))

    def test_a_migration_runs_once_per_commit(self):
        self.repository.push("main", app("orders"))
        for _ in range(2):
            self.apply(0)
        self.repository.push("main", app("carts"))
        for _ in range(2):
            self.apply(0)
        self.assertEqual(["orders", "carts"], self.shop.ledger("shop-production"))

    def test_going_back_to_an_earlier_commit_runs_nothing(self):
        first = self.repository.push("main", app("orders"))
        self.apply(0)
        self.repository.push("main", app("carts"))
        self.apply(0)
        self.repository.git("update-ref", "refs/heads/main", first)
        self.assert_settled(self.shop)

    def test_the_migration_finds_what_the_build_made(self):
        build = "env | grep -q ^DATABASE_URL=postgresql:// && cp made.txt schema.sql"
        self.repository.push("main", {"app.yaml": spec(build=build),
                                      "made.txt": app("orders")["schema.sql"]})
        self.apply(0)
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))

    def test_a_failed_migration_shows_in_status_and_logs(self):
        self.repository.push("main", FAILS)
        self.assert_says("migration failed: exit code 3", self.apply(1))
        self.assertEqual("Error", self.shop.statuses()["main"])
        self.assert_exit(1, self.shop.bough("status"))
        self.assert_says("it went boom", self.assert_exit(0, self.shop.bough("logs", "shop")))
        run = self.shop.environments()["main"]["runs"][0]
        self.assertEqual((3, "echo it went boom; exit 3"), (run["exit_code"], run["command"]))

    def test_a_failed_migration_is_not_repeated(self):
        self.repository.push("main", FAILS)
        self.apply(1)
        self.assert_says("bough retry", self.apply(4))
        self.assertEqual([("migration", "failed")], self.runs())

    def test_retry_repeats_it(self):
        self.repository.push("main", FAILS)
        self.apply(1)
        self.assert_exit(1, self.shop.bough("retry", "shop"))
        self.assertEqual([("migration", "failed")] * 2, self.runs())

    def test_the_next_commit_is_tried(self):
        self.repository.push("main", FAILS)
        self.apply(1)
        self.repository.push("main", app("orders"))
        self.apply(0)
        self.assert_exit(0, self.shop.bough("status"))
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))

    def test_one_branchs_failure_does_not_stop_the_others(self):
        self.repository.push_all({"main": app("orders"), "cart": FAILS, "search": app("hits")})
        self.apply(1)
        self.assertEqual({"main": "Connected", "cart": "Error", "search": "Connected"},
                         self.shop.statuses())

    def test_nothing_is_migrated_after_a_failed_build(self):
        self.repository.push("main", {**app("orders"), "app.yaml": spec(build="echo no; false")})
        self.apply(1)
        self.assertEqual([], self.shop.tables("shop-production"))
        self.apply(4)
        self.assertEqual([("build", "failed")], self.runs())
        self.assertEqual("Error", self.shop.statuses()["main"])

    def test_jobs_before_deployment_are_migrations(self):
        text = spec(migrate=None) + ("jobs:\n  - name: schema\n    kind: PRE_DEPLOY\n"
                                     "    run_command: psql -q -f schema.sql\n")
        self.repository.push("main", {**app("orders"), "app.yaml": text})
        self.apply(0)
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))

    def test_the_operators_command_wins(self):
        self.shop.configure(migration_command="psql -q -f schema.sql")
        self.repository.push("main", {**app("orders"), "app.yaml": FAILS["app.yaml"]})
        self.apply(0)
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))

    def test_a_deadline_ends_the_whole_tree(self):
        nap, name = self.shop.nap()
        for sandbox in ("required", "off"):
            with self.subTest(sandbox):
                self.shop.configure(migration_timeout="1s", sandbox=sandbox)
                command = f": {sandbox}; setsid {nap} & ({nap} &) ; {nap}"
                self.repository.push("main", {"app.yaml": spec(migrate=command)})
                self.assert_says("timed.out", self.apply(1))
                wait_until(lambda: not processes_with(name), "the tree is gone")

    def test_a_useless_tmpdir_does_not_matter(self):
        self.shop.configure(sandbox="off")
        for useless in ("", "/nonexistent"):
            with self.subTest(useless):
                self.repository.push("main", {"app.yaml": spec(migrate="test -d $HOME")})
                done = self.shop.bough("apply", "--yes", env={"TMPDIR": useless})
                self.assert_exit(0, done)

    def test_output_is_streamed_as_json_lines(self):
        self.repository.push("main", {"app.yaml": spec(migrate="printf 'a\\377b\\033[2J\\n'")})
        done = self.assert_exit(0, self.shop.bough("apply", "--yes", "--json"))
        lines = done.lines()
        self.assertEqual({"1.0"}, {line["format_version"] for line in lines})
        self.assertIn("output", {line["type"] for line in lines})
        self.assertNotIn("\x1b", json.dumps(lines, ensure_ascii=False))

    def test_two_databases_are_migrated_by_their_own_commands(self):
        text = ("name: shop\ndatabases:\n"
                "  - {name: db, engine: PG, migration_command: 'psql -q -f schema.sql'}\n"
                "  - {name: stats, engine: PG, migration_command: 'psql -q -f stats.sql'}\n")
        self.repository.push("main", {**app("orders"), "app.yaml": text,
                                      "stats.sql": "CREATE TABLE visits ();"})
        self.apply(0)
        self.assertEqual(["ledger", "orders"], self.shop.tables("shop-production"))
        self.assertEqual(["visits"], self.shop.tables("shop_stats-production"))

    def test_bindables_reach_the_commands(self):
        text = spec(migrate="psql -q \"$OWN\" -c \"CREATE TABLE \\\"$NAME\\\" ()\"")
        text += "envs:\n  - {key: OWN, value: '${db.DATABASE_URL}'}\n"
        text += "  - {key: NAME, value: 'at-${db.PORT}'}\n"
        self.repository.push("main", {"app.yaml": text})
        self.apply(0)
        self.assertEqual([f"at-{self.shop.port()}"], self.shop.tables("shop-production"))

    def test_an_unresolvable_bindable_is_refused_before_anything_runs(self):
        text = spec() + "envs:\n  - {key: X, value: '${nothing.DATABASE_URL}'}\n"
        self.repository.push("main", {**app("orders"), "app.yaml": text})
        done = self.shop.apply()
        self.assert_says(r"refused shop/production: its commands cannot run: X: "
                         r"`\$\{nothing\.DATABASE_URL\}` cannot be resolved",
                         self.assert_exit(4, done))
        self.assertEqual(([], []), (self.runs(), self.shop.tables("shop-production")))

    def test_the_checkout_is_private_to_the_commit(self):
        self.repository.push_all({"main": app("orders"), "cart": {
            "app.yaml": spec(migrate="test -f only-here && psql -q -c 'CREATE TABLE carts ()'"),
            "only-here": ""}})
        self.apply(0)
        self.assertEqual([["carts"]], query("SELECT tablename FROM pg_tables WHERE"
                                            " schemaname = 'public'", self.shop.env("cart")))


if __name__ == "__main__":
    unittest.main()
