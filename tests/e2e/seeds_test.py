"""Seeds: once, on change, always; into branches only, and never twice."""

import unittest

from world import BoughTest, spec

SEED = "psql -v ON_ERROR_STOP=1 -q -c \"INSERT INTO seeds VALUES ('{}')\""
MIGRATE = "psql -v ON_ERROR_STOP=1 -q -c 'CREATE TABLE IF NOT EXISTS seeds (what text)'"


def files(*migrations, more=""):
    """An app with these migration files; `more` makes another commit of it."""
    return {"app.yaml": spec(migrate=MIGRATE), "README": more,
            **{f"db/migrations/{name}": f"SELECT '{name}';" for name in migrations}}


class Seeds(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.shop.repository.push_all({"main": files("1_a.sql"), "x": files("1_a.sql")})

    def configure(self, when=None, command=SEED.format("s"), **more):
        self.shop.configure(seed_command=command, **({"seed": when} if when else {}), **more)

    def push(self, *migrations, more=""):
        self.shop.repository.push("x", files(*migrations, more=more))

    def apply(self, status=0):
        return self.assert_exit(status, self.shop.apply())

    def seeds(self, database="shop--x"):
        return [row[0] for row in self.shop.psql("SELECT what FROM seeds", database)]

    def test_once_is_after_the_first_migration_of_a_branch(self):
        self.configure()
        planned = self.shop.bough("plan")
        self.assert_says("> seed .*not seeded yet", planned)
        runs = [(run["kind"], run["branch"]) for run in self.shop.plan()["runs"]]
        self.assertEqual([("migration", "x"), ("migration", None), ("seed", "x")],
                         sorted(runs, key=lambda run: (run[0], run[1] or "~")))
        self.apply()
        self.assert_settled(self.shop)
        self.push("1_a.sql", "2_b.sql")
        self.apply()
        self.assertEqual((["s"], []), (self.seeds(), self.seeds("shop-production")))
        kinds = {run["kind"]: run["state"] for run in self.shop.environments()["x"]["runs"]}
        self.assertEqual({"migration": "succeeded", "seed": "succeeded"}, kinds)

    def test_on_change_follows_the_migration_files_and_the_command(self):
        self.configure("on_change")
        self.apply()
        self.push("1_a.sql", more="only the readme")
        self.apply()
        self.assertEqual(["s"], self.seeds())
        self.push("1_a.sql", "2_b.sql")
        self.apply()
        self.assertEqual(["s", "s"], self.seeds())
        self.configure("on_change", SEED.format("t"))
        self.apply()
        self.assertEqual(["s", "s", "t"], self.seeds())
        self.assert_settled(self.shop)

    def test_always_is_after_every_migration(self):
        self.configure("always")
        self.apply()
        self.push("1_a.sql", more="only the readme")
        self.apply()
        self.apply()
        self.assertEqual(["s", "s"], self.seeds())

    def test_a_lost_journal_seeds_nothing_twice(self):
        for when in ("once", "on_change", "always"):
            with self.subTest(when):
                self.configure(when)
                self.apply()
                before = self.seeds()
                self.shop.psql("DROP DATABASE bough_journal WITH (FORCE)")
                self.apply()
                self.assertEqual(before, self.seeds())

    def test_a_database_that_is_made_anew_is_seeded_anew(self):
        self.configure()
        self.apply()
        self.shop.psql("DROP DATABASE \"shop--x\" WITH (FORCE)")
        self.apply()
        self.assertEqual(["s"], self.seeds())
        self.push("1_b.sql")  # rewritten: the database is set aside and rebuilt
        self.apply()
        self.assertEqual(["s"], self.seeds())
        self.assert_settled(self.shop)

    def test_a_failed_seed_waits_for_a_person_and_keeps_the_migration(self):
        self.configure(command="exit 5")
        self.assert_says("seed failed: exit code 5", self.apply(1))
        self.assert_says("the seed of .* failed; .*bough retry", self.apply(4))
        self.configure()
        self.apply()
        self.assertEqual(["s"], self.seeds())

    def test_the_operator_may_forbid_all_commands(self):
        self.configure(commands="none")
        self.apply()
        self.assertEqual([], self.shop.environments()["x"]["runs"])


if __name__ == "__main__":
    unittest.main()
