"""Migrations that wait for a build elsewhere, reported by a signed webhook."""

import json
import unittest

from hooks import code, listening, path_of, post
from serving import ServingTest
from world import app, wait_until


class ExternalBuild(ServingTest):
    def setUp(self):
        super().setUp()
        listening(self.shop, "generic", build={"wait_for": "ci"})
        self.commit = self.shop.repository.tip("main")

    def report(self, commit, name="ci", result="success"):
        body = json.dumps({"event": "build", "repo": "team/shop", "ref": "refs/heads/main",
                           "sha": commit, "result": result, "name": name}).encode()
        status, answer = post(self.url() + path_of(self.shop), body, {"X-Signature": "sha256=" + code(body)})
        self.assertEqual((202, "build"), (status, answer.get("event")), answer)

    def planned(self):
        """What waits and what is refused, in words."""
        plan = self.shop.plan()
        return [one["because"] for one in plan["waiting"]], [one["reason"]
                                                             for one in plan["refused"]]

    def has_waited(self):
        """Waits until everything but the migration is done."""
        wait_until(lambda: self.shop.server_pid() and "shop-production" in self.shop.databases(),
                   "there is a database")
        because = f'waiting for build "ci" of {self.commit[:7]}'
        wait_until(lambda: self.planned() == ([because], []) and not self.shop.plan()["changes"],
                   "just the migration waits")
        self.assertEqual([], self.shop.tables("shop-production"))

    def test_it_waits_for_exactly_this_commit_and_name(self):
        self.serve()
        self.has_waited()
        text = self.shop.bough("plan").out
        self.assertIn("  . waiting   psql", text)
        self.assertIn("0 commands to run, 1 waiting, 0 refused.", text)
        self.report("f" * 40)
        self.report(self.commit, name="nightly")
        self.has_waited()
        self.report(self.commit)
        self.migrated("shop-production", "orders")
        wait_until(lambda: self.planned() == ([], []), "it waits no more")

    def test_a_failed_build_stops_it_until_it_is_run_again(self):
        self.serve()
        self.has_waited()
        self.report(self.commit, result="failure")
        wait_until(lambda: self.planned()[1], "it is refused")
        self.assertRegex(self.planned()[1][0], f'build "ci" of {self.commit[:7]} failed')
        self.assertEqual([], self.shop.tables("shop-production"))
        self.report(self.commit)
        self.migrated("shop-production", "orders")

    def test_an_older_commit_does_not_stand_in_for_a_newer_one(self):
        self.serve()
        self.has_waited()
        self.commit, old = self.shop.repository.push("main", app("carts")), self.commit
        self.report(old)
        self.has_waited()
        self.report(self.commit)
        self.migrated("shop-production", "carts")


if __name__ == "__main__":
    unittest.main()
