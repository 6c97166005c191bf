"""Pull requests and other commits that a person gives an environment."""

import os
import signal
import subprocess
import unittest

from benches import GitSite
from network import listener, tries
from servers import free_port
from serving import ServingTest
from world import BoughTest, Repository, app, spec, try_sql, wait_until


GITHUB = "refs/pull/{}/head"
LAYOUTS = (GITHUB, "refs/merge-requests/{}/head", "refs/pull-requests/{}/from")


def pull(repository, number, files, layout=GITHUB):
    """Puts one commit on main and names it as a Git host does, never by a branch; the commit."""
    return repository.push(layout.format(number), files, base="main")


class ForksTest(BoughTest):
    SETTINGS = {"forks": "approve"}

    def setUp(self):
        self.shop = self.world(**self.SETTINGS)
        self.main = self.shop.repository.push("main", app("orders"))
        self.assert_exit(0, self.shop.apply())

    def pull(self, number, files, layout=GITHUB):
        return pull(self.shop.repository, number, files, layout)

    def approve(self, commit, *words, status=0):
        return self.assert_exit(status, self.shop.bough("approve", "shop", "--sha", commit, *words))

    def apply(self, status=0):
        return self.assert_exit(status, self.shop.apply())

    def environment(self, commit):
        """What status says of its preview."""
        document = self.shop.bough("status", "--json").json()
        return next(one for each in document["repositories"][0]["apps"]
                    for one in each["environments"] if one.get("revision") == commit)

    def preview(self, commit):
        """Its database's name and status."""
        database = self.environment(commit)["databases"][0]
        return database["name"], database["status"]

    def waiting(self):
        return [(one["pull_request"], one["commit"]) for one in self.shop.plan()["unapproved"]]


class Defaults(ForksTest):
    SETTINGS = {}

    def test_row_82_pull_requests_are_nothing_unless_they_are_wanted(self):
        commits = [self.pull(number, app("carts"), layout)
                   for number, layout in enumerate(LAYOUTS, 1)]
        self.assert_settled(self.shop)
        self.assertEqual([], self.waiting())
        self.assert_says("forks: approve", self.approve(commits[0], status=4))
        for number in (1, 2, 3):
            self.shop.bough("apply", "--yes", "--branch", LAYOUTS[number - 1].format(number))
        self.assertEqual(["shop-production"], self.shop.databases())


