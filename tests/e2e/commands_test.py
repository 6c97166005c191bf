"""Every command on one installation with two branches and two databases."""

import json
import os
import re
import subprocess
import tempfile
import unittest

from world import BOUGH, PATIENCE, BoughTest, World, app, query, run, spec, try_sql

SPEC = spec() + """\
  - name: stats
    engine: PG
services:
  - name: web
    envs:
      - {key: URL, value: "${db.DATABASE_URL}"}
      - {key: STATS, value: "${stats.DATABASE}"}
      - {key: TRICKY, value: "it's \\"$HOME\\" `id`\\nnext"}
"""
TRICKY = "it's \"$HOME\" `id`\nnext"


def files(table):
    return {**app(table), "app.yaml": SPEC}


class Commands(BoughTest):
    @classmethod
    def setUpClass(cls):
        cls.shop = World()
        cls.addClassCleanup(cls.shop.close)
        cls.shop.repository.push_all({"main": files("orders"), "cart": files("carts")})
        done = cls.shop.apply()
        assert done.status == 0, done

    def bough(self, status, *words, **given):
        return self.assert_exit(status, self.shop.bough(*words, **given))

    def env(self, form, *words):
        return self.bough(0, "env", "shop", "--branch", "cart", "--component", "web", "--format",
                          form, *words).out

    # Variables

    def test_env_json(self):
        variables = json.loads(self.env("json"))
        self.assertEqual(("shop--cart", "shop--cart", "disable", "127.0.0.1"),
                         tuple(variables[key] for key in ("PGDATABASE", "PGUSER", "PGSSLMODE",
                                                          "PGHOST")))
        self.assertEqual(variables["DATABASE_URL"], variables["URL"])
        self.assertEqual("shop_stats--cart", variables["STATS"])
        self.assertEqual([["carts"]], query("SELECT version FROM ledger", variables))

    def test_env_url_alone_is_enough(self):
        url = json.loads(self.env("json"))["DATABASE_URL"]
        done = run(["psql", "-XAtq", url, "-c", "SELECT current_user"])
        self.assertEqual("shop--cart\n", done.out, done)

    def test_env_shell(self):
        script = self.env("shell") + 'printf "%s|%s" "$PGDATABASE" "$TRICKY"'
        self.assertEqual(f"shop--cart|{TRICKY}", run(["sh", "-c", script]).out)

    def test_env_dotenv(self):
        expected = ('TRICKY="it\'s \\"\\$HOME\\" \\`id\\`\\nnext"')
        self.assertIn(expected, self.env("dotenv").splitlines())

    def test_env_docker(self):
        """Without the component's own variables, one of which takes two lines."""
        said = self.bough(0, "env", "shop", "--branch", "cart", "--format", "docker").out
        self.assertIn("PGDATABASE=shop--cart", said.splitlines())
        done = self.bough(1, "env", "shop", "--branch", "cart", "--component", "web", "--format",
                          "docker")
        self.assert_says("TRICKY has more than one line", done)

    def test_env_kubernetes(self):
        secret = json.loads(self.env("kubernetes"))
        self.assertEqual(("v1", "Secret"), (secret["apiVersion"], secret["kind"]))
        self.assertEqual("shop--cart", secret["stringData"]["PGDATABASE"])

    def test_env_of_production_is_the_default(self):
        for words in ((), ("--branch", "main")):
            done = self.bough(0, "env", "shop", "--format", "json", *words)
            self.assertEqual("shop-production", done.json()["PGDATABASE"])

    def test_env_of_an_unknown_branch_or_repository_says_so(self):
        self.assert_says("nothing", self.bough(1, "env", "shop", "--branch", "nothing"))
        self.assert_says("shop", self.bough(1, "env", "shopp"))

    def test_exec_gives_the_variables_and_the_commands_exit_status(self):
        done = self.bough(7, "exec", "shop", "--branch", "cart", "--", "sh", "-c",
                          'echo "$PGDATABASE $1"; exit 7', "sh", "--branch")
        self.assertEqual("shop--cart --branch\n", done.out)

    def test_exec_of_a_program_that_is_missing_exits_with_127(self):
        self.bough(127, "exec", "shop", "--", "no-such-program")

    def test_connect_opens_psql(self):
        done = self.bough(0, "connect", "shop", "--branch", "cart", "--", "-XAtc",
                          "SELECT current_database()")
        self.assertEqual("shop--cart\n", done.out)

    # Documents

    def test_every_document_has_its_version(self):
        for words in (["plan"], ["status"], ["instances"], ["doctor"], ["version"],
                      ["dev", "status"], ["test", "dev-pg15"]):
            with self.subTest(words):
                self.assertEqual("1.0", self.bough(0, *words, "--json").json()["format_version"])
        for words in (["events", "shop"], ["logs", "shop"]):
            with self.subTest(words):
                lines = self.bough(0, *words, "--json").lines()
                self.assertEqual({"1.0"}, {line.get("format_version") for line in lines})

    def test_status_says_what_runs_where(self):
        cart = self.shop.environments()["cart"]
        self.assertEqual(self.shop.repository.tip("cart"), cart["commit"])
        db = next(one for one in cart["databases"] if one["component"] == "db")
        self.assertEqual(("PG", "15", "dev-pg15", "shop--cart", "Connected"),
                         tuple(db[key] for key in ("engine", "version", "instance", "name",
                                                   "status")))
        ready = {one["type"]: one["status"] for one in db["conditions"]}
        self.assertEqual(("True", "False"), (ready["Ready"], ready["DriftDetected"]))
        self.assertEqual(("migration", "succeeded", 0), tuple(
            cart["runs"][0][key] for key in ("kind", "state", "exit_code")))

    def test_status_of_one_branch(self):
        done = self.bough(0, "status", "shop", "--branch", "cart")
        self.assertIn("shop--cart", done.out)

    def test_plan_of_nothing_is_a_whole_document(self):
        document = self.shop.plan()
        self.assertEqual(([], [], [], [], False),
                         tuple(document[key] for key in ("changes", "held", "runs", "refused",
                                                         "applyable")))

    def test_markdown_of_a_plan(self):
        self.assertRegex(self.bough(0, "plan", "--markdown").out, r"(?s)^### bough: .*```.*```\n$")

    def test_instances_json(self):
        found = self.bough(0, "instances", "--json").json()["instances"]
        dev = next(one for one in found if one["name"] == "dev-pg15")
        self.assertEqual(("dev", "Connected", "15", 4), tuple(
            dev[key] for key in ("kind", "status", "version", "databases")))

    def test_test_of_an_instance(self):
        self.assert_says("OK: PostgreSQL 15", self.bough(0, "test", "dev-pg15"))

    def test_test_says_what_is_wrong(self):
        port = self.shop.port()
        for url, expected in ((f"postgresql://nobody@127.0.0.1:{port}/postgres", "password"),
                              ("postgresql://x@127.0.0.1:1/postgres", "refused|port"),
                              ("postgresql://x@no-such-host.invalid/postgres", "no-such-host")):
            with self.subTest(url):
                self.assert_says(f"(?i){expected}", self.bough(1, "test", url))

    def test_dev_status(self):
        self.assert_says("dev-pg15 +running", self.bough(0, "dev", "status"))

    def test_doctor_finds_this_installation_well(self):
        self.assert_says("ok +repository shop", self.bough(0, "doctor"))

    def test_version(self):
        self.assertRegex(self.bough(0, "version").out, r"^bough \d+\.\d+\.\d+\n$")

    def test_events_tell_what_happened_in_order(self):
        events = self.bough(0, "events", "shop", "--json").lines()
        self.assertEqual(sorted(one["id"] for one in events), [one["id"] for one in events])
        self.assertIn("run-succeeded", {one["kind"] for one in events})

    def test_events_follow(self):
        child = subprocess.Popen(["timeout", str(PATIENCE),
                                  *self.shop.words("events", "shop", "--follow")],
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (child.terminate(), child.communicate()))
        self.assertIn("shop", child.stdout.readline())
        before = self.shop.bough("events", "shop").out.count("set password of shop--cart")
        self.bough(0, "rotate", "shop", "--branch", "cart")
        told = 0
        while told <= before:
            line = child.stdout.readline()
            self.assertTrue(line, "it ended")
            told += "set password of shop--cart" in line

    def test_logs_of_one_branch(self):
        self.assert_says("migration of .*succeeded",
                         self.bough(0, "logs", "shop", "--branch", "cart"))

    def test_the_production_branch_names_production(self):
        for name in ("main", "production"):
            with self.subTest(name):
                done = self.bough(0, "logs", "shop", "--branch", name)
                self.assertRegex(done.out, r"^== run \d+: migration of \w+ \(production\)")
                self.assertNotIn("carts", done.out)

    # Standing

    def test_suspend_and_resume(self):
        variables = self.shop.env("cart")
        self.bough(0, "suspend", "shop", "--branch", "cart")
        self.addCleanup(lambda: self.shop.bough("resume", "shop", "--branch", "cart"))
        self.assert_says("not permitted to log in", try_sql("SELECT 1", variables))
        self.assertEqual("Suspended", self.shop.statuses()["cart"])
        self.bough(0, "apply", "--yes")
        self.assert_says("not permitted to log in", try_sql("SELECT 1", variables))
        self.bough(0, "resume", "shop", "--branch", "cart")
        self.assertEqual([["carts"]], query("SELECT version FROM ledger", variables))
        self.assert_settled(self.shop)

    def test_production_can_be_suspended_by_its_branch(self):
        self.bough(0, "suspend", "shop", "--branch", "main")
        self.addCleanup(lambda: self.shop.bough("resume", "shop", "--branch", "main"))
        self.assertEqual("Suspended", self.shop.statuses()["main"])
        self.bough(0, "resume", "shop", "--branch", "main")
        self.assert_settled(self.shop)

    def test_suspend_needs_a_branch(self):
        self.assert_says("--branch", self.bough(1, "suspend", "shop"))

    # Mistakes

    def test_an_unknown_command_or_option_is_a_usage_error(self):
        for words in (["frobnicate"], ["plan", "--no-such-option"], []):
            with self.subTest(words):
                self.bough(64, *words)

    def complete(self, *words):
        return self.assert_exit(0, run([BOUGH, "__complete", *words])).out.split()

    def test_every_command_has_help_with_an_example(self):
        commands = self.complete("")
        self.assertLess(40, len(commands))
        for command in commands:
            with self.subTest(command):
                self.assertRegex(self.bough(0, command, "--help").out, r"Example:\n  .*\bbough ")

    def test_completion_knows_what_the_help_knows(self):
        for command in self.complete(""):
            with self.subTest(command):
                told = re.findall(r"(?<![\w-])(--[a-z][a-z-]*)", self.bough(0, command, "--help").out)
                self.assertLessEqual(set(told), set(self.complete(command, "-")))

    def test_completion_gives_words_where_only_some_are_right(self):
        for words, expected in (
                (("pl",), ["plan"]),
                (("env", "shop", "--format", "d"), ["dotenv", "docker"]),
                (("--config", "x", "dev", ""), ["start", "stop", "status"]),
                (("completion", ""), ["bash", "zsh", "fish"]),
                (("repo", ""), ["add", "remove"]),
                (("env", "shop", "--br"), ["--branch"]),
                (("plan", "shop", "--branch", "x"), []),
                (("exec", "shop", "--", "ba"), [])):
            with self.subTest(words):
                self.assertEqual(expected, self.complete(*words))

    def test_bash_completes(self):
        script = ('source <(bough completion bash); COMP_WORDS=(bough status sh --w); COMP_CWORD=3; '
                  '_bough; echo "${COMPREPLY[@]}"; complete -p bough')
        folder = os.path.dirname(os.path.realpath(BOUGH))
        done = run(["bash", "-c", script], env={"PATH": f"{folder}:{os.environ['PATH']}"})
        self.assertEqual("--watch\ncomplete -o default -F _bough bough\n", done.out, done)

    def test_history_tells_runs_and_steps_in_order(self):
        kinds = [one["kind"] for one in
                 self.bough(0, "history", "shop", "--branch", "main", "--json").json()["history"]]
        self.assertLess(kinds.index("step-done"), kinds.index("migration"))
        self.assert_says("shop/production/db +migration of [0-9a-f]{7} .run [0-9]+.: succeeded",
                         self.bough(0, "history", "shop"))
        self.assertEqual(1, len(self.bough(0, "history", "shop", "--limit", "1",
                                           "--json").json()["history"]))

    def test_dev_start_gives_a_document(self):
        document = self.bough(0, "dev", "start", "--json").json()
        self.assertIn(("dev-pg15", True), [(one["name"], one["running"])
                                           for one in document["instances"]])

    def test_a_missing_configuration_is_said(self):
        done = run([BOUGH, "--config", "/nonexistent/bough.yaml", "plan"])
        self.assert_says("/nonexistent/bough.yaml", self.assert_exit(1, done))

    def test_an_unknown_key_is_said_with_its_place_and_the_nearest_known_one(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/bough.yaml"
            with open(path, "w", encoding="utf-8") as file:
                file.write("data_dri: x\nrepositories: []\n")
            done = run([BOUGH, "--config", path, "plan"])
            self.assert_says(r"bough\.yaml:1:1: error: .*data_dri.*data_dir",
                             self.assert_exit(1, done))
            self.assertEqual(["bough.yaml"], os.listdir(folder))


class Destroy(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply())

    def destroy(self, *words):
        return self.shop.bough("destroy", "shop", *words)

    def test_a_wrong_name_destroys_nothing(self):
        done = self.assert_exit(1, self.destroy("--branch", "cart", "--confirm", "shop--card"))
        self.assert_says("nothing was destroyed", done)
        self.assertEqual(["shop--cart", "shop-production"], self.shop.databases())

    def test_another_branchs_name_destroys_nothing(self):
        done = self.destroy("--branch", "cart", "--confirm", "shop-production")
        self.assertNotEqual(0, done.status, done)
        self.assertEqual(["shop--cart", "shop-production"], self.shop.databases())

    def test_a_destroyed_database_is_gone_with_its_role(self):
        self.shop.repository.delete("cart")
        self.assert_exit(0, self.destroy("--branch", "cart", "--confirm", "shop--cart"))
        self.assertEqual((["shop-production"],) * 2, (self.shop.databases(), self.shop.roles()))
        self.assert_settled(self.shop)

    def test_a_branch_that_is_still_wanted_gets_a_new_one(self):
        query("INSERT INTO carts VALUES (7)", self.shop.env("cart"))
        self.assert_exit(0, self.destroy("--branch", "cart", "--confirm", "shop--cart"))
        self.assert_exit(0, self.shop.apply())
        self.assertEqual([], query("SELECT * FROM carts", self.shop.env("cart")))
        self.assertEqual(["carts"], self.shop.ledger("shop--cart"))

    def test_production_can_be_destroyed_by_its_typed_name_only(self):
        self.assertNotEqual(0, self.destroy("--branch", "main").status)
        self.assert_exit(0, self.destroy("--branch", "main", "--confirm", "shop-production"))
        self.assertEqual(["shop--cart"], self.shop.databases())


if __name__ == "__main__":
    unittest.main()
