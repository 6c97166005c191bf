"""Databases kept ready by the daemon, and production that notices nothing of copies."""

import os
import signal
import subprocess
import threading
import time

from kills import Kills, chance
from serving import ServingTest
from world import PATIENCE, Session, app, processes_with, query, try_sql, wait_until

KINDS = {"template": "bough_template", "spare": "bough_spare"}
SIZE = int(os.environ.get("BOUGH_TEST_ROWS", "20000"))


class Probe(threading.Thread):
    """A client of production: queries, writes, and a transaction that stays open."""

    LOOP = "SELECT count(*) FROM users; INSERT INTO beats DEFAULT VALUES"

    def __init__(self, env):
        super().__init__()
        self.env, self.over, self.slowest, self.rounds = env, threading.Event(), 0.0, 0
        self.problem = None

    def ask(self, session, sql):
        begun = time.monotonic()
        session.run(sql)
        self.slowest = max(self.slowest, time.monotonic() - begun)

    def run(self):
        try:
            with Session(self.env) as holding, Session(self.env) as busy:
                self.ask(holding, "BEGIN; UPDATE users SET age = age")
                while not self.over.is_set():
                    self.ask(busy, self.LOOP)
                    self.ask(busy, "BEGIN; ALTER TABLE beats ADD COLUMN more int;"
                                   "ALTER TABLE beats DROP COLUMN more; COMMIT"
                             if self.rounds % 20 == 19 else self.LOOP)
                    self.rounds += 1
                self.ask(holding, "COMMIT")
        except (AssertionError, OSError) as error:
            self.problem = error


