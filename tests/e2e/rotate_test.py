"""Row 78: a password changes at one instant, however `bough rotate` ends."""

import random
import signal
import subprocess
import threading
import time
import unittest

from world import BoughTest, app, query, try_sql

KILLS = 12


class Rotate(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply())

    def rotate(self, *words):
        return self.shop.bough("rotate", "shop", *words)

    def test_a_branch_has_another_password(self):
        before, production = self.shop.env("cart"), self.shop.env()
        self.assert_exit(0, self.rotate("--branch", "cart"))
        after = self.shop.env("cart")
        self.assertNotEqual(before["PGPASSWORD"], after["PGPASSWORD"])
        self.assertEqual({**before, "PGPASSWORD": "", "DATABASE_URL": ""},
                         {**after, "PGPASSWORD": "", "DATABASE_URL": ""})
        self.assert_says("password authentication failed", try_sql("SELECT 1", before))
        self.assertEqual([["carts"]], query("SELECT version FROM ledger", after))
        self.assertEqual(production, self.shop.env())
        self.assert_settled(self.shop)
        self.assert_says("set password of shop--cart on dev-pg15, number 2",
                         self.shop.bough("events"))

    def test_without_a_branch_it_is_productions(self):
        before = self.shop.env()
        self.assert_exit(0, self.rotate("--component", "db"))
        self.assertNotEqual(before["PGPASSWORD"], self.shop.env()["PGPASSWORD"])
        self.assert_exit(1, self.rotate("--component", "nothing"))

    def test_sessions_go_on(self):
        session = subprocess.Popen(["psql", "-X", "-q", "-A", "-t"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, env={**self.shop.env("cart"),
                                                                "PATH": "/usr/bin:/bin"}, text=True)
        self.addCleanup(session.kill)
        session.stdin.write("SELECT 'here';\n")
        session.stdin.flush()
        self.assertEqual("here\n", session.stdout.readline())
        self.assert_exit(0, self.rotate("--branch", "cart"))
        self.assertEqual("still\n", session.communicate("SELECT 'still';\n", timeout=60)[0])

    def test_row_78_killed_at_any_instant_one_password_works(self):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        begun = time.monotonic()
        self.assert_exit(0, self.rotate("--branch", "cart"))
        usual = time.monotonic() - begun
        for number in range(KILLS):
            with self.subTest(number, seed=seed):
                child = subprocess.Popen(self.shop.words("rotate", "shop", "--branch", "cart"),
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(chance.uniform(0, usual))
                child.send_signal(signal.SIGKILL)
                child.wait()
                self.assertEqual([["1"]], query("SELECT 1", self.shop.env("cart")))
        self.assert_settled(self.shop)

    def test_row_78_at_every_instant_one_password_works(self):
        """While it rotates: of the password before and the one after, one lets in."""
        before = self.shop.env("cart")
        failures, over, tried = [], threading.Event(), []

        def probe():
            while not over.is_set():
                if try_sql("SELECT 1", before).status == 0:
                    tried.append("before")
                    continue
                if try_sql("SELECT 1", self.shop.env("cart")).status == 0:
                    tried.append("after")
                else:
                    failures.append(time.monotonic())

        prober = threading.Thread(target=probe)
        prober.start()
        self.assert_exit(0, self.rotate("--branch", "cart"))
        over.set()
        prober.join()
        self.assertEqual([], failures)
        self.assertTrue(tried)


if __name__ == "__main__":
    unittest.main()
