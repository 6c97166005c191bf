"""A daemon that is killed during a build, during a migration, and between a migration's end and its
record: nothing runs twice after a recorded success, and nothing is said to have succeeded that did
not.

BOUGH_RUN_KILLS is how often at random instants (default 6), BOUGH_SEED repeats a run.
"""

import time
import unittest

from kills import Kills, chance, how_many, timed
from serving import ServingTest
from world import Session, app, spec, wait_until

GATE = 42
# Each start and each end is noted outside of any transaction; in between it waits at the gate.
MIGRATION = f"""\
CREATE TABLE IF NOT EXISTS starts (version text);
CREATE TABLE IF NOT EXISTS ends (version text);
INSERT INTO starts VALUES ('{{version}}');
SELECT pg_advisory_lock_shared({GATE});
INSERT INTO ends VALUES ('{{version}}');
"""
KILLS = how_many("BOUGH_RUN_KILLS", 6)


def files(version, **given):
    return {"app.yaml": spec(**given), "schema.sql": MIGRATION.format(version=version)}


class KilledRuns(ServingTest):
    BRANCH, DATABASE = "x", "shop--x"

    def setUp(self):
        super().setUp()
        self.shop.repository.push(self.BRANCH, files("v1"))
        self.assert_exit(0, self.shop.apply())

    def session(self):
        return Session(self.shop.superuser(self.DATABASE))

    def noted(self, table):
        return [row[0] for row in self.shop.psql(f"SELECT version FROM {table}", self.DATABASE)]

    def states(self, kind="migration"):
        """The states of the tip's runs, oldest first."""
        home = self.shop.environments()[self.BRANCH]
        return [run["state"] for run in reversed(home["runs"])
                if run["kind"] == kind and run["commit"] == home["commit"]]

    def at_the_gate(self):
        """Waits until the migration waits there; its backend."""
        return wait_until(lambda: self.shop.psql(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            f" AND objid = {GATE}"), "the migration is at the gate")[0][0]

    def kill(self, daemon):
        daemon.kill()
        daemon.wait()

    def restart(self):
        """bough goes on, and all is settled in the end."""
        daemon = self.begin()
        self.migrates()
        self.assert_settled(self.shop)
        self.end(daemon)

    def migrates(self):
        wait_until(lambda: self.states()[-1:] == ["succeeded"], "the tip is migrated to")

    def test_during_a_build(self):
        self.shop.repository.push(self.BRANCH, files("v2", build="sleep 600"))
        daemon = self.serve()
        wait_until(lambda: self.states("build") == ["running"], "the build runs")
        self.assertEqual(["queued"], self.states())
        self.kill(daemon)
        wait_until(lambda: self.states("build") == ["unknown"], "nobody knows of the build")
        self.assertEqual(["cancelled"], self.states())
        self.assertEqual(["v1"], self.noted("starts"))
        self.shop.repository.push(self.BRANCH, files("v3", build="true"))
        self.restart()
        self.assertEqual(["v1", "v3"], self.noted("ends"))
        self.assertEqual(["succeeded"], self.states())

    def test_row_90_during_a_migration(self):
        with self.session() as gate:
            gate.run(f"SELECT pg_advisory_lock({GATE})")
            self.shop.repository.push(self.BRANCH, files("v2"))
            daemon = self.serve()
            backend = self.at_the_gate()
            self.assertEqual(["running"], self.states())
            self.kill(daemon)
            wait_until(lambda: self.states() == ["unknown"], "nobody knows of the migration")
            self.assert_says("interrupted and its outcome is unknown", self.shop.bough("plan"))
            # The next one ends what the killed one left before it begins.
            daemon = self.serve()
            wait_until(lambda: self.at_the_gate() != backend, "another migration runs")
            self.assertEqual([], self.shop.psql(
                f"SELECT FROM pg_stat_activity WHERE pid = {backend}"))
        wait_until(lambda: self.states() == ["unknown", "succeeded"], "it succeeded")
        self.end(daemon)
        self.assertEqual((["v1", "v2", "v2"], ["v1", "v2"]),
                         (self.noted("starts"), self.noted("ends")))

    def test_row_90_between_success_and_record(self):
        self.interrupt_the_record(recorded=False)
        self.assertEqual(["unknown"], self.states())
        self.assert_says("interrupted and its outcome is unknown", self.shop.bough("plan"))
        self.restart()
        self.assertEqual(["v1", "v2", "v2"], self.noted("ends"))
        self.assertEqual(["unknown", "succeeded"], self.states())

    def test_row_90_between_record_and_journal(self):
        self.interrupt_the_record(recorded=True)
        wait_until(lambda: self.states() == ["succeeded"], "the mark proves the success")
        self.restart()
        self.assertEqual(["v1", "v2"], self.noted("ends"))
        self.assertEqual("Connected", self.shop.statuses()[self.BRANCH])

    def interrupt_the_record(self, recorded):
        """Kills the daemon once the migration has ended and its record waits for a lock."""
        with self.session() as gate, Session(self.shop.superuser()) as catalogue:
            gate.run(f"SELECT pg_advisory_lock({GATE})")
            self.shop.repository.push(self.BRANCH, files("v2"))
            daemon = self.serve()
            self.at_the_gate()
            catalogue.run("BEGIN; LOCK TABLE pg_shdescription IN SHARE MODE")
            gate.run(f"SELECT pg_advisory_unlock({GATE})")
            record = wait_until(lambda: self.shop.psql(
                "SELECT pid FROM pg_locks WHERE NOT granted"
                " AND relation = 'pg_shdescription'::regclass"), "the record waits")[0][0]
            self.kill(daemon)
            if not recorded:
                catalogue.run(f"SELECT pg_terminate_backend({record})")
            catalogue.run("COMMIT")
        self.assertEqual(["v1", "v2"], self.noted("ends"))

    def test_row_90_at_random_instants(self):
        self.shop.repository.push(self.BRANCH, files("v2"))
        daemon = self.begin()
        kills = Kills(timed(self.migrates), chance("kills of the daemon"))
        self.kill(daemon)
        for number in range(3, 3 + KILLS):
            version = f"v{number}"
            self.shop.repository.push(self.BRANCH, files(version))
            daemon = self.begin()
            time.sleep(kills.instant())
            self.kill(daemon)
            with self.subTest(round=number):
                kills.note(self.states()[-1:] != ["succeeded"])
                self.assert_truthful(version)
                self.restart()
                self.assert_truthful(version)
                self.assertEqual("succeeded", self.states()[-1])
        kills.assert_hit()

    def assert_truthful(self, version):
        states = self.states()
        ends = self.noted("ends").count(version)
        self.assertLessEqual(states.count("succeeded"), 1, states)
        self.assertLessEqual(ends, len(states))
        if "succeeded" in states:
            self.assertEqual("succeeded", states[-1], "it ran again after its success")
            self.assertGreaterEqual(ends, 1)


