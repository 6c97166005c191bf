"""Migrations that were edited, removed, reordered, squashed or rebased after they ran: a branch ends
as a new one of the same commit would, and production waits for a person."""

import re
import unittest

from world import BoughTest, World, run, spec

# As dbmate and its like do it: by name, each once, in a transaction of its own.
RUNNER = """\
psql -Xqc 'CREATE TABLE IF NOT EXISTS schema_migrations (version text PRIMARY KEY)'
for file in db/migrations/*.sql; do
  [ -e "$file" ] || continue
  version=$(basename "$file" .sql)
  known=$(psql -XAtqc "SELECT 1 FROM schema_migrations WHERE version = '$version'")
  [ -z "$known" ] || continue
  psql -Xq1 -v ON_ERROR_STOP=1 -f "$file" \
    -c "INSERT INTO schema_migrations VALUES ('$version')" || exit 1
done
"""
BEFORE = {"1_orders": "CREATE TABLE orders (id int);",
          "2_carts": "CREATE TABLE carts (id int);",
          "4_notes": "ALTER TABLE carts ADD note text;"}


def changed(*removed, **added):
    """BEFORE without some migrations and with others."""
    kept = {name: text for name, text in BEFORE.items() if name not in removed}
    return kept | {f"{key[1:]}": text for key, text in added.items()}


# What becomes of it, and whether the database has to be made anew for it.
CASES = {
    "added": (changed(_5_users="CREATE TABLE users (id int);"), None),
    "untouched": (BEFORE, None),
    "edited": (changed(_2_carts="CREATE TABLE carts (id bigint, owner int);"),
               r"2_carts\.sql was edited after it ran"),
    "removed": (changed("4_notes"), r"4_notes\.sql was removed after it ran"),
    "removed-and-added": (changed("4_notes", _4_prices="CREATE TABLE prices (id int);"),
                          r"4_notes\.sql was removed after it ran"),
    "reordered": (changed("1_orders", _3_orders=BEFORE["1_orders"]),
                  r"1_orders\.sql was renamed to db/migrations/3_orders\.sql after it ran"),
    "inserted": (changed(_3_carts="ALTER TABLE carts ADD total numeric;"),
                 r"3_carts\.sql is new and comes before db/migrations/4_notes\.sql, which ran"),
    "squashed": ({"1_all": "CREATE TABLE orders (id int);\nCREATE TABLE carts (id int, note text);"},
                 r"1_orders\.sql was removed after it ran, and 2 more like it"),
    # Another branch was merged first: ours get new numbers on top of it.
    "rebased": ({"1_orders": BEFORE["1_orders"], "2_users": "CREATE TABLE users (id int);",
                 "3_carts": BEFORE["2_carts"], "5_notes": BEFORE["4_notes"]},
                r"2_carts\.sql was renamed to db/migrations/3_carts\.sql after it ran"),
}


def files(migrations):
    return {"app.yaml": spec(migrate="sh migrate.sh"), "migrate.sh": RUNNER,
            **{f"db/migrations/{name}.sql": text for name, text in migrations.items()}}


