"""Real migration tools, a database each, on three branches whose histories differ."""

import json
import unittest

from tools import TOOLS, archive, table_of
from world import BoughTest, World

HISTORIES = {"main": ["1_orders"], "cart": ["1_orders", "2_carts"],
             "feature/login": ["1_orders", "3_users", "4_sessions"]}
NEXT = ["1_orders", "2_carts", "5_refunds"]


def component(tool):
    return tool.replace("_", "-")


def spec():
    """One app with a database for each tool; the build unpacks them."""
    lines = ["name: shop", "databases:"]
    for name, tool in TOOLS.items():
        lines += [f"  - name: {component(name)}", "    engine: PG",
                  f"    migration_command: {json.dumps(tool.command)}"]
    return "\n".join(lines + ["services:", "  - name: web",
                              "    build_command: tar --extract --gzip --file tools.tar", ""])


def files(history):
    result = {"app.yaml": spec(), "tools.tar": ToolsTest.archive}
    for name, tool in TOOLS.items():
        result |= {f"{name}/{path}": text for path, text in tool.files(history).items()}
    return result


class ToolsTest(BoughTest):
    @classmethod
    def setUpClass(cls):
        cls.archive = archive()
        cls.shop = World()
        cls.addClassCleanup(cls.shop.close)
        cls.shop.repository.push_all({branch: files(history)
                                      for branch, history in HISTORIES.items()})
        cls.applied = cls.shop.apply()

    def assert_migrated(self, branch, history):
        names = {one["component"]: one["name"]
                 for one in self.shop.environments()[branch]["databases"]}
        tables = [table_of(step) for step in history]
        for name, tool in TOOLS.items():
            with self.subTest(f"{name} on {branch}"):
                database = names[component(name)]
                self.assertEqual({"ran", *tables, *tool.bookkeeping},
                                 set(self.shop.tables(database)))
                # In order, and each once.
                ran = self.shop.psql("SELECT what FROM ran", database)
                self.assertEqual(tables, [row[0] for row in ran])

    def test_1_every_branch_has_the_schema_of_its_history(self):
        self.assert_exit(0, self.applied)
        for branch, history in HISTORIES.items():
            self.assert_migrated(branch, history)

    def test_2_a_second_pass_runs_nothing(self):
        self.assert_settled(self.shop)
        self.assert_exit(0, self.shop.apply())
        for branch, history in HISTORIES.items():
            self.assert_migrated(branch, history)

    def test_3_the_next_migration_runs_alone(self):
        self.shop.repository.push("cart", files(NEXT))
        self.assert_exit(0, self.shop.apply())
        self.assert_migrated("cart", NEXT)
        self.assert_settled(self.shop)


if __name__ == "__main__":
    unittest.main()