class KilledProduction(KilledRuns):
    """Production asks before a migration of unknown outcome runs again."""

    BRANCH, DATABASE = "main", "shop-production"

    def setUp(self):
        ServingTest.setUp(self)
        self.shop.repository.push("main", files("v1"))
        self.assert_exit(0, self.shop.apply())

    def test_row_90_during_a_migration(self):
        with self.session() as gate:
            gate.run(f"SELECT pg_advisory_lock({GATE})")
            self.shop.repository.push(self.BRANCH, files("v2"))
            daemon = self.serve()
            backend = self.at_the_gate()
            self.kill(daemon)
            self.refused()
            daemon = self.serve()
            self.shop.repository.push("other", app("carts"))
            wait_until(lambda: "shop--other" in self.shop.databases(), "the daemon looked")
            self.end(daemon)
            self.refused()
        self.assert_exit(0, self.shop.bough("retry", "shop", "--branch", "main"))
        self.assertEqual([], self.shop.psql(f"SELECT FROM pg_stat_activity WHERE pid = {backend}"))
        self.assertEqual(["unknown", "succeeded"], self.states())
        self.assertLessEqual(len(self.noted("starts")), 3)

    def refused(self):
        wait_until(lambda: self.states() == ["unknown"], "nobody knows of the migration")
        self.assert_says("its outcome is unknown.*bough retry", self.shop.bough("plan"))
        self.assertEqual("Error", self.shop.statuses()["main"])
        self.assertEqual(["v1", "v2"], self.noted("starts"))

    def test_row_90_between_success_and_record(self):
        self.interrupt_the_record(recorded=False)
        self.refused()
        self.assert_exit(0, self.shop.bough("retry", "shop", "--branch", "main"))
        self.assertEqual(["unknown", "succeeded"], self.states())

    def test_row_90_at_random_instants(self):
        self.shop.configure(on_unknown="rerun")
        super().test_row_90_at_random_instants()


if __name__ == "__main__":
    unittest.main()
