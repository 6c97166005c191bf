"""What a branch may write into its app.yaml, by the rows of docs/security.md."""

import os
import re
import resource
import unittest
import unittest.mock

from serving import ServingTest
from world import AGAIN, BoughTest, app, query, run, spec, wait_until

GOOD = "name: shop\ndatabases:\n  - {name: db, engine: PG}\n"
# Values that are wrong, and what is said of each.
WRONG = {
    "count": (GOOD + f"services:\n  - {{name: web, instance_count: {10 ** 30}}}\n",
              "instance_count"),
    "boolean": (GOOD.replace("}", ", production: maybe}"), "production"),
    "octal": (GOOD.replace("}", ", version: 012}"), "reads as an octal number without quotes"),
    "small": (GOOD.replace("PG", "pg"), "engine"),
    "unknown": (GOOD.replace("PG", "ORACLE"), "engine"),
    "laughs": ("a: &a [x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n"
        for n in range(9)), "app.yaml"),
    "nested": ("[" * 100_000, "app.yaml"),
    "tag": (GOOD.replace("name: shop", "name: !!python/object/apply:os.system [id]"), "app.yaml"),
}


class HostileSpecs(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.shop.repository.push("main", app("orders"))

    def test_rows_46_48_a_wrong_value_is_an_error_of_its_branch_alone(self):
        self.shop.repository.push_all({**{name: {"app.yaml": text}
                                          for name, (text, _) in WRONG.items()},
                                       "cart": app("carts")})
        done = self.assert_exit(1, self.shop.apply())
        for name, (_, says) in WRONG.items():
            with self.subTest(name):
                self.assertRegex(done.out + done.err, rf"shop/{name}: app\.yaml:\d+:\d+: error: ")
                self.assertRegex(done.out + done.err, rf"shop/{name}: .*{says}")
        self.assertEqual(["shop--cart", "shop-production"], self.shop.databases())
        self.assertEqual(["carts"], self.shop.ledger("shop--cart"))

    def test_row_52_a_password_that_is_printed_is_masked(self):
        text = spec(migrate="echo \"says $SAID\"; psql -q -f schema.sql")
        text += "envs:\n  - {key: SAID, value: 'it is ${db.PASSWORD}'}\n"
        self.shop.repository.push("cart", {**app("carts"), "app.yaml": text})
        done = self.assert_exit(0, self.shop.apply())
        password = self.shop.env("cart")["PGPASSWORD"]
        self.assertRegex(done.out, r"says it is \*+")
        for words in (("logs", "shop"), ("events",), ("status", "--json"), ("plan", "--json")):
            said = self.shop.bough(*words)
            self.assertNotIn(password, done.out + done.err + said.out + said.err, words)

    def test_row_52_references_without_an_end_are_refused(self):
        envs = "".join(f"  - {{key: X{n}, value: '${{X{n - 1}}}${{X{n - 1}}}'}}\n"
                       for n in range(1, 60))
        for name, more in (("grows", "  - {key: X0, value: xxxxxxxxxxxxxxxx}\n" + envs),
                           ("turns", "  - {key: A, value: '${B}'}\n  - {key: B, value: '${A}'}\n")):
            self.shop.repository.push(name, {**app("x"), "app.yaml": spec() + "envs:\n" + more})
        done = self.assert_exit(4, self.shop.apply())
        self.assert_says("refused shop/grows: .*grow beyond 4 MiB", done)
        self.assert_says("refused shop/turns: .*refers back to itself", done)
        self.assertEqual([], self.shop.tables("shop--grows"))
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))

    def test_row_54_encrypted_values_are_neither_told_nor_given(self):
        sealed = "EV[1:planted:secret]"
        text = spec(migrate="env; psql -q -f schema.sql")
        text += f"envs:\n  - {{key: TOKEN, type: SECRET, value: '{sealed}'}}\n"
        self.shop.repository.push("cart", {**app("carts"), "app.yaml": text})
        said = [self.shop.bough("plan"), self.shop.bough("plan", "--json"),
                self.assert_exit(0, self.shop.apply())]
        said += [self.shop.bough(*words) for words in (
            ("status", "--json"), ("logs", "shop"), ("events",), ("env", "shop", "-b", "cart"))]
        for done in said:
            self.assertNotIn("planted", done.out.replace(text, "") + done.err, done)
        self.assertNotIn("TOKEN", self.shop.env("cart"))

    def test_row_57_specs_that_ask_for_no_databases_any_more(self):
        names = [f"b{number}" for number in range(5)]
        self.shop.repository.push_all({name: app("carts") for name in names})
        self.assert_exit(0, self.shop.apply())
        for branch in names:
            query("INSERT INTO carts VALUES (7)", self.shop.env(branch))
        tips = self.shop.repository.tips()
        self.shop.repository.push_all({
            name: {"app.yaml": "name: shop\ndatabases: []\n"} for name in ["main", *names]})
        self.assert_says("bough confirm", self.assert_exit(0, self.shop.bough("plan")))
        self.assert_exit(0, self.shop.apply())
        self.assertEqual([["7"]] * 5, [self.shop.psql("SELECT id FROM carts", f"shop--{name}")[0]
                                       for name in names])
        self.assertEqual([], self.shop.psql("SELECT 1 FROM pg_roles WHERE rolcanlogin AND"
                                            " rolname ~ '^shop--'"))
        self.assertIn("shop-production", self.shop.databases())
        for name in names:
            self.shop.repository.git("update-ref", f"refs/heads/{name}", tips[name])
        self.assert_exit(0, self.shop.apply())
        self.assertEqual([["7"]], query("SELECT id FROM carts", self.shop.env("b0")))

    def test_row_58_text_of_strangers_is_made_harmless(self):
        branch = "x```<img/src=x>|\u202e"
        migrate = "printf '\\033[2J<b>bold</b>\\033]0;title\\007\\n```\\n'; exit 1"
        self.shop.repository.push(branch, {"app.yaml": spec(migrate=migrate)})
        plan = self.assert_exit(0, self.shop.bough("plan", "--markdown"))
        self.assert_one_fence(plan.out)
        said = [plan, self.assert_exit(1, self.shop.apply())]
        said += [self.shop.bough(*words) for words in (
            ("status",), ("status", "--json"), ("logs", "shop"), ("events",), ("events", "--json"))]
        for done in said:
            for bad in ("\x1b", "\x07", "\u202e"):
                self.assertNotIn(bad, done.out + done.err, done)

    def assert_one_fence(self, text):
        """Nothing of it ends the fence that it stands in."""
        lines = text.splitlines()
        opening = next(number for number, line in enumerate(lines) if line.startswith("```"))
        ticks = len(lines[opening]) - len(lines[opening].lstrip("`"))
        ends = [number for number, line in enumerate(lines)
                if number > opening and re.fullmatch(rf" {{0,3}}`{{{ticks},}}\s*", line)]
        self.assertEqual([len(lines) - 1], ends, text)
        self.assertNotIn("<img", "\n".join(lines[:opening]))


