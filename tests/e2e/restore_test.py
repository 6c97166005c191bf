"""Databases that come back: held ones, those set aside, dumps; reset, time to live, renames."""

import subprocess
import unittest

from world import BoughTest, app, query, wait_until


class Restore(BoughTest):
    def setUp(self):
        self.shop = self.world(on_branch_deleted={"hold": "1h"})
        self.repository = self.shop.repository
        self.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply())
        query("INSERT INTO carts VALUES (7)", self.shop.env("cart"))

    def rows(self):
        return query("SELECT id FROM carts ORDER BY 1", self.shop.env("cart"))

    def restore(self, *words, status=0):
        return self.assert_exit(status, self.shop.bough("restore", "shop", "-b", "cart", *words))

    def aside(self):
        return [one["name"] for one in self.shop.bough("dumps", "shop", "--json").json()["held"]
                if one["aside"]]

    def test_a_held_database_comes_back_and_stays_although_its_branch_is_gone(self):
        self.repository.delete("cart")
        self.assert_exit(0, self.shop.apply())
        self.restore()
        self.assertEqual([["7"]], self.rows())
        self.assert_exit(0, self.shop.apply())
        self.assertEqual([["7"]], self.rows())

    def test_what_is_in_use_is_not_replaced_by_chance(self):
        self.assert_says("shop--cart is in use; name what is to take its place",
                         self.restore(status=4))

    def test_nothing_to_restore_is_said(self):
        done = self.shop.bough("restore", "shop", "-b", "other")
        self.assert_says("there is nothing left of branch other", self.assert_exit(1, done))

    def test_a_reset_branch_begins_anew_and_can_go_back(self):
        self.assert_exit(0, self.shop.bough("reset", "shop", "-b", "cart"))
        self.assertEqual([], self.rows())
        query("INSERT INTO carts VALUES (8)", self.shop.env("cart"))
        first, = self.aside()
        self.restore("--aside", first)
        self.assertEqual([["7"]], self.rows())
        second, = self.aside()
        self.assertEqual([["8"]], self.shop.psql("SELECT id FROM carts", second))
        self.assert_settled(self.shop)
        query("CREATE TABLE more (); DROP TABLE carts", self.shop.env("cart"))

    def test_production_is_never_reset_or_replaced(self):
        done = self.shop.bough("reset", "shop", "-b", "production")
        self.assert_says("never made anew", self.assert_exit(4, done))
        done = self.shop.bough("restore", "shop", "-b", "production", "--aside", "x")
        self.assert_says("nothing takes the place", self.assert_exit(4, done))

    def test_a_database_that_was_brought_back_is_not_set_aside_at_once(self):
        files = {"app.yaml": app("x")["app.yaml"], "schema.sql": app("more")["schema.sql"],
                 "db/migrations/1_a.sql": "-- a"}
        self.repository.push("cart", files)
        self.assert_exit(0, self.shop.apply())
        files["db/migrations/1_a.sql"] = "-- b"
        files["schema.sql"] = app("others")["schema.sql"]
        self.repository.push("cart", files)
        self.assert_exit(0, self.shop.apply())
        self.restore("--aside", self.aside()[0])
        done = self.assert_exit(4, self.shop.apply())
        self.assert_says("brought back by command since then", done)
        self.assertEqual([["7"]], self.rows())

    def test_a_damaged_dump_is_refused(self):
        self.shop.configure(on_branch_deleted={"hold": "0s"})
        self.repository.delete("cart")
        wait_until(lambda: self.shop.apply() and "shop--cart" not in self.shop.databases(),
                   "the hold ended")
        dump, = self.shop.bough("dumps", "shop", "--json").json()["dumps"]
        with open(dump["file"], "r+b") as file:
            file.seek(-1, 2)
            file.write(b"!")
        done = self.restore(status=1)
        self.assert_says("is not as it was written", done)
        self.assertEqual(["shop-production"], self.shop.databases())


class TimeToLive(BoughTest):
    def test_a_branch_that_nobody_pushes_to_is_held_until_it_is_used(self):
        shop = self.world(ttl="1m", on_branch_deleted={"hold": "1h"})
        shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, shop.apply())
        # As if the last push had been long ago.
        shop.psql("UPDATE bough.branches SET at = at - interval '1 day'", "bough_journal")
        self.assert_says("hold +shop--cart .*nobody pushed to branch cart",
                         self.assert_exit(0, shop.bough("plan")))
        daemon = self.serve(shop)
        wait_until(lambda: "Held" in shop.statuses().get("cart", ""), "cart is held")
        self.assertEqual("Connected", shop.statuses()["main"])
        shop.repository.push("cart", app("carts2"))
        wait_until(lambda: shop.ledger("shop--cart") == ["carts", "carts2"], "cart is migrated")
        wait_until(lambda: shop.statuses()["cart"] == "Connected", "cart is back")
        daemon.terminate()
        daemon.wait(60)

    def serve(self, shop):
        daemon = subprocess.Popen(shop.words("serve"), stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        return daemon


class Renames(BoughTest):
    def test_a_renamed_branch_keeps_its_database(self):
        shop = self.world()
        shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, shop.apply())
        query("INSERT INTO carts VALUES (7)", shop.env("cart"))
        tip = shop.repository.tip("cart")
        shop.repository.delete("cart")
        shop.repository.git("update-ref", "refs/heads/basket", tip)
        self.assert_says("~ move +shop--cart .*branch cart was renamed to basket",
                         self.assert_exit(0, shop.bough("plan")))
        self.assert_exit(0, shop.apply())
        self.assert_settled(shop)
        self.assertEqual(["shop--cart", "shop-production"], shop.databases())
        self.assertEqual([["7"]], query("SELECT id FROM carts", shop.env("basket")))
        self.assertEqual(["carts"], shop.ledger("shop--cart"))
        # The old name is free for another branch, whose database gets a name of its own.
        shop.repository.push("cart", app("others"))
        self.assert_exit(0, shop.apply())
        self.assertEqual([["7"]], query("SELECT id FROM carts", shop.env("basket")))
        query("SELECT * FROM others", shop.env("cart"))
        self.assert_settled(shop)

    def test_two_new_branches_at_one_commit_are_no_rename(self):
        shop = self.world()
        shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, shop.apply())
        tip = shop.repository.tip("cart")
        shop.repository.delete("cart")
        for name in ("a", "b"):
            shop.repository.git("update-ref", f"refs/heads/{name}", tip)
        self.assert_exit(0, shop.apply())
        self.assertEqual("Held", shop.statuses()["cart"])
        self.assertEqual(4, len(shop.databases()))


if __name__ == "__main__":
    unittest.main()