class Approvals(ForksTest):
    def test_each_waits_for_a_person(self):
        commits = [self.pull(number, app(f"t{number}"), layout)
                   for number, layout in enumerate(LAYOUTS, 1)]
        self.apply()
        self.assertEqual(["shop-production"], self.shop.databases())
        self.assertEqual(list(zip((3, 2, 1), reversed(commits))), self.waiting())
        for words in (("plan",), ("plan", "--markdown"), ("status",)):
            self.assert_says(f"pull request 2 waits: bough approve shop --sha {commits[1]}",
                             self.shop.bough(*words))
        for commit in commits:
            self.approve(commit)
        self.assertEqual([], self.waiting())
        self.apply()
        for number, commit in enumerate(commits, 1):
            name, status = self.preview(commit)
            self.assertRegex(name, f"^shop--preview-{commit[:7]}-[a-z2-7]{{10}}$")
            self.assertEqual("Connected", status)
            self.assertEqual([f"t{number}"], self.shop.ledger(name))
        self.assert_settled(self.shop)

    def test_row_82_an_approved_commit_has_no_secrets_and_no_network(self):
        with listener() as port:
            reach = tries(("127.0.0.1", port))
            steal = "psql -d shop-production -c 'SELECT * FROM orders' 2>&1; true"
            text = spec(migrate=f"env; {reach}; {steal}", build=reach)
            text += ("envs:\n  - {key: TOLD, value: plain}\n"
                     "  - {key: HIDDEN, value: 'EV[1:abc:def]', type: SECRET}\n")
            commit = self.pull(1, {"app.yaml": text})
            # Even where the operator lets branches do more.
            self.shop.configure(forks="approve", sandbox="off",
                                network={"build": "on", "migration": "on"})
            self.approve(commit)
            done = self.assert_exit(0, self.shop.bough("apply", "--yes",
                                                       env={"OPERATOR_TOKEN": "of-the-operator"}))
        name, _ = self.preview(commit)
        said = done.out + done.err
        self.assertEqual(2, said.count("| 127.0.0.1 unreachable"), done)
        self.assertIn("TOLD=plain", said)
        self.assertIn(f"PGDATABASE={name}", said)
        self.assertIn("permission denied for database", said)
        for hidden in ("HIDDEN=", "EV[1", "OPERATOR_TOKEN", "of-the-operator"):
            self.assertNotIn(hidden, said)

    def test_row_82_its_login_reaches_no_other_database(self):
        commit = self.pull(1, app("carts"))
        self.approve(commit)
        self.apply()
        env = self.shop.env(f"preview/{commit}")
        self.assertEqual(0, try_sql("SELECT 1", env).status)
        self.assertNotEqual(0, try_sql("SELECT 1", {**env, "PGDATABASE": "shop-production"}).status)

    def test_row_83_what_is_pushed_after_an_approval_asks_again(self):
        first = self.pull(1, app("approved"))
        self.approve(first)
        second = self.pull(1, app("pushed"))
        self.assertEqual([(1, second)], self.waiting())
        self.apply()
        self.assertEqual(["approved"], self.shop.ledger(self.preview(first)[0]))
        self.assertEqual(2, len(self.shop.databases()))
        self.assert_says("another approval", self.approve(first, status=1))
        planned = self.assert_exit(0, self.shop.bough("plan", "--detailed-exitcode"))
        self.assertTrue(planned.out.endswith("No changes. Live state matches Git.\n"), planned)

    def test_row_83_another_commit_takes_the_place_of_the_first(self):
        first = self.pull(1, app("first"))
        self.approve(first)
        self.apply()
        second = self.pull(1, app("second"))
        self.approve(second)
        self.apply()
        self.assertEqual("Held", self.preview(first)[1])
        name, status = self.preview(second)
        self.assertEqual((["second"], "Connected"), (self.shop.ledger(name), status))

    def test_row_83_only_a_whole_latest_commit_can_be_approved(self):
        commit = self.pull(1, app("carts"))
        self.assert_says("40 or 64 digits", self.approve(commit[:12], status=1))
        self.approve("0" * 40, status=1)
        self.assert_says("bough preview", self.approve(self.main, status=4))
        self.assertEqual([(1, commit)], self.waiting())

    def test_a_closed_one_is_held_and_comes_back(self):
        commit = self.pull(1, app("carts"))
        self.approve(commit)
        self.apply()
        self.shop.repository.git("update-ref", "-d", "refs/pull/1/head")
        self.apply()
        self.assertEqual("Held", self.preview(commit)[1])
        self.shop.repository.git("update-ref", "refs/pull/1/head", commit)
        self.apply()
        self.assertEqual("Connected", self.preview(commit)[1])
        self.approve(commit, "--remove")
        self.assertEqual([(1, commit)], self.waiting())
        self.apply()
        self.assertEqual("Held", self.preview(commit)[1])
        self.approve(commit, "--remove", status=1)

    def test_a_merged_one_is_over(self):
        commit = self.pull(1, app("carts"))
        self.approve(commit)
        self.apply()
        self.shop.repository.git("update-ref", "refs/heads/merged", commit)
        self.apply()
        self.assertEqual("Held", self.preview(commit)[1])
        self.assertEqual(["carts"], self.shop.ledger("shop--merged"))

    def test_many_that_go_at_once_wait_for_a_person(self):
        commits = [self.pull(number, app(f"t{number}")) for number in range(1, 6)]
        for commit in commits:
            self.approve(commit)
        self.apply()
        for number in range(1, 6):
            self.shop.repository.git("update-ref", "-d", f"refs/pull/{number}/head")
        self.assert_says("bough confirm", self.shop.bough("plan"))

    def test_who_approved_what_is_told(self):
        commit = self.pull(1, app("carts"))
        self.approve(commit)
        events = [one for one in self.shop.bough("events", "--json").lines()
                  if one["kind"] == "approved"]
        self.assertEqual([f"shop/preview/{commit}"], [one["address"] for one in events])
        self.assertRegex(events[0]["message"], f"^{commit} of refs/pull/1/head .* by local ")