class History(BoughTest):
    @classmethod
    def setUpClass(cls):
        cls.shop = World()
        cls.addClassCleanup(cls.shop.close)
        cls.shop.repository.push_all({"main": files(BEFORE),
                                      **{name: files(BEFORE) for name in CASES}})
        cls.first = cls.shop.apply()
        for name in CASES:
            cls.shop.psql(f"INSERT INTO orders VALUES ({len(name)})", f"shop--{name}")
        cls.shop.repository.push_all({name: files(after) for name, (after, _) in CASES.items()})
        cls.shop.repository.push_all({f"fresh-{name}": files(after)
                                      for name, (after, _) in CASES.items()})
        cls.plan = cls.shop.plan()
        cls.second = cls.shop.apply()

    def schema(self, branch):
        env = {key: value for key, value in self.shop.env(branch).items() if key.startswith("PG")}
        done = run(["pg_dump", "--schema-only", "--no-owner", "--no-privileges"], env=env, cwd="/")
        self.assert_exit(0, done)
        return "\n".join(line for line in done.out.splitlines()
                         if not re.match(r"--|\\(un)?restrict|$", line))

    def rebuilds(self):
        """Why, by branch."""
        return {one["branch"]: one["because"] for one in self.plan["changes"]
                if one["actions"] == ["rebuild"]}

    def test_1_each_ends_as_a_new_branch_would(self):
        self.assert_exit(0, self.first)
        self.assert_exit(0, self.second)
        self.assert_settled(self.shop)
        for name in CASES:
            with self.subTest(name):
                self.assertEqual(self.schema(f"fresh-{name}"), self.schema(name))

    def test_2_only_what_must_is_made_anew_and_the_plan_says_why(self):
        reasons = self.rebuilds()
        self.assertEqual({name for name, (_, why) in CASES.items() if why}, set(reasons))
        for name, because in reasons.items():
            self.assertRegex(because, CASES[name][1])

    def test_3_the_old_database_is_kept_and_out_of_reach(self):
        kept = {name: re.search(r"is kept as (\S+)$", because)[1]
                for name, because in self.rebuilds().items()}
        for name, database in kept.items():
            with self.subTest(name):
                self.assertEqual([[str(len(name))]],
                                 self.shop.psql("SELECT id FROM orders", database))
                self.assertEqual([["f", "f"]], self.shop.psql(
                    f"SELECT has_database_privilege('shop--{name}', '{database}', 'CONNECT'),"
                    f" has_database_privilege('public', '{database}', 'CONNECT')"))
                status = self.shop.environments()[name]["databases"][0]
                self.assertEqual(("Connected", [database]),
                                 (status["status"], status["set_aside"]))
        done = self.shop.bough("destroy", "shop", "--branch", "edited", "--confirm",
                               kept["edited"])
        self.assert_exit(0, done)
        self.assertNotIn(kept["edited"], self.shop.databases())
        self.assertEqual(self.schema("fresh-edited"), self.schema("edited"))

    def test_4_going_back_takes_back(self):
        self.shop.repository.push("added", files(BEFORE))
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(self.schema("fresh-untouched"), self.schema("added"))

    def test_5_a_fixed_migration_starts_from_nothing(self):
        broken = changed(_5_users="CREATE TABLE users (id int);\nCREATE TABLE users (id int);")
        fixed = changed(_5_users="CREATE TABLE users (id int);")
        self.shop.repository.push("fixed", files(BEFORE))
        self.assert_exit(0, self.shop.apply())
        self.shop.repository.push("fixed", files(broken))
        self.assert_exit(1, self.shop.apply())
        self.shop.repository.push("fixed", files(fixed))
        self.assert_says(r"5_users\.sql was edited after it was tried", self.shop.bough("plan"))
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(self.schema("fresh-added"), self.schema("fixed"))

    def test_6_production_waits_for_a_person(self):
        before = self.schema("main")
        self.shop.psql("INSERT INTO orders VALUES (1)", "shop-production")
        self.shop.repository.push("main", files(CASES["edited"][0]))
        done = self.assert_exit(4, self.shop.apply())
        self.assert_says(r"2_carts\.sql was edited after it ran; production is not rebuilt.*"
                         "bough retry", done)
        self.assertEqual(before, self.schema("main"))
        self.assert_exit(0, self.shop.bough("retry", "shop", "--branch", "main"))
        self.assert_settled(self.shop)
        self.assertEqual([["1"]], self.shop.psql("SELECT id FROM orders", "shop-production"))

    def test_7_a_lost_journal_does_no_harm(self):
        self.shop.repository.push("late", files(BEFORE))
        self.assert_exit(0, self.shop.apply())
        self.shop.psql("DROP DATABASE bough_journal WITH (FORCE)")
        self.assert_settled(self.shop)
        self.shop.repository.push("late", files(CASES["squashed"][0]))
        self.assert_says(r"1_orders\.sql was removed after it ran", self.shop.bough("plan"))
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(self.schema("fresh-squashed"), self.schema("late"))


if __name__ == "__main__":
    unittest.main()
