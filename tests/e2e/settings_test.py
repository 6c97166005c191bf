"""The configuration by command: kept in the journal, in force everywhere, and exported."""

import json
import os
import subprocess
import unittest

from world import BoughTest, World, app, wait_until

PASSWORD = "an admin's secret"


class Settings(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.url = f"file://{self.shop.repository.folder}"
        self.shop.repository.push("main", app("orders"))
        self.write("")

    def write(self, text):
        with open(self.shop.config, "w", encoding="utf-8") as file:
            file.write(f"data_dir: {self.shop.data}\npoll: 1s\n{text}")

    def bough(self, *words, status=0):
        return self.assert_exit(status, self.shop.bough(*words))

    def add(self):
        """The repository, with the migration of the tests' apps."""
        self.bough("repo", "add", "shop", self.url)

    def test_a_repository_is_watched_and_no_longer(self):
        self.assert_says("no repositories", self.bough("plan", status=1))
        self.add()
        self.assert_exit(0, self.shop.apply("shop"))
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))
        self.assert_settled(self.shop)
        self.assert_says("databases stay", self.bough("repo", "remove", "shop"))
        self.assert_says("no repositories", self.bough("plan", status=1))
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))
        self.assert_says("no repository shop was set by command",
                         self.bough("repo", "remove", "shop", status=1))

    def test_what_does_not_fit_is_not_kept(self):
        for words, says in (
                (("repo", "add", "Sh op", self.url), "Sh op"),
                (("repo", "add", "shop", "gopher://x/y"), "gopher"),
                (("assign", "shop", "dev-pg15"), "no repository shop"),
                (("link", "team", "postgresql://a:b@h/db", "--untried"), "password")):
            self.assert_says(says, self.bough(*words, status=1))
        self.assert_says("no repositories", self.bough("plan", status=1))

    def test_the_file_wins(self):
        self.write(f"repositories:\n  - {{name: shop, url: '{self.url}', instance: dev-pg15}}\n")
        self.assert_says("already taken", self.bough("repo", "add", "shop", self.url, status=1))
        self.assert_says("set here and by", self.bough("assign", "shop", "dev-pg15", status=1))

    def test_the_export_is_the_configuration(self):
        self.bough("repo", "add", "shop", self.url, "--exclude", "dependabot/**",
                   "--build-command", "echo 'on'")
        done = self.bough("export")
        self.assertIn("dependabot/**", done.out)
        self.bough("repo", "remove", "shop")
        with open(self.shop.config, "w", encoding="utf-8") as file:
            file.write(done.out)
        self.assertEqual(done.out, self.bough("export").out)
        self.assertEqual(done.out, json.loads(self.bough("export", "--json").out)["bough.yaml"])
        self.assert_exit(0, self.shop.apply("shop"))

    def test_a_running_daemon_takes_it_in(self):
        with open(f"{self.shop.home}/log", "ab") as log:
            daemon = subprocess.Popen(self.shop.words("serve"), stdout=log, stderr=log)
        self.addCleanup(lambda: (daemon.kill(), daemon.wait()))
        self.add()
        wait_until(lambda: self.shop.server_pid() is not None
                   and "shop-production" in self.shop.databases(), "the database is made")
        daemon.terminate()
        self.assertEqual(0, daemon.wait(60))


class Linking(BoughTest):
    @classmethod
    def setUpClass(cls):
        """Another installation's server serves as the team's."""
        os.environ["TEAM_PASSWORD"] = PASSWORD
        cls.host = World()
        cls.addClassCleanup(cls.host.close)
        cls.host.repository.push("main", app("orders"))
        done = cls.host.apply()
        assert done.status == 0, done
        cls.host.psql(f"CREATE ROLE admin LOGIN CREATEDB CREATEROLE PASSWORD $${PASSWORD}$$")
        cls.host.psql("GRANT CONNECT ON DATABASE postgres TO admin")

    def link(self, shop, *words):
        url = f"postgresql://admin@127.0.0.1:{self.host.port()}/postgres?sslmode=disable"
        return shop.bough("link", "team", url, *words)

    def test_a_server_is_tried_linked_assigned_and_unlinked(self):
        shop = self.world()
        shop.repository.push_all({"main": app("sales"), "cart": app("carts")})
        self.assert_says("not linked", self.assert_exit(1, self.link(shop)))
        self.assert_exit(0, self.link(shop, "--password-env", "TEAM_PASSWORD"))
        self.assert_exit(0, shop.bough("test", "team"))
        self.assert_exit(0, shop.bough("assign", "shop", "team"))
        self.assert_exit(0, shop.apply("--branch", "cart"))
        self.assertEqual(["carts"], self.host.ledger("shop--cart"))
        self.assert_says("assigned to shop", self.assert_exit(4, shop.bough("unlink", "team")))
        self.assert_says("databases", self.assert_exit(0, shop.bough("unassign", "shop")))
        self.assert_exit(0, shop.bough("unlink", "team"))
        self.assertEqual(["carts"], self.host.ledger("shop--cart"))
        self.assertNotIn("team", shop.bough("export").out)


if __name__ == "__main__":
    unittest.main()
