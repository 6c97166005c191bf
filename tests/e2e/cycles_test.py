"""Branches that come and go, under clients that never give up, and on a server that dies.

BOUGH_CYCLES is how often a branch comes and goes (default 10), BOUGH_SERVER_KILLS in how many of
them the server dies (default 6), BOUGH_SEED repeats a run.
"""

import os
import signal
import subprocess
import threading
import time
import unittest

from kills import Kills, chance, how_many, timed
from world import AGAIN, BoughTest, app, query, spec, try_sql, wait_until

CYCLES = int(os.environ.get("BOUGH_CYCLES", "10"))
KILLS = how_many("BOUGH_SERVER_KILLS", 6)
AT_ONCE = {"hold": "0s", "dump": False}


class Clients:
    """Sessions of a login that come again whenever they are ended."""

    def __init__(self, env, number):
        self.stopping = False
        self.env, self.connected = env, 0
        self.threads = [threading.Thread(target=self.come_again) for _ in range(number)]
        for thread in self.threads:
            thread.start()

    def come_again(self):
        while not self.stopping:
            done = try_sql("SELECT 1; SELECT pg_sleep(30)", self.env)
            self.connected += done.out.startswith("1")
            time.sleep(0.05)

    def stop(self):
        self.stopping = True

    def join(self):
        for thread in self.threads:
            thread.join()


