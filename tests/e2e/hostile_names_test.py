"""Branch names that are hard on SQL, shells, paths, URLs and people."""

import json
import os
import unittest

from world import BoughTest, World, app, query

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases", "branches")


def hostile():
    with open(f"{CASES}/hostile.jsonl", encoding="utf-8") as file:
        return [json.loads(line)["name"] for line in file]


def seen_in_public():
    with open(f"{CASES}/real.tsv", encoding="utf-8") as file:
        return [line.split("\t")[0] for line in file.read().splitlines()[1:]]


class HostileNames(BoughTest):
    @classmethod
    def setUpClass(cls):
        cls.shop = World()
        cls.addClassCleanup(cls.shop.close)
        cls.latin1 = os.fsdecode(b"caf\xe9")
        cls.names = sorted({*hostile(), *seen_in_public(), cls.latin1, "main"})
        branches = {name: app(f"t{number}") for number, name in enumerate(cls.names)}
        cls.shop.repository.push_all(branches)
        cls.planned = cls.shop.plan()  # decoding it shows that it is UTF-8
        cls.applied = cls.shop.apply()

    def test_apply_succeeds(self):
        self.assert_exit(0, self.applied)
        self.assert_settled(self.shop)

    def test_rows_24_25_26_each_branch_has_its_own_database(self):
        databases = self.shop.databases()
        self.assertEqual(len(self.names), len(databases))
        self.assertLessEqual(max(len(name.encode()) for name in databases), 63)
        self.assertEqual(databases, self.shop.roles())

    def test_each_database_was_migrated_by_its_own_branch(self):
        migrated = {self.shop.ledger(name)[0] for name in self.shop.databases()}
        self.assertEqual({f"t{number}" for number in range(len(self.names))}, migrated)

    def test_row_25_documents_hold_every_name(self):
        listed = set(self.shop.environments())
        plain = {name for name in self.names if name.isprintable() and name != self.latin1}
        self.assertEqual(set(), plain - listed)
        self.assertEqual(len(self.names), len(listed))

    def test_the_plan_has_every_branch(self):
        self.assertEqual(len(self.names), len(self.planned["runs"]))

    def test_row_24_commands_find_a_branch_by_its_bytes(self):
        for name in ("'", "$(id)", "a;id", "-", "stra\u00dfe", self.latin1, "a\u00a0b"):
            if name not in self.names:
                continue
            with self.subTest(name):
                rows = query("SELECT version FROM ledger", self.shop.env(name))
                self.assertEqual([[f"t{self.names.index(name)}"]], rows)


if __name__ == "__main__":
    unittest.main()