class Previews(ForksTest):
    SETTINGS = {}

    def preview_of(self, commit, *words, status=0):
        return self.assert_exit(status, self.shop.bough("preview", "shop", "--sha", commit, *words))

    def test_an_earlier_commit_gets_a_database_of_its_own(self):
        self.shop.repository.push("main", {**app("carts"), "more": ""})
        self.preview_of(self.main)
        self.apply()
        name, status = self.preview(self.main)
        self.assertEqual((["orders"], "Connected"), (self.shop.ledger(name), status))
        self.assertEqual(name, self.shop.env(f"preview/{self.main}")["PGDATABASE"])
        self.preview_of(self.main, "--remove")
        self.apply()
        self.assertEqual("Held", self.preview(self.main)[1])
        self.assert_exit(0, self.shop.bough("destroy", "shop", "--branch", f"preview/{self.main}",
                                            "--confirm", name))
        self.assertEqual(["shop-production"], self.shop.databases())

    def test_it_stays_when_history_is_rewritten(self):
        later = self.shop.repository.push("main", app("carts"))
        self.apply()
        self.preview_of(later)
        self.shop.repository.git("update-ref", "refs/heads/main", self.main)
        self.apply()
        self.assertEqual(["carts"], self.shop.ledger(self.preview(later)[0]))

    def test_it_ends_by_itself(self):
        self.preview_of(self.main)
        self.apply()
        self.preview_of(self.main, "--ttl", "1ms")
        self.apply()
        self.assertEqual("Held", self.preview(self.main)[1])
        self.assert_says("duration", self.preview_of(self.main, "--ttl", "soon", status=1))

    def test_only_what_a_watched_branch_has_can_be_had(self):
        commit = self.pull(1, app("carts"))
        self.assert_says("bough approve", self.preview_of(commit, status=1))
        self.preview_of("0" * 40, status=1)


class Serving(ServingTest):
    """A daemon, by the protocols of Git hosts."""

    def approved(self, repository, url):
        self.shop.configure(url=url, poll="1s", forks="approve", top="listen: 127.0.0.1:0")
        daemon = self.serve()
        self.migrated("shop-production", "orders")
        commit = pull(repository, 1, app("carts"))
        try:
            wait_until(lambda: f"--sha {commit}" in self.said(), "it asks for approval")
        except AssertionError as error:
            raise AssertionError(self.said()) from error
        self.assert_exit(0, self.shop.bough("approve", "shop", "--sha", commit))

        def name():
            return next((one for one in self.shop.databases() if commit[:7] in one), None)
        self.migrated(wait_until(name, "its preview is made"), "carts")
        return daemon, commit

    def test_over_http_by_glances(self):
        site = GitSite(self.shop.home, 1, 1)
        self.addCleanup(site.close)
        repository = Repository(site.repository(0))
        repository.push("main", app("orders"))
        daemon, commit = self.approved(repository, f"http://127.0.0.1:{site.port}/team/r0.git")
        wait_until(lambda: "No changes." in self.shop.bough("plan").out, "all is recorded")
        # What was approved is known to whoever comes after a kill.
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        pull(repository, 1, app("pushed"))
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(2, len(self.shop.databases()))
        self.assertIn(commit, self.shop.bough("status", "--json").out)

    def test_over_the_protocol_of_git(self):
        folder = os.path.dirname(self.shop.repository.folder)
        log = open(f"{self.shop.home}/git-daemon.log", "wb")
        self.addCleanup(log.close)
        port = free_port()
        served = subprocess.Popen(["git", "daemon", "--reuseaddr", "--export-all",
                                   "--listen=127.0.0.1", f"--port={port}",
                                   f"--base-path={folder}", folder], stdout=log, stderr=log,
                                  start_new_session=True)
        self.addCleanup(lambda: (os.killpg(served.pid, signal.SIGKILL), served.wait()))
        self.approved(self.shop.repository, f"git://127.0.0.1:{port}/shop.git")


if __name__ == "__main__":
    unittest.main()