class Cycles(BoughTest):
    def holding(self, **deleted):
        shop = self.world(on_branch_deleted={**AT_ONCE, **deleted})
        shop.repository.push("main", {"app.yaml": spec(migrate=None)})
        self.assert_exit(0, shop.apply())
        return shop

    def gone(self, shop, name):
        def is_gone():
            done = shop.apply()
            self.assertIn(done.status, (0, 1), done)
            return name not in shop.databases() + shop.roles()
        wait_until(is_gone, f"{name} is gone")

    def leave_nothing(self, shop):
        self.assertEqual((["shop-production"], ["shop-production"]),
                         (shop.databases(), shop.roles()))
        self.assertEqual([["0"]], shop.psql(
            "SELECT count(*) FROM pg_stat_activity WHERE usename ~ '^shop--'"))
        self.assert_settled(shop)

    def test_branches_come_and_go_under_live_sessions(self):
        shop = self.holding()
        longest = 0
        for number in range(CYCLES):
            name = f"b{number}"
            shop.repository.push(name, app("carts"))
            self.assert_exit(0, shop.apply("shop"))
            clients = Clients(shop.env(name), 3)
            try:
                wait_until(lambda: shop.psql(
                    "SELECT count(*) FROM pg_stat_activity WHERE usename ="
                    f" 'shop--{name}'")[0][0] != "0", "a client is there")
                shop.repository.delete(name)
                begun = time.monotonic()
                self.gone(shop, f"shop--{name}")
                longest = max(longest, time.monotonic() - begun)
            finally:
                clients.stop()
            clients.join()
        self.leave_nothing(shop)
        print(f"{CYCLES} cycles, the longest departure took {longest:.2f} s", flush=True)

    def test_row_65_a_database_under_many_sessions_goes_in_bounded_time(self):
        shop = self.holding()
        shop.repository.push("cart", app("carts"))
        self.assert_exit(0, shop.apply())
        shop.psql('ALTER ROLE "shop--cart" CONNECTION LIMIT -1')
        clients = Clients(shop.env("cart"), 30)
        self.addCleanup(clients.join)
        self.addCleanup(clients.stop)
        wait_until(lambda: int(shop.psql("SELECT count(*) FROM pg_stat_activity WHERE usename ="
                                         " 'shop--cart'")[0][0]) >= 20, "they are there")
        # At once, without the hold's own withdrawal of the login.
        self.assert_exit(0, shop.bough("destroy", "shop", "-b", "cart", "--confirm", "shop--cart"))
        self.assertEqual(["shop-production"], shop.databases())

    def test_row_65_what_cannot_be_dropped_stays_held_with_its_reason(self):
        shop = self.holding()
        shop.psql("ALTER SYSTEM SET max_prepared_transactions = 5")
        shop.kill_server(signal.SIGINT)
        self.assert_exit(0, shop.bough("dev", "start"))
        shop.repository.push("cart", app("carts"))
        self.assert_exit(0, shop.apply())
        query("BEGIN; INSERT INTO carts VALUES (1); PREPARE TRANSACTION 'open'", shop.env("cart"))
        shop.repository.delete("cart")
        self.assert_exit(0, shop.apply())
        done = wait_until(lambda: (lambda one: one if one.status == 1 else None)(shop.apply()),
                          "the drop failed")
        self.assert_says("shop--cart stays: .*prepared transaction", done)
        self.assertEqual("Held", shop.statuses()["cart"])
        shop.psql("ROLLBACK PREPARED 'open'", "shop--cart")
        self.gone(shop, "shop--cart")
        self.leave_nothing(shop)

    def test_row_66_a_role_with_things_elsewhere_goes_and_its_things_stay(self):
        shop = self.holding()
        shop.psql("CREATE ROLE team; CREATE ROLE boss; CREATE DATABASE theirs OWNER boss")
        shop.repository.push("cart", app("carts"))
        self.assert_exit(0, shop.apply())
        shop.psql(
            'GRANT CREATE ON SCHEMA public TO "shop--cart";'
            'SET ROLE "shop--cart"; CREATE TABLE kept (id int);'
            'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; RESET ROLE;'
            'GRANT CONNECT ON DATABASE theirs TO "shop--cart"; GRANT team TO "shop--cart"',
            "theirs")
        shop.repository.delete("cart")
        self.assert_exit(0, shop.apply())
        self.assert_says("what it owns in theirs falls to the owner there",
                         shop.bough("plan"))
        self.gone(shop, "shop--cart")
        self.assertEqual([["boss"]], shop.psql(
            "SELECT tableowner FROM pg_tables WHERE tablename = 'kept'", "theirs"))
        self.assertNotIn("shop--cart", shop.roles())

    def test_row_66_nothing_falls_to_a_superuser(self):
        shop = self.holding()
        shop.psql("CREATE DATABASE theirs")
        shop.repository.push("cart", app("carts"))
        self.assert_exit(0, shop.apply())
        shop.psql('GRANT CREATE ON SCHEMA public TO "shop--cart"; SET ROLE "shop--cart";'
                  "CREATE FUNCTION trap() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
                  "theirs")
        shop.repository.delete("cart")
        done = wait_until(lambda: (lambda one: one if one.status == 1 else None)(shop.apply()),
                          "the role stays", 30)
        self.assert_says("owns something in theirs, whose owner bough may do more", done)
        self.assertEqual([["shop--cart"]], shop.psql(
            "SELECT rolname FROM pg_roles r JOIN pg_proc ON proowner = r.oid AND proname = 'trap'",
            "theirs"))
        shop.psql('DROP OWNED BY "shop--cart"', "theirs")
        self.gone(shop, "shop--cart")
        self.assertNotIn("shop--cart", shop.roles())

    def test_row_67_a_server_that_dies_at_any_step(self):
        source = chance("kills of the server")
        shop = self.holding(dump=True)
        shop.repository.push("undisturbed", app("carts"))
        making = Kills(timed(lambda: self.assert_exit(0, shop.apply())), source)
        shop.repository.delete("undisturbed")
        self.assert_exit(0, shop.apply())
        leaving = Kills(timed(lambda: self.gone(shop, "shop--undisturbed")), source)
        for number in range(KILLS):
            name = f"b{number}"
            with self.subTest(name):
                shop.repository.push(name, {"app.yaml": spec(), "schema.sql": AGAIN})
                self.kill_during(shop, making)
                wait_until(lambda: self.made(shop, name), "it was made")
                self.assertEqual(["carts"], sorted(set(shop.ledger(f"shop--{name}"))))
                shop.repository.delete(name)
                for _ in range(3):
                    self.kill_during(shop, leaving)
                self.gone(shop, f"shop--{name}")
        making.assert_hit()
        leaving.assert_hit()
        self.leave_nothing(shop)

    def made(self, shop, name):
        """A migration whose server died has failed, and waits for a person."""
        done = shop.apply()
        if "use bough retry" in done.out + done.err:
            shop.bough("retry", "shop", "--branch", name)
        return done.status == 0

    def kill_during(self, shop, kills):
        child = subprocess.Popen(shop.words("apply", "--yes"), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        try:
            child.wait(kills.instant())
        except subprocess.TimeoutExpired:
            kills.note(shop.kill_server())
        child.wait()


class ManyAtOnce(BoughTest):
    def test_row_79_many_branches_come_and_go_at_once(self):
        shop = self.world(on_branch_deleted={"hold": "0s", "dump": False})
        names = [f"b{number}" for number in range(int(os.environ.get("BOUGH_BRANCHES", "40")))]
        shop.repository.push("main", {"app.yaml": spec(migrate=None)})
        shop.repository.push_all({name: {"app.yaml": spec(migrate=None)} for name in names})
        self.assert_exit(0, shop.apply())
        self.assertEqual(len(names) + 1, len(shop.databases()))
        shop.repository.delete(*names)
        self.assert_exit(0, shop.apply())
        self.assert_exit(0, shop.apply())
        self.assertEqual(len(names) + 1, len(shop.databases()), "they wait for a person")
        self.assert_exit(0, shop.bough("confirm", "shop"))
        self.assert_exit(0, shop.apply())
        self.assertEqual((["shop-production"], ["shop-production"]),
                         (shop.databases(), shop.roles()))


if __name__ == "__main__":
    unittest.main()
