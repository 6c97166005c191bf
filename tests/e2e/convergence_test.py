"""Many pushes to many repositories, whatever becomes of their webhooks: each is migrated once."""

import json
import os
import random
import threading
import unittest

from hooks import github, hooks, post, push_of
from serving import ServingTest
from world import Repository, app, wait_until

REPOSITORIES, BRANCHES, ROUNDS = 3, 4, 3


class Convergence(ServingTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(20260131)
        self.repositories = {f"team{number}": Repository(f"{self.shop.home}/team{number}.git")
                             for number in range(REPOSITORIES)}
        self.names = ["main", *(f"b{number}" for number in range(1, BRANCHES))]

    def start(self, poll):
        lines = [f"data_dir: {self.shop.data}", f"poll: {poll}", "listen: 127.0.0.1:0",
                 "repositories:"]
        for name, repository in self.repositories.items():
            lines += [f"  - name: {name}", f"    url: file://{repository.folder}",
                      f"    webhooks: {json.dumps(hooks(self.shop, 'github'))}"]
        with open(self.shop.config, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        self.push_round(0)
        self.serve()
        self.await_round(0)

    def push_round(self, number):
        """One commit on each branch of each; the deliveries that a host would send."""
        deliveries = []
        for name, repository in self.repositories.items():
            for branch in self.names:
                files = app(f"t{number}")
                files["app.yaml"] = files["app.yaml"].replace("name: shop", f"name: {name}")
                repository.push(branch, files)
                deliveries.append((name, push_of(repository, branch), f"{branch}-{number}"))
        return deliveries

    def databases(self):
        return [f"{name}-production" if branch == "main" else f"{name}--{branch}"
                for name in self.repositories for branch in self.names]

    def ledger(self, database):
        """The evidence: what migrations themselves wrote there."""
        if not os.path.exists(f"{self.shop.data}/key") or self.shop.server_pid() is None:
            return []
        try:
            return self.shop.ledger(database)
        except AssertionError:  # there is no such database or table yet
            return []

    def await_round(self, number):
        for database in self.databases():
            wait_until(lambda one=database: f"t{number}" in self.ledger(one),
                       f"{database} is at round {number}")

    def assert_each_once(self, least):
        """Every round at most once, `least` of them at all; and nothing is left to do."""
        wait_until(lambda: self.shop.bough("plan", "--detailed-exitcode").status == 0, "it rests")
        for database in self.databases():
            ledger = self.ledger(database)
            self.assertEqual(sorted(set(ledger)), ledger, database)
            self.assertGreaterEqual(len(ledger), least)
            self.assertEqual(f"t{ROUNDS - 1}", ledger[-1])
        runs = self.shop.psql("SELECT count(*), count(DISTINCT (repository, branch, commit))"
                              " FROM bough.runs WHERE kind = 'migration' AND state = 'succeeded'",
                              "bough_journal")
        written = str(sum(len(self.ledger(one)) for one in self.databases()))
        self.assertEqual([[written, written]], runs)

    def test_with_every_webhook_lost_polling_finds_each_push(self):
        self.start(poll="1s")
        for number in range(1, ROUNDS):
            self.push_round(number)
            self.await_round(number)
        self.assert_each_once(least=ROUNDS)

    def test_rows_14_15_with_every_webhook_twice_and_out_of_order_each_push_is_done_once(self):
        self.start(poll="1h")
        hooks = {name: self.url() + self.shop.bough("webhooks", name, "--json").json()["webhooks"]
                 [0]["path"] for name in self.repositories}
        deliveries = [one for number in range(1, ROUNDS) for one in self.push_round(number)] * 2
        self.random.shuffle(deliveries)
        threads = [threading.Thread(target=self.deliver, args=(hooks, deliveries[start::6]))
                   for start in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.await_round(ROUNDS - 1)
        self.assert_each_once(least=2)

    def deliver(self, hooks, deliveries):
        for name, body, delivery in deliveries:
            status, _ = post(hooks[name], body, github(body, delivery=f"{name}-{delivery}"))
            self.assertIn(status, (200, 202))


if __name__ == "__main__":
    unittest.main()
