"""Row 93: files of an installation that are cut off or changed. In doubt nothing is destroyed."""

import glob
import os
import unittest

from world import BoughTest, app, query, wait_until


class Damaged(BoughTest):
    def setUp(self):
        self.shop = self.world(on_branch_deleted={"hold": "1s"})
        self.shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply())
        query("INSERT INTO carts VALUES (7)", self.shop.env("cart"))
        self.key = f"{self.shop.data}/key"

    def seen(self):
        """What is on the server."""
        return self.shop.psql(
            "SELECT oid, datname, datacl, shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname ~ '^shop' ORDER BY 1"), self.shop.psql(
            "SELECT rolname, rolpassword, rolcanlogin FROM pg_authid WHERE rolname ~ '^shop'"
            " ORDER BY 1")

    def test_row_93_a_damaged_key_changes_nothing(self):
        with open(self.key, "rb") as file:
            whole = file.read()
        before = self.seen()
        flipped = bytes([whole[0] ^ 1]) + whole[1:]
        for text in [whole[:size] for size in (0, 1, 31, len(whole.strip()) - 1)] + [
                flipped, b"\0" * len(whole), whole * 2]:
            with self.subTest(text):
                self.write(self.key, text)
                try:
                    done = self.shop.apply()
                    self.assertNotEqual(0, done.status, done)
                    self.assertNotIn(whole.decode().strip(), done.out + done.err)
                    self.assertEqual(text, self.read(self.key))
                finally:
                    self.write(self.key, whole)
                self.assertEqual(before, self.seen())
        self.assert_settled(self.shop)

    def test_row_93_a_damaged_journal_is_said_or_made_anew(self):
        before = self.seen()
        for sql in ("DROP TABLE bough.runs CASCADE",
                    "UPDATE bough.schema_version SET version = 9999",
                    "ALTER SCHEMA bough RENAME TO elsewhere"):
            with self.subTest(sql):
                self.shop.psql("CREATE DATABASE kept TEMPLATE bough_journal")
                try:
                    self.shop.psql(sql, "bough_journal")
                    self.shop.apply()
                    self.assertEqual(before, self.seen())
                finally:
                    self.shop.psql("DROP DATABASE bough_journal WITH (FORCE)")
                    self.shop.psql("ALTER DATABASE kept RENAME TO bough_journal")
        self.assert_settled(self.shop)

    def test_row_93_a_damaged_dump_is_not_restored(self):
        self.shop.repository.delete("cart")

        def gone():
            self.assert_exit(0, self.shop.apply())
            return "shop--cart" not in self.shop.databases()
        wait_until(gone, "the hold ended")
        manifest, = glob.glob(f"{self.shop.data}/dumps/*.json")
        dump = manifest.removesuffix("json") + "dump"
        whole = self.read(dump)
        middle = len(whole) // 2
        for text in (b"", whole[:middle], whole[:middle] + bytes([whole[middle] ^ 1]) +
                     whole[middle + 1:]):
            with self.subTest(len(text)):
                self.write(dump, text)
                done = self.shop.bough("restore", "shop", "-b", "cart")
                self.assertNotEqual(0, done.status, done)
                self.assertNotIn("shop--cart", self.shop.databases())
        self.write(dump, whole)
        self.assert_exit(0, self.shop.bough("restore", "shop", "-b", "cart"))
        self.assertEqual([["7"]], query("SELECT id FROM carts", self.shop.env("cart")))

    def read(self, path):
        with open(path, "rb") as file:
            return file.read()

    def write(self, path, content):
        """In place, so that owner and mode stay."""
        with open(path, "r+b") as file:
            file.truncate()
            file.write(content)
            os.fsync(file.fileno())


if __name__ == "__main__":
    unittest.main()
