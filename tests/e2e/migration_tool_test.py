"""Three branches with different histories, migrated by dbmate from the npm registry."""

import os
import shutil
import tempfile
import unittest

from world import BoughTest, World, query, run, spec

TOOL = "@dbmate/linux-x64"
MIGRATE = f"node_modules/{TOOL}/bin/dbmate --no-dump-schema up"
HISTORIES = {"main": ["1_orders"], "cart": ["1_orders", "2_carts"],
             "feature/login": ["1_orders", "3_users", "4_sessions"]}


def package():
    """package.json and its lock file, as npm writes them."""
    folder = tempfile.mkdtemp(prefix="bough-e2e-npm-")
    try:
        with open(f"{folder}/package.json", "w", encoding="utf-8") as file:
            file.write('{"name": "shop", "private": true}')
        done = run(["npm", "install", "--package-lock-only", "--no-audit", "--no-fund", TOOL],
                   cwd=folder, env={"npm_config_cache": f"{folder}/cache"})
        assert done.status == 0, done
        files = {}
        for name in ("package.json", "package-lock.json"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                files[name] = file.read()
        return files
    finally:
        shutil.rmtree(folder)


def migrations(history):
    return {f"db/migrations/{version}.sql":
            f"-- migrate:up\nCREATE TABLE {version.partition('_')[2]} ();\n-- migrate:down\n"
            for version in history}


class MigrationTool(BoughTest):
    @classmethod
    def setUpClass(cls):
        cls.shop = World()
        cls.addClassCleanup(cls.shop.close)
        cls.package = {**package(), "app.yaml": spec(migrate=MIGRATE, build="npm ci --no-audit")}
        cls.shop.repository.push_all({branch: {**cls.package, **migrations(history)}
                                      for branch, history in HISTORIES.items()})
        cls.applied = cls.shop.apply()

    def versions(self, branch):
        return [row[0] for row in query("SELECT version FROM schema_migrations ORDER BY 1",
                                        self.shop.env(branch))]

    def test_every_branch_has_its_own_history(self):
        self.assert_exit(0, self.applied)
        for branch, history in HISTORIES.items():
            with self.subTest(branch):
                self.assertEqual([one[0] for one in history], self.versions(branch))

    def test_every_branch_has_its_own_schema(self):
        for branch, history in HISTORIES.items():
            with self.subTest(branch):
                tables = {row[0] for row in query(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
                    self.shop.env(branch))}
                self.assertEqual({"schema_migrations", *(one[2:] for one in history)}, tables)

    def test_a_second_plan_finds_nothing(self):
        self.assert_settled(self.shop)

    def test_the_next_migration_runs_alone(self):
        history = ["1_orders", "5_refunds"]
        self.shop.repository.push("next", {**self.package, **migrations(history[:1])})
        self.assert_exit(0, self.shop.apply())
        self.shop.repository.push("next", {**self.package, **migrations(history)})
        done = self.assert_exit(0, self.shop.apply())
        self.assertEqual(["1", "5"], self.versions("next"))
        self.assertNotIn("1_orders", done.out)


if __name__ == "__main__":
    unittest.main()
