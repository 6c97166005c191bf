"""Webhooks of every kind, as a daemon that hardly polls receives them."""

import base64
import csv
import hashlib
import hmac
import json
import os
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

from hooks import SECRET, code, github, hooks, listening, post, push_of
from serving import ServingTest
from world import app, wait_until

PROVIDERS = ("github", "gitlab", "gitea", "forgejo", "gogs", "bitbucket", "bitbucket-server",
             "azure", "generic", "standard")
CASES = os.path.join(os.path.dirname(__file__), "..", "cases", "webhooks")


class Webhooks(ServingTest):
    def setUp(self):
        super().setUp()
        self.configure()

    def configure(self, **more):
        listening(self.shop, *PROVIDERS, **more)

    def hooks(self):
        """URL by provider, of the daemon that runs."""
        document = self.shop.bough("webhooks", "shop", "--json").json()
        return {one["provider"]: self.url() + one["path"] for one in document["webhooks"]}

    def has_carts(self, database):
        try:
            return "carts" in self.shop.tables(database)
        except AssertionError:  # there is no such database yet
            return False

    def test_a_push_is_migrated_though_polling_takes_an_hour(self):
        self.serve()
        self.migrated("shop-production", "orders")
        hooks = self.hooks()
        self.shop.repository.push("search", app("hits"))
        status, answer = post(hooks["github"], push_of(self.shop.repository, "search"),
                              github(push_of(self.shop.repository, "search")))
        self.assertEqual((202, "accepted"), (status, answer["result"]))
        self.migrated("shop--search", "hits")

    def test_every_provider_announces_pushes(self):
        self.serve()
        self.migrated("shop-production", "orders")
        hooks = self.hooks()
        self.assertEqual(set(PROVIDERS), set(hooks))
        self.assertEqual(len(PROVIDERS), len(set(hooks.values())))
        stamp = str(int(time.time()))
        push = b'{"ref":"refs/heads/main"}'
        signed = base64.b64encode(hmac.new(SECRET.encode(), f"m.{stamp}.".encode() + push,
                                           hashlib.sha256).digest()).decode()
        login = base64.b64encode(f"bot:{SECRET}".encode()).decode()
        requests = {
            "github": github(push),
            "gitlab": {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": SECRET},
            "gitea": {"X-Gitea-Event": "push", "X-Gitea-Signature": code(push)},
            "forgejo": {"X-Forgejo-Event": "push", "X-Forgejo-Signature": code(push)},
            "gogs": {"X-Gogs-Event": "push", "X-Gogs-Signature": code(push)},
            "bitbucket": {"X-Event-Key": "repo:push", "X-Hub-Signature": "sha256=" + code(push)},
            "bitbucket-server": {"X-Event-Key": "repo:refs_changed",
                                 "X-Hub-Signature": "sha256=" + code(push)},
            "azure": {"Authorization": "Basic " + login},
            "generic": {"X-Signature": "sha256=" + code(push)},
            "standard": {"webhook-id": "m", "webhook-timestamp": stamp,
                         "webhook-signature": "v1," + signed},
        }
        for provider, headers in requests.items():
            body = b'{"eventType":"git.push"}' if provider == "azure" else push
            status, answer = post(hooks[provider], body, headers)
            self.assertEqual((202, "push"), (status, answer.get("event")), provider)

    def test_rows_1_4_wrong_signatures_do_nothing(self):
        self.serve()
        self.migrated("shop-production", "orders")
        hooks = self.hooks()
        self.shop.repository.push("search", app("hits"))
        body = push_of(self.shop.repository, "search")
        for headers in (github(body, secret="another"), {"X-GitHub-Event": "push"},
                        {"X-Hub-Signature-256": "sha256=" + "0" * 64}):
            self.assertEqual(401, post(hooks["github"], body, headers)[0])
        self.assertEqual(404, post(self.url() + "/hooks/" + "a" * 32, body, github(body))[0])
        self.assertNotIn("search", self.shop.databases())
        self.assertNotIn(SECRET, self.said())

    def test_lost_webhooks_are_made_good_by_polling(self):
        self.configure(poll="1s")
        self.serve()
        self.migrated("shop-production", "orders")
        self.shop.repository.push("search", app("hits"))
        self.migrated("shop--search", "hits")

    def test_row_14_everything_twice_and_out_of_order_is_done_once(self):
        self.serve()
        self.migrated("shop-production", "orders")
        hook = self.hooks()["github"]
        deliveries, names = [], [f"b{number}" for number in range(3)]
        for name in names:
            self.shop.repository.push(name, app("hits"))
            deliveries.append(push_of(self.shop.repository, name))
            self.shop.repository.push(name, app("carts"))
            deliveries.append(push_of(self.shop.repository, name))
        threads = [threading.Thread(target=post, args=(hook, body, github(body, delivery=str(i))))
                   for i, body in enumerate(reversed(deliveries)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name in names:
            wait_until(lambda name=name: self.has_carts(f"shop--{name}"), f"{name} is migrated")
            self.assertEqual(1, self.shop.ledger(f"shop--{name}").count("carts"))
        wait_until(lambda: self.shop.bough("plan", "--detailed-exitcode").status == 0, "settled")

    def test_a_finished_build_is_kept_for_its_commit(self):
        self.serve()
        self.migrated("shop-production", "orders")
        commit = self.shop.repository.tip("main")
        body = json.dumps({"event": "build", "repo": "team/shop", "ref": "refs/heads/main",
                           "sha": commit, "result": "success", "name": "nightly"}).encode()
        for _ in range(2):
            status, answer = post(self.hooks()["generic"], body,
                                  {"X-Signature": "sha256=" + code(body)})
            self.assertEqual((202, "build"), (status, answer.get("event")), answer)
        events = [one for one in self.shop.bough("events", "shop", "--json").lines()
                  if one["kind"] == "build-reported"]
        self.assertEqual([f"nightly succeeded for {commit[:7]} (told by webhook generic)"],
                         [one["message"] for one in events])

    def test_it_tries_itself_with_signed_deliveries(self):
        self.serve()
        address = self.url()
        self.configure(top=f"listen: {address.removeprefix('http://')}")
        done = self.assert_exit(0, self.shop.bough("webhooks", "shop", "test", "--json"))
        self.assertEqual({provider: (True, 202) for provider in PROVIDERS},
                         {one["provider"]: (one["ok"], one["status"])
                          for one in done.json()["deliveries"]})

    def test_what_to_enter_is_printed_and_the_secret_is_not(self):
        self.configure(top="public_url: https://bough.example.com/x/",
                       webhooks=[*hooks(self.shop, "github"),
                                 {"provider": "gitlab", "secret": {"env": "ABSENT"}}])
        done = self.assert_exit(0, self.shop.bough("webhooks", "shop"))
        self.assert_says(r"Payload URL: +https://bough.example.com/x/hooks/[a-z2-7]{32}\n", done)
        self.assert_says("the text of the file", done)
        self.assert_says("OFF: environment variable ABSENT is not set", done)
        self.assertNotIn(SECRET, done.out)
        again = self.shop.bough("webhooks", "shop", "--json").json()["webhooks"]
        self.assertEqual([("github", True), ("gitlab", False)],
                         [(one["provider"], one["ready"]) for one in again])

    def test_a_hook_that_is_added_while_it_runs_works(self):
        self.shop.configure(poll="1h", top="listen: 127.0.0.1:0")
        self.serve()
        self.migrated("shop-production", "orders")
        self.configure()
        hook = self.hooks()["github"]
        body = push_of(self.shop.repository, "main")
        wait_until(lambda: post(hook, body, github(body))[0] == 202, "the hook is there")
        self.shop.configure(poll="1h", top="listen: 127.0.0.1:0")
        wait_until(lambda: post(hook, body, github(body))[0] == 404, "the hook is gone")

    def test_row_97_health_is_open_and_metrics_are_not(self):
        self.serve()
        self.migrated("shop-production", "orders")
        for path in ("healthz", "readyz"):
            with urllib.request.urlopen(f"{self.url()}/{path}", timeout=60) as answer:
                self.assertEqual(200, answer.status)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{self.url()}/metrics", timeout=60)
        refused.exception.close()
        self.assertEqual(401, refused.exception.code)


class Examples(ServingTest):
    """Every example of GitHub's own collection, fetched from npm."""

    PACKAGE = "@octokit/webhooks-examples@7.6.1"

    def setUp(self):
        super().setUp()
        listening(self.shop, "github")

    def examples(self):
        """(event, number, payload) of each."""
        folder = f"{self.shop.home}/npm"
        os.mkdir(folder)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix",
                        folder, self.PACKAGE], check=True, timeout=300, stdout=subprocess.DEVNULL)
        package = f"{folder}/node_modules/@octokit/webhooks-examples"
        with open(f"{package}/api.github.com/index.json", encoding="utf-8") as file:
            for group in json.load(file):
                for number, example in enumerate(group["examples"]):
                    example.pop("headers", None)
                    yield group["name"], number, example

    @staticmethod
    def meanings():
        """What github-names.tsv says of examples: (event, number) → row."""
        with open(f"{CASES}/github-names.tsv", encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row["source"].startswith("npm"):
                    event, number = row["path"].split(" ")[1].rstrip("]").split("[")
                    yield (event, int(number)), row

    def check(self, row, status, answer):
        """Against the meaning that a person gave the payload."""
        kind, name = row["kind"], row["branch_or_tag"]
        if kind.startswith("tag_"):
            self.assertEqual((200, "it names no branch"), (status, answer.get("because")), row)
        elif kind.startswith("branch_"):
            self.assertEqual((202, f"refs/heads/{name}"), (status, answer["refs"][0]["ref"]), row)
            self.assertEqual((row["old"], row["new"]), (answer["refs"][0]["before"],
                                                        answer["refs"][0]["after"]), row)
        elif kind == "ping":
            self.assertEqual((200, "pong"), (status, answer["result"]), row)
        elif kind in ("check_suite completed", "workflow_run completed", "status"):
            self.assertIn(answer["event"], ("build", "status pending"), row)
        else:
            self.assertEqual((200, "ignored"), (status, answer["result"]), row)

    def test_each_is_understood_and_none_without_its_signature(self):
        self.serve()
        self.migrated("shop-production", "orders")
        path = self.shop.bough("webhooks", "shop", "--json").json()["webhooks"][0]["path"]
        meanings, seen, checked = dict(self.meanings()), 0, 0
        for event, number, payload in self.examples():
            body = json.dumps(payload).encode()
            status, answer = post(self.url() + path, body, github(body, event))
            self.assertIn(status, (200, 202), (event, number, answer))
            seen += 1
            if (event, number) in meanings:
                self.check(meanings[event, number], status, answer)
                checked += 1
            if number == 0:
                refused = post(self.url() + path, body, github(body, event, secret="another"))
                self.assertEqual(401, refused[0], event)
        self.assertGreater(seen, 200)
        self.assertEqual(len(meanings), checked)


if __name__ == "__main__":
    unittest.main()
