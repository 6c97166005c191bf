"""Migrations tried on copies of production before they meet it."""

import os
import subprocess
import unittest

from world import BoughTest, World, spec

ROWS = 1_000_000
FIRST = ("CREATE TABLE IF NOT EXISTS orders AS SELECT i AS id, 'x'::text AS note "
         f"FROM generate_series(1, {ROWS}) i;\n"
         "CREATE TABLE IF NOT EXISTS done (step text PRIMARY KEY);\n"
         "INSERT INTO done VALUES ('1') ON CONFLICT DO NOTHING;\n")
# As a tool would: each step once.
MIGRATE = ("psql -q -v ON_ERROR_STOP=1 -f 1.sql; for step in 2; do [ ! -e $step.sql ] || "
           "psql -q -v ON_ERROR_STOP=1 -f $step.sql; done")
BRANCHES = {
    "locks": "BEGIN; LOCK TABLE orders; SELECT pg_sleep(0.5);"
             "ALTER TABLE orders ADD CHECK (id > 0); COMMIT;",
    "rewrites": "ALTER TABLE orders ALTER COLUMN id TYPE bigint;",
    "safe": "CREATE TABLE IF NOT EXISTS carts (id int); "
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS by_id ON orders (id);",
    "loses": "ALTER TABLE orders DROP COLUMN note; UPDATE orders SET id = -id WHERE id <= 20000;",
    "fails": "ALTER TABLE orders ADD COLUMN nothing missing_type;",
}


class Rehearsals(BoughTest):
    @classmethod
    def setUpClass(cls):
        cls.shop = World()
        cls.addClassCleanup(cls.shop.close)
        cls.shop.repository.push("main", {"app.yaml": spec(migrate=MIGRATE), "1.sql": FIRST})
        done = cls.shop.apply("--branch", "main")
        assert done.status == 0, done
        for branch, sql in BRANCHES.items():
            cls.shop.repository.push(branch, {"app.yaml": spec(migrate=MIGRATE), "1.sql": FIRST,
                                              "2.sql": sql}, base="main")
        edited = FIRST.replace("AS note", "AS note, now() AS at")
        cls.shop.repository.push("edits", {"app.yaml": spec(migrate=MIGRATE), "1.sql": edited},
                                 base="main")

    def rehearse(self, branch, *words, status=0):
        done = self.assert_exit(status, self.shop.bough("rehearse", "shop", "--branch", branch,
                                                        "--json", *words))
        document = done.lines()[-1]
        self.assertEqual(branch, document["branch"])
        return document["databases"][0]

    def state(self):
        runs = self.shop.bough("logs", "shop", "--json").out
        return self.shop.databases(), self.shop.roles(), runs

    def codes(self, database):
        return {one["code"] for one in database["advice"]}

    def test_a_lock_a_rewrite_and_a_safe_one_are_told_apart(self):
        locks = self.rehearse("locks", "--data")
        self.assertEqual({"blocks-reads"}, self.codes(locks))
        held = {(lock["table"], lock["mode"]): one["seconds"]
                for one in locks["locks"] for lock in one["locks"]}
        self.assertGreaterEqual(held["public.orders", "AccessExclusiveLock"], 0.4)
        rewrites = self.rehearse("rewrites", "--data")
        self.assertIn("rewrites-table", self.codes(rewrites))
        table = rewrites["rewritten"][0]
        self.assertEqual(("public.orders", ROWS), (table["table"], table["rows"]))
        safe = self.rehearse("safe", "--data")
        self.assertEqual((set(), [], []), (self.codes(safe), safe["locks"], safe["rewritten"]))

    def test_without_data_only_definitions_are_copied(self):
        database = self.rehearse("rewrites")
        self.assertEqual((False, "shop-production"), (database["data"], database["production"]))
        self.assertEqual(0, database["rewritten"][0]["rows"])
        self.assertIn("-    id integer", database["schema_diff"])
        self.assertIn("+    id bigint", database["schema_diff"])

    def test_what_is_lost_and_touched_is_counted(self):
        database = self.rehearse("loses", "--data")
        self.assertEqual([{"table": "public.orders", "column": "note", "rows": ROWS}],
                         database["lost"])
        self.assertEqual(20000, database["touched"][0]["updated"])
        self.assertEqual({"loses-data", "touches-many-rows"},
                         self.codes(database) - {"blocks-reads"})

    def test_a_failure_is_told_and_exits_with_1(self):
        database = self.rehearse("fails", status=1)
        self.assertEqual("failed", database["state"])
        self.assertNotIn("fresh", database)
        text = self.assert_exit(1, self.shop.bough("rehearse", "shop", "--branch", "fails"))
        self.assert_says("missing_type", text)

    def test_a_fresh_install_is_compared(self):
        self.assertTrue(self.rehearse("safe")["fresh"]["same_schema"])
        fresh = self.rehearse("edits")["fresh"]
        self.assertEqual(("succeeded", False), (fresh["state"], fresh["same_schema"]))
        self.assertIn("-    at timestamp with time zone", fresh["schema_diff"])

    def test_nothing_else_is_changed(self):
        before = self.state()
        self.rehearse("rewrites", "--data")
        self.assertEqual(before, self.state())
        folder = next(path for path in (f"{self.shop.data}/stages",
                                        f"{self.shop.fallback()}/stages") if os.path.isdir(path))
        self.assertEqual({}, self.shop.staged())
        self.assertEqual(["lock"], os.listdir(folder))

    def test_what_a_kill_leaves_goes_with_the_next(self):
        self.shop.repository.push("sleeps", {"app.yaml": spec(migrate="sleep 100"), "1.sql": FIRST},
                                  base="main")
        killed = subprocess.Popen(self.shop.words("rehearse", "shop", "--branch", "sleeps"),
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (killed.kill(), killed.communicate()))
        said = []
        while not said or "running sleep" not in said[-1]:
            said.append(killed.stdout.readline())
            self.assertTrue(said[-1], f"it ended: {said}")
        killed.kill()
        killed.wait()
        self.assertNotEqual({}, self.shop.staged())
        self.test_nothing_else_is_changed()

    def test_row_58_as_markdown_it_stays_in_its_fence(self):
        done = self.assert_exit(0, self.shop.bough("rehearse", "shop", "-b", "safe", "--markdown"))
        self.assertTrue(done.out.startswith("```"), done)
        self.assertTrue(done.out.endswith("```\n"), done)

    def test_an_unknown_branch_is_said(self):
        done = self.assert_exit(1, self.shop.bough("rehearse", "shop", "--branch", "nowhere"))
        self.assert_says("nowhere", done)


if __name__ == "__main__":
    unittest.main()