class Spares(ServingTest):
    def names(self, kind):
        return [name for name in self.shop.databases() if name.startswith(KINDS[kind])]

    def finished(self, kind):
        """The names of those that are."""
        rows = self.shop.psql("SELECT d.datname, shobj_description(d.oid, 'pg_database') "
                              "FROM pg_database d")
        return [name for name, note in (row + [""] if len(row) < 2 else row for row in rows)
                if name.startswith(KINDS[kind]) and f'"state":"{kind}"' in note]

    def ready(self, count, kind="spare"):
        """Waits for so many finished ones."""
        def holds():
            try:
                there = self.finished(kind)
            except (AssertionError, FileNotFoundError):
                return False
            return len(there) == count and there
        try:
            return wait_until(holds, f"{count} of {kind}")
        except AssertionError as error:
            raise AssertionError(self.said()) from error

    def production(self, **settings):
        """A daemon whose production has rows."""
        self.shop.configure(**settings)
        self.shop.repository.push("main", {
            **app("users"), "schema.sql": app("users")["schema.sql"] +
            "ALTER TABLE users ADD COLUMN age int; CREATE TABLE beats (at timestamptz "
            "DEFAULT now());"})
        self.assert_exit(0, self.shop.apply())
        self.assert_exit(0, try_sql(f"INSERT INTO users SELECT i, i FROM generate_series(1, {SIZE})"
                                    " i", self.shop.env()))
        return self.begin()

    def oid(self, database):
        return self.shop.psql(f"SELECT oid FROM pg_database WHERE datname = '{database}'")[0][0]

    def push(self, name="cart"):
        """A branch that migrates what production has not had; it is there."""
        self.shop.repository.push(name, app(name))
        self.migrated(f"shop--{name}", "users", name)

    def events(self):
        return self.shop.bough("events", "--json").out

    def test_a_branch_takes_a_spare_and_another_is_made(self):
        self.production(copy="data", spares=2)
        before = self.ready(2)
        oids = [self.oid(name) for name in before]
        self.push()
        self.assertIn(self.oid("shop--cart"), oids)
        self.assertEqual([[str(SIZE)]], query("SELECT count(*) FROM users", self.shop.env("cart")))
        self.ready(2)
        variables = self.shop.env("cart")
        self.assert_exit(0, try_sql("ALTER TABLE users ADD COLUMN b int", variables))
        for spare in self.names("spare"):
            done = try_sql("SELECT 1", {**variables, "PGDATABASE": spare})
            self.assert_says("not currently accepting", self.assert_exit(2, done))
        self.assertIn("from a warm spare", self.said())

    def test_empty_spares_and_their_end(self):
        self.production(spares=1)
        self.ready(1)
        self.shop.repository.push("cart", app("carts"))
        self.migrated("shop--cart", "carts")
        self.assertIn("from a warm spare", self.said())
        self.ready(1)
        self.shop.configure(spares=0)
        wait_until(lambda: not self.names("spare"), "they are gone")
        wait_until(lambda: not any(name.startswith("bough_spare") for name in self.shop.roles()),
                   "their roles are gone")

    def test_a_refresh_replaces_spares(self):
        daemon = self.production(copy="data", spares=1)
        old = self.oid(self.ready(1)[0])
        self.end(daemon)
        self.assert_exit(0, try_sql("DELETE FROM users WHERE id > 10", self.shop.env()))
        self.assert_exit(0, self.shop.bough("refresh", "shop"))
        self.assertEqual(1, len(self.names("template")))
        new, = self.names("spare")
        self.assertNotEqual(old, self.oid(new))
        self.serve()
        self.push()
        self.assertEqual([["10"]], query("SELECT count(*) FROM users", self.shop.env("cart")))

    def test_all_goes_with_the_repository(self):
        self.production(copy="data", spares=1)
        self.ready(1)
        with open(self.shop.config, encoding="utf-8") as file:
            text = file.read()
        with open(self.shop.config, "w", encoding="utf-8") as file:
            file.write(text.split("repositories:")[0])
        wait_until(lambda: self.shop.databases() == ["shop-production"], "all is gone")

    def test_killed_at_any_time_it_goes_on(self):
        daemon = self.production(copy="data", spares=2)
        kills = Kills(1.5, chance("kills of the daemon"))
        for _ in range(4):
            time.sleep(kills.instant())
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()
            kills.note(len(self.finished("spare")) < 2)
            daemon = self.begin()
        kills.assert_hit()
        self.ready(1, "template")
        self.ready(2)
        self.push()
        self.ready(2)
        wait_until(lambda: len(self.shop.databases()) == 5, "nothing else is there")

    def test_after_another_bough_was_at_work_they_are_made_at_once(self):
        self.end(self.production())
        nap, name = self.shop.nap()
        self.shop.repository.push("cart", app("carts", migrate=f"{nap} || psql -q -f schema.sql"))
        other = subprocess.Popen(self.shop.words("apply", "--yes", "--branch", "cart"),
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (other.kill(), other.wait()))
        wait_until(lambda: processes_with(name), "its migration runs")
        self.shop.configure(spares=1)
        daemon = self.begin()
        wait_until(lambda: self.shop.psql(
            f"SELECT 1 FROM pg_stat_activity WHERE application_name ~ ':{daemon.pid}$'"
            " AND query ~ 'pg_locks'"), "the daemon found the other one")
        for pid, line in processes_with(name).items():
            if line.startswith(name):
                os.kill(pid, signal.SIGKILL)
        self.assertEqual(0, other.wait(PATIENCE))
        self.ready(1)

    def test_production_is_never_blocked_or_disconnected(self):
        self.production(copy="data", spares=1)
        self.ready(1)
        probe = Probe(self.shop.env())
        probe.start()
        try:
            for number in range(2):
                rounds = probe.rounds
                wait_until(self.refreshed, "a refresh that did not give way")
                self.assertGreater(probe.rounds, rounds, "production stood still meanwhile")
                self.push(f"branch{number}")
            self.ready(1)
        finally:
            probe.over.set()
            probe.join()
        if probe.problem:
            raise probe.problem
        self.assertGreater(probe.rounds, 10)
        print(f"production: {probe.rounds} rounds, the slowest took {probe.slowest:.3f} s")

    def refreshed(self):
        done = self.shop.bough("refresh", "shop")
        self.assertIn(done.status, (0, 1, 5), done)
        return done.status == 0

    def test_a_dump_gives_way_to_who_waits_for_it(self):
        self.end(self.production(copy="data"))
        variables = self.shop.env()
        with Session(variables) as holding, Session(variables) as waiting:
            holding.run("BEGIN; LOCK TABLE users")
            refresh = subprocess.Popen(self.shop.words("refresh", "shop"), text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.addCleanup(lambda: (refresh.kill(), refresh.communicate()))
            wait_until(lambda: self.shop.psql(
                "SELECT 1 FROM pg_locks WHERE relation = 'users'::regclass AND NOT granted",
                "shop-production"), "the dump waits, with what it has locked before")
            # Done while `users` is still locked: only the end of the dump lets it through.
            waiting.run("ALTER TABLE ledger ADD COLUMN more int")
            said, _ = refresh.communicate(timeout=PATIENCE)
        self.assertIn("gave way to a session of production", said)


if __name__ == "__main__":
    import unittest
    unittest.main()
