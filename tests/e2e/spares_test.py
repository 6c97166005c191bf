"""Databases kept ready by the daemon, and production that notices nothing of copies."""

import os
import signal
import subprocess
import threading
import time

from serving import ServingTest
from world import app, query, try_sql, wait_until

KINDS = {"template": "bough_template", "spare": "bough_spare"}
SIZE = int(os.environ.get("BOUGH_TEST_ROWS", "20000"))


class Probe(threading.Thread):
    """A client of production: queries, writes, and a transaction that stays open."""

    LOOP = "SELECT count(*) FROM users; INSERT INTO beats DEFAULT VALUES;\n"

    def __init__(self, env):
        super().__init__()
        self.env, self.over, self.slowest, self.rounds = env, threading.Event(), 0.0, 0
        self.problem = None

    def client(self):
        return subprocess.Popen(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, env={**os.environ, **self.env}, cwd="/")

    def ask(self, client, sql):
        """The lines until the mark that follows the statements."""
        begun = time.monotonic()
        client.stdin.write(sql + "\\echo done\n")
        client.stdin.flush()
        for line in client.stdout:
            if line == "done\n":
                self.slowest = max(self.slowest, time.monotonic() - begun)
                return
            if "ERROR" in line or "FATAL" in line or "terminat" in line:
                raise AssertionError(line)
        raise AssertionError("the connection is gone")

    def run(self):
        holding, busy = self.client(), self.client()
        try:
            self.ask(holding, "BEGIN; UPDATE users SET age = age;\n")
            while not self.over.is_set():
                self.ask(busy, self.LOOP)
                self.ask(busy, "BEGIN; ALTER TABLE beats ADD COLUMN more int;"
                               "ALTER TABLE beats DROP COLUMN more; COMMIT;\n"
                         if self.rounds % 20 == 19 else self.LOOP)
                self.rounds += 1
            self.ask(holding, "COMMIT;\n")
        except (AssertionError, OSError) as error:
            self.problem = error
        finally:
            for client in (holding, busy):
                client.kill()
                client.communicate()


class Spares(ServingTest):
    def names(self, kind):
        return [name for name in self.shop.databases() if name.startswith(KINDS[kind])]

    def ready(self, count, kind="spare"):
        """Waits for so many finished ones."""
        def holds():
            try:
                rows = self.shop.psql("SELECT d.datname, shobj_description(d.oid, 'pg_database') "
                                      "FROM pg_database d")
            except (AssertionError, FileNotFoundError):
                return False
            there = [name for name, note in (row + [""] if len(row) < 2 else row for row in rows)
                     if name.startswith(KINDS[kind]) and f'"state":"{kind}"' in note]
            return len(there) == count and there
        try:
            return wait_until(holds, f"{count} of {kind}", 60)
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
        return self.serve()

    def push(self, name="cart"):
        """A branch that migrates what production has not had; it is there."""
        self.shop.repository.push(name, app(name))
        self.migrated(f"shop--{name}", "users", name)

    def events(self):
        return self.shop.bough("events", "--json").out

    def test_a_branch_takes_a_spare_and_another_is_made(self):
        self.production(copy="data", spares=2)
        before = self.ready(2)
        oid = self.shop.psql("SELECT oid FROM pg_database WHERE datname IN "
                             f"('{before[0]}', '{before[1]}')")
        self.push()
        self.assertIn(self.shop.psql("SELECT oid FROM pg_database WHERE datname = 'shop--cart'")[0],
                      oid)
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
        wait_until(lambda: not self.names("spare"), "they are gone", 60)
        wait_until(lambda: not any(name.startswith("bough_spare") for name in self.shop.roles()),
                   "their roles are gone")

    def test_a_refresh_replaces_spares(self):
        daemon = self.production(copy="data", spares=1)
        old = self.ready(1)
        self.end(daemon)
        self.assert_exit(0, try_sql("DELETE FROM users WHERE id > 10", self.shop.env()))
        self.assert_exit(0, self.shop.bough("refresh", "shop"))
        self.assertEqual(1, len(self.names("template")))
        self.assertEqual(1, len(self.names("spare")))
        self.serve()
        self.push()
        self.assertEqual([["10"]], query("SELECT count(*) FROM users", self.shop.env("cart")))
        self.assertTrue(old)

    def test_all_goes_with_the_repository(self):
        self.production(copy="data", spares=1)
        self.ready(1)
        with open(self.shop.config, encoding="utf-8") as file:
            text = file.read()
        with open(self.shop.config, "w", encoding="utf-8") as file:
            file.write(text.split("repositories:")[0])
        wait_until(lambda: self.shop.databases() == ["shop-production"], "all is gone", 60)

    def test_killed_at_any_time_it_goes_on(self):
        daemon = self.production(copy="data", spares=2)
        for pause in (0.3, 0.7, 1.1, 1.6):
            time.sleep(pause)  # any moment of the work will do
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()
            daemon = self.serve()
        self.ready(1, "template")
        self.ready(2)
        self.push()
        self.ready(2)
        wait_until(lambda: len(self.shop.databases()) == 5, "nothing else is there")

    def test_production_is_never_blocked_or_disconnected(self):
        self.production(copy="data", spares=1)
        self.ready(1)
        probe = Probe(self.shop.env())
        probe.start()
        try:
            for number in range(2):
                done = self.shop.bough("refresh", "shop")
                self.assertIn(done.status, (0, 1, 5), done)
                self.push(f"branch{number}")
            self.ready(1)
        finally:
            probe.over.set()
            probe.join()
        if probe.problem:
            raise probe.problem
        self.assertGreater(probe.rounds, 10)
        print(f"production: {probe.rounds} rounds, the slowest took {probe.slowest:.3f} s")
        # An ALTER waits for a dump until that gives way, which it does within a tenth of a second.
        self.assertLess(probe.slowest, 20)


if __name__ == "__main__":
    import unittest
    unittest.main()
