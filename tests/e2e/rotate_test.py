"""Row 78: a password changes at one instant, however `bough rotate` ends."""

import threading
import unittest

from kills import Kills, chance, how_many, timed
from world import BoughTest, Session, app, query, try_sql

KILLS = how_many("BOUGH_ROTATE_KILLS", 12)


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
        with Session(self.shop.env("cart")) as session:
            self.assertEqual(["here"], session.run("SELECT 'here'"))
            self.assert_exit(0, self.rotate("--branch", "cart"))
            self.assertEqual(["still"], session.run("SELECT 'still'"))

    def test_row_78_killed_at_any_instant_one_password_works(self):
        rotate = ("rotate", "shop", "--branch", "cart")
        kills = Kills(timed(lambda: self.assert_exit(0, self.shop.bough(*rotate))),
                      chance("kills of rotate"))
        for number in range(KILLS):
            with self.subTest(number):
                kills.command(self.shop, *rotate)
                self.assertEqual([["1"]], query("SELECT 1", self.shop.env("cart")))
        kills.assert_hit()
        self.assert_settled(self.shop)

    def test_row_78_at_every_instant_one_password_works(self):
        """While it rotates: of the password before and the one after, one lets in."""
        before = self.shop.env("cart")
        failures, over, tried = [], threading.Event(), []

        def attempt():
            for name, variables in (("before", lambda: before),
                                    ("after", lambda: self.shop.env("cart"))):
                done = try_sql("SELECT 1", variables())
                if done.status == 0:
                    return tried.append(name)
            return failures.append(str(done))

        def probe():
            while not over.is_set() or "after" not in tried and not failures:
                try:
                    attempt()
                except Exception as error:  # a thread's own would be lost
                    failures.append(repr(error))

        prober = threading.Thread(target=probe)
        prober.start()
        try:
            self.assert_exit(0, self.rotate("--branch", "cart"))
        finally:
            over.set()
            prober.join()
        self.assertEqual([], failures)
        self.assertIn("after", tried)


if __name__ == "__main__":
    unittest.main()
