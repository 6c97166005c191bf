"""A world with a daemon that watches it."""

import os
import re
import subprocess

from world import PATIENCE, BoughTest, app, wait_until


class ServingTest(BoughTest):
    log = None

    def setUp(self):
        self.shop = self.world()
        self.shop.repository.push("main", app("orders"))

    def serve(self, *words):
        """Starts the daemon; its log is in self.log."""
        self.log = open(f"{self.shop.home}/serve.log", "ab")
        self.addCleanup(self.log.close)
        daemon = subprocess.Popen(self.shop.words("serve", *words), stdout=self.log,
                                  stderr=subprocess.STDOUT)
        self.addCleanup(lambda: (daemon.kill(), daemon.wait()))
        return daemon

    def begin(self, *words):
        """A daemon that looks already."""
        starts = self.said().count(" watches ") if self.log else 0
        daemon = self.serve(*words)
        wait_until(lambda: self.said().count(" watches ") > starts, "it has begun")
        return daemon

    def said(self):
        with open(self.log.name, encoding="utf-8") as file:
            return file.read()

    def migrated(self, database, *versions):
        """Waits until exactly these migrations ran there."""
        def holds():
            if self.shop.server_pid() is None or not os.path.exists(f"{self.shop.data}/key"):
                return False
            try:
                return self.shop.ledger(database) == list(versions)
            except AssertionError:
                return False
        try:
            wait_until(holds, f"{database} has {versions}")
        except AssertionError as error:
            raise AssertionError(self.said()) from error

    def end(self, daemon):
        daemon.terminate()
        self.assertEqual(0, daemon.wait(PATIENCE), self.said())

    def url(self):
        """Where it listens, from its log."""
        wait_until(lambda: "listens on" in self.said(), "it listens")
        return re.search(r"listens on (\S+)", self.said()).group(1)