class Poison(ServingTest):
    def test_row_100_a_branch_that_always_fails_is_tried_once_and_stops_nobody(self):
        daemon = self.serve()
        self.migrated("shop-production", "orders")
        self.shop.repository.push_all({
            "crashes": {"app.yaml": spec(migrate="kill -SEGV $$")},
            "eats": {"app.yaml": spec(migrate="exec 3</dev/zero; kill -KILL $$")},
            "bomb": {"app.yaml": "[" * 100_000}, "fails": {"app.yaml": spec(build="exit 77")}})
        for number in range(3):
            self.shop.repository.push(f"good{number}", app("carts"))
            self.migrated(f"shop--good{number}", "carts")
        wait_until(lambda: set(self.tries().values()) == {1}, "each was tried")
        self.shop.repository.push("good0", app("more"))
        self.migrated("shop--good0", "carts", "more")
        self.assertEqual({"crashes": 1, "eats": 1, "fails": 1}, self.tries())
        self.assertIsNone(daemon.poll())
        self.assertEqual({"Connected"}, {self.shop.statuses()[name] for name in
                                         ("main", "good0", "good1", "good2")})
        self.end(daemon)

    def tries(self):
        """How often each one's command ran to its end."""
        homes = self.shop.environments()
        return {name: sum(run["state"] == "failed" for run in homes[name]["runs"])
                if name in homes else 0 for name in ("crashes", "eats", "fails")}


class Exhausted(ServingTest):
    def test_row_96_without_descriptors_it_says_so_and_recovers_by_itself(self):
        # libgit2 1.5 itself leaks when it cannot open a folder.
        with unittest.mock.patch.dict(os.environ, ASAN_OPTIONS="detect_leaks=0"):
            daemon = self.begin()
        self.migrated("shop-production", "orders")
        usual = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
        before = len(self.said())
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (4, usual[1]))
        self.shop.repository.push("cart", app("carts"))
        wait_until(lambda: len(self.said()) > before, "it tells of its trouble")
        self.assertIsNone(daemon.poll(), self.said())
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, usual)
        self.migrated("shop--cart", "carts")
        self.end(daemon)

    def test_row_96_without_memory_a_command_fails_and_harms_nothing(self):
        self.assert_exit(0, self.shop.apply())
        self.shop.repository.push("cart", {"app.yaml": spec(), "schema.sql": AGAIN})
        # From too little to begin with to just about enough.
        scarce = [run(["sh", "-c", f"ulimit -v {limit}; exec \"$@\"", "sh",
                       *self.shop.words("apply", "--yes")])
                  for limit in range(40_000, 64_000, 4000)]
        self.assertNotEqual(0, scarce[0].status, scarce[0])
        if self.shop.apply().status != 0:  # a migration may have failed
            self.assert_exit(0, self.shop.bough("retry", "shop", "--branch", "cart"))
        self.assertEqual(["carts"], self.shop.ledger("shop--cart"))
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))
        self.assert_settled(self.shop)


if __name__ == "__main__":
    unittest.main()
