"""Rehearsals that the daemon makes for plans, and how many at a time."""

import os
import signal
import threading
import unittest

from api import ApiTest
from serving import ServingTest
from world import Session, app, processes_with, wait_until

MIGRATE = "psql -v ON_ERROR_STOP=1 -q -f schema.sql"


def only_rehearsed(port, command):
    """A migration with one more command, which runs on no server but a rehearsal's."""
    return f"{MIGRATE} && ( [ \"$PGPORT\" = {port} ] || {command} )"


class Plans(ServingTest):
    def setUp(self):
        super().setUp()
        self.shop.configure(rehearse=True, top="listen: 127.0.0.1:0")
        self.assert_exit(0, self.shop.apply())

    def push(self, table, command="true", branch="cart"):
        return self.shop.repository.push(branch, app(
            table, migrate=only_rehearsed(self.shop.port(), command)), base="main")

    def note(self, branch="cart"):
        return self.shop.plan("shop", "--branch", branch)["rehearsals"][0]

    def becomes(self, state, commit):
        def holds():
            note = self.note()
            return note if (note["state"], note["commit"]) == (state, commit) else None
        try:
            return wait_until(holds, f"{commit} is {state}")
        except AssertionError as error:
            raise AssertionError(f"{self.note()}\n{self.said()}") from error

    def test_plan_and_status_tell_it_for_each_commit(self):
        commit = self.push("carts")
        self.assert_says("at " + commit[:7] + ": not rehearsed yet",
                         self.shop.bough("plan", "shop", "--branch", "cart"))
        self.serve()
        database = self.becomes("succeeded", commit)["report"]["databases"][0]
        self.assertEqual(("shop-production", "succeeded"),
                         (database["production"], database["fresh"]["state"]))
        self.assertIn("CREATE TABLE public.carts", database["schema_diff"])
        for words in (("plan", "shop", "--branch", "cart"), ("status", "shop"),
                      ("plan", "shop", "--branch", "cart", "--markdown")):
            self.assert_says(f"Rehearsal of shop/cart at {commit[:7]}: succeeded",
                             self.shop.bough(*words))
        self.assertEqual("succeeded", self.shop.environments()["cart"]["rehearsal"]["state"])
        self.migrated("shop--cart", "carts")
        failing = self.push("wishes", "psql -v ON_ERROR_STOP=1 -c 'SELECT 1 / 0'")
        report = self.becomes("failed", failing)["report"]
        self.assertIn("division by zero", "\n".join(report["output"]))
        self.assertIn("rehearsed", {one["kind"] for one in
                                    self.shop.bough("events", "--json").lines()})

    def test_a_newer_push_ends_one_that_is_under_way(self):
        self.serve()
        first = self.push("carts", "sleep 6173")
        self.becomes("under way", first)
        # Nothing waits for it: the branch is migrated.
        self.migrated("shop--cart", "carts")
        self.becomes("succeeded", self.push("wishes"))
        wait_until(lambda: not processes_with("sleep 6173"), "the first has ended")

    def test_production_that_goes_on_makes_another_one_due(self):
        self.serve()
        commit = self.push("carts")
        before = self.becomes("succeeded", commit)["at"]
        self.shop.repository.push("main", app("sales"))
        self.migrated("shop-production", "orders", "sales")
        wait_until(lambda: self.note()["at"] not in (None, before), "it is made again")

    def test_a_killed_daemon_leaves_nothing(self):
        daemon = self.serve()
        nap, name = self.shop.nap()
        commit = self.push("carts", nap)
        self.becomes("under way", commit)
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        self.becomes("not rehearsed yet", commit)
        newer = self.push("wishes")
        daemon = self.serve()
        self.becomes("succeeded", newer)
        self.end(daemon)
        self.assertEqual({}, self.shop.staged())
        self.assertEqual({}, processes_with(name))
        folder = next(path for path in (f"{self.shop.data}/stages",
                                        f"{self.shop.fallback()}/stages") if os.path.isdir(path))
        self.assertEqual(["lock"], os.listdir(folder))

    def test_an_ending_daemon_ends_it(self):
        daemon = self.serve()
        commit = self.push("carts", self.shop.nap()[0])
        self.becomes("under way", commit)
        self.end(daemon)
        self.assertEqual({}, self.shop.staged())
        self.becomes("not rehearsed yet", commit)


class Deadline(ServingTest):
    def test_copying_ends_at_the_deadline_of_the_whole(self):
        self.assert_exit(0, self.shop.apply())
        self.shop.repository.push("cart", app("carts"), base="main")
        self.shop.configure(build_timeout="1s", migration_timeout="1s")
        with Session(self.shop.superuser("shop-production")) as locking:
            locking.run("BEGIN; LOCK TABLE orders")
            done = self.shop.bough("rehearse", "shop", "--branch", "cart")
        self.assert_says("took longer than 3s, and was ended", self.assert_exit(4, done))
        self.assertEqual({}, self.shop.staged())
        note = self.shop.plan("shop", "--branch", "cart")["rehearsals"]
        self.assertEqual([], note)


class OverHttp(ApiTest):
    def test_rehearsals_leave_the_other_requests_alone(self):
        barrier = f"{self.shop.home}/barrier"
        with open(barrier, "w", encoding="utf-8"):
            pass
        wait = f"while [ -e {barrier} ]; do sleep 0.1; done"
        self.shop.repository.push("slow", app("snails", migrate=only_rehearsed(
            self.shop.port(), f"({wait})")), base="main")
        answers = []

        def ask():
            answers.append(self.ask("POST", "/v1/repositories/shop/rehearsals", "apply",
                                    {"branch": "slow"}))
        threads = [threading.Thread(target=ask) for _ in range(7)]
        try:
            for thread in threads:
                thread.start()
            wait_until(lambda: [one for one in answers if one[0] == 503], "one is refused")
            wait_until(lambda: self.shop.staged(), "one is under way")
            for verb in ("suspend", "resume"):
                self.assert_exit(0, self.remote("apply", verb, "shop", "--branch", "cart"))
        finally:
            os.remove(barrier)
            for thread in threads:
                thread.join()
        refused = [one for one in answers if one[0] != 200]
        self.assertEqual({(503, "60")}, {(one[0], one[1].get("Retry-After")) for one in refused})
        self.assertGreaterEqual(len(answers) - len(refused), 3)
        for _, _, text in (one for one in answers if one[0] == 200):
            self.assertIn('"exit_status":0', text.strip().splitlines()[-1].replace(" ", ""))


if __name__ == "__main__":
    unittest.main()
