"""bough killed at random instants: the next run completes the work, and nothing is done twice.

BOUGH_KILLS is how often (default 40; 100 is the full proof), BOUGH_SEED repeats a run.
"""

import collections
import time
import unittest

from kills import Kills, chance, how_many, timed
from world import BoughTest, processes_with, spec, wait_until

KILLS = how_many("BOUGH_KILLS", 40)
BRANCHES = ["main"] + [f"b{number:02}" for number in range(19)]
LANES = 4  # homes that bough works on at once

# As migration tools do it: one transaction, and a version that is there already is skipped. Every
# start is noted outside of it, so that a needless second one shows.
MIGRATION = """\
CREATE TABLE IF NOT EXISTS starts (version text);
INSERT INTO starts VALUES ('{version}');
BEGIN;
CREATE TABLE IF NOT EXISTS ledger (version text, at timestamptz DEFAULT now());
LOCK ledger;
SELECT NOT EXISTS (SELECT FROM ledger WHERE version = '{version}') AS todo \\gset
\\if :todo
CREATE TABLE {version} ();
INSERT INTO ledger VALUES ('{version}');
\\endif
COMMIT;
"""


def name_of(branch):
    return "shop-production" if branch == "main" else f"shop--{branch}"


DATABASES = sorted(map(name_of, BRANCHES))

Work = collections.namedtuple("Work", "pushed anew")
ALL = Work(20, 20)
SOME = Work(5, 2)  # most rounds, to be quick


def files(version):
    return {"app.yaml": spec(), "schema.sql": MIGRATION.format(version=version)}


class Killed(BoughTest):
    def setUp(self):
        self.random = chance(f"{KILLS} kills")

    def test_row_68_an_apply_of_twenty_branches(self):
        shop = self.world(on_unknown="rerun")
        history = {branch: [] for branch in BRANCHES}
        begun = time.monotonic()
        self.round(shop, 1, history, ALL)
        longest = {ALL: time.monotonic() - begun}
        longest[SOME] = longest[ALL] / 3
        kills, number = 0, 1
        while kills < KILLS:
            number += 1
            self.assertLess(number, 2 * KILLS + 10, "applies end before they are killed")
            work = ALL if number % 10 == 0 else SOME
            after = self.random.uniform(0, longest[work])
            try:
                ended = self.round(shop, number, history, work, after)
            except AssertionError as error:
                raise AssertionError(f"round {number}, killed after {after:.3f} s") from error
            kills += ended is None
            # A little longer each time, so that the last instants have their turn too.
            longest[work] = ended or 1.02 * longest[work]
        self.assert_settled(shop)
        self.assert_nothing_runs(shop)

    def round(self, shop, number, history, work, after=None):
        """Pushes to branches, some of whose databases vanish; applies, with a kill before, and
        looks at everything. When the apply to be killed ended by itself."""
        chosen = self.random.sample(BRANCHES, work.pushed)
        if number > 1:
            # A production database that is gone is not made anew by itself.
            branches = [branch for branch in chosen if branch != "main"]
            self.drop(shop, branches[:work.anew], history)
        for branch in chosen:
            history[branch].append(f"r{number}")
        shop.repository.push_all({branch: files(f"r{number}") for branch in chosen})
        ended = shop.kill_after(after, "apply", "--yes") if after else None
        self.assert_exit(0, shop.apply())
        self.assert_exact(shop, history, f"r{number}")
        return ended

    def drop(self, shop, branches, history):
        shop.psql("".join(f'DROP DATABASE "{name_of(branch)}" WITH (FORCE);\n'
                          f'DROP ROLE "{name_of(branch)}";\n' for branch in branches))
        for branch in branches:
            history[branch].clear()

    def assert_exact(self, shop, history, latest):
        self.assertEqual((DATABASES, DATABASES), (shop.databases(), shop.roles()))
        self.assertEqual(DATABASES, sorted(row[0] for row in shop.psql(
            "SELECT datname FROM pg_database WHERE datallowconn AND datname ~ '^shop'"
            " AND shobj_description(oid, 'pg_database') IS NOT NULL"
            " AND NOT has_database_privilege('public', oid, 'CONNECT')")))
        self.assertEqual(DATABASES, sorted(row[0] for row in shop.psql(
            "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname ~ '^shop'"
            " AND shobj_description(oid, 'pg_authid') IS NOT NULL")))
        rows = shop.psql(
            "".join(f'\\c "{name}"\nSELECT current_database(), version, (SELECT count(*) FROM starts'
                    " s WHERE s.version = l.version) FROM ledger l ORDER BY at;\n"
                    for name in DATABASES))
        for branch, versions in history.items():
            self.assertEqual(versions, [row[1] for row in rows if row[0] == name_of(branch)])
        again = sum(int(row[2]) - 1 for row in rows if row[1] == latest)
        self.assertLessEqual(again, LANES, "migrations were started without need")

    def test_row_68_the_first_apply(self):
        shop = self.two_branches()
        kills = Kills(timed(lambda: self.assert_exit(0, shop.apply())), self.random)
        for number in range(max(2, KILLS // 15)):
            with self.subTest(round=number):
                shop.close()
                shop = self.two_branches()
                kills.command(shop, "apply", "--yes")
                self.assert_exit(0, shop.apply())
                for name in ("shop-production", "shop--cart"):
                    self.assertEqual(["r1"], shop.ledger(name))
                self.assert_settled(shop)
                self.assert_nothing_runs(shop)
        kills.assert_hit()

    def two_branches(self):
        shop = self.world(on_unknown="rerun")
        shop.repository.push_all({"main": files("r1"), "cart": files("r1")})
        return shop

    def assert_nothing_runs(self, shop):
        def ours():
            return {pid: line for pid, line in processes_with(shop.home).items()
                    if pid != shop.server_pid()}
        wait_until(lambda: not ours(), "only the server runs")


if __name__ == "__main__":
    unittest.main()
