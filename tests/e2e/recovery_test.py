"""What is lost or killed comes back by itself, and nothing happens twice."""

import os
import shutil
import unittest

from world import BoughTest, app, query


class Recovery(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply())

    def assert_each_migrated_once(self):
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))
        self.assertEqual(["carts"], self.shop.ledger("shop--cart"))

    def lose_journal(self):
        self.shop.psql("DROP DATABASE bough_journal WITH (FORCE)")

    def test_a_lost_journal_changes_nothing(self):
        self.lose_journal()
        self.assert_settled(self.shop)
        self.assert_says("No changes", self.assert_exit(0, self.shop.apply()))
        self.assert_each_migrated_once()

    def test_work_goes_on_after_a_lost_journal(self):
        self.lose_journal()
        self.shop.repository.push("cart", app("coupons"))
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(["carts", "coupons"], self.shop.ledger("shop--cart"))
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))
        self.assert_exit(0, self.shop.bough("events"))

    def test_a_killed_server_is_started_by_the_next_command(self):
        self.shop.kill_server()
        self.assertEqual([["carts"]], query("SELECT version FROM ledger", self.shop.env("cart")))
        self.assert_settled(self.shop)

    def test_a_stopped_server_is_started_by_the_next_command(self):
        self.assert_exit(0, self.shop.bough("dev", "stop"))
        self.assertEqual(None, self.shop.server_pid())
        self.assert_settled(self.shop)
        self.assert_each_migrated_once()

    def test_a_dropped_database_is_made_anew(self):
        self.shop.psql('DROP DATABASE "shop--cart"')
        self.assert_exit(0, self.shop.apply())
        self.assert_each_migrated_once()
        self.assert_settled(self.shop)

    def test_a_dropped_role_is_made_anew(self):
        self.shop.psql('ALTER DATABASE "shop--cart" OWNER TO bough')
        self.shop.psql('REASSIGN OWNED BY "shop--cart" TO bough; DROP OWNED BY "shop--cart"',
                       "shop--cart")
        self.shop.psql('DROP ROLE "shop--cart"')
        self.assert_exit(0, self.shop.apply())
        self.assertEqual([["1"]], query("SELECT 1", self.shop.env("cart")))
        self.assert_each_migrated_once()

    def test_lost_mirrors_and_checkouts_are_fetched_again(self):
        shutil.rmtree(f"{self.shop.data}/mirrors")
        shutil.rmtree(f"{self.shop.data}/checkouts", ignore_errors=True)
        self.assert_settled(self.shop)

    def test_another_key_touches_nothing(self):
        self.shop.kill_server()
        key = f"{self.shop.data}/key"
        os.rename(key, f"{key}.aside")
        done = self.shop.apply()
        self.assertNotEqual(0, done.status, done)
        os.replace(f"{key}.aside", key)
        self.assert_settled(self.shop)
        self.assert_each_migrated_once()


if __name__ == "__main__":
    unittest.main()
