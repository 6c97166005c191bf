"""The API of a daemon: the same documents as the command line, for whom may have them."""

import json
import os
import re
import ssl
import subprocess
import unittest

import jsonschema

from api import ApiTest, mask
from world import app, query, spec

SHA = "0" * 40


class Answers:
    """How each operation of the table is compared: the words of the command, and what is to be
    done before and after it, so that it can be done twice."""

    def __init__(self, test):
        self.test, self.shop = test, test.shop
        with open(f"{self.shop.home}/app.yaml", "w", encoding="utf-8") as file:
            file.write("name: shop\ndatabases:\n  - nam: db\n")

    def once(self, *words, before=(), after=()):
        for each in before:
            self.test.assert_exit(0, self.shop.bough(*each))
        return words, after

    def adoptable(self):
        self.shop.repository.push("old", {"app.yaml": spec(migrate=None)})
        self.shop.psql("CREATE ROLE boss; CREATE DATABASE theirs OWNER boss")

    def forget_adoptable(self):
        self.shop.repository.delete("old")
        self.shop.psql("DROP DATABASE IF EXISTS theirs; DROP ROLE boss")

    def words(self):
        """By operation: how to prepare, the words, how to clean up."""
        url = f"file://{self.shop.repository.folder}"
        extra = ("repo", "add", "extra", url)
        gone = ("repo", "remove", "extra")
        link = ("link", "team", "postgresql://x@127.0.0.1:1/postgres", "--untried")
        unlink = ("unlink", "team")
        cart = ("--branch", "cart")
        resume = ("resume", "shop", *cart)
        adopt = ("adopt", "shop", "--database", "theirs", "--branch", "old")
        run = self.shop.bough("logs", "shop", "--json").lines()[0]["id"]
        return {
            "plan": ((), ("plan", "shop"), ()),
            "apply": ((), ("apply", "shop", "--yes"), ()),
            "retry": ((), ("retry", "shop"), ()),
            "rehearse": ((), ("rehearse", "shop", *cart), ()),
            "approve": ((), ("approve", "shop", "--sha", self.test.pulled),
                        (("approve", "shop", "--sha", self.test.pulled, "--remove"),)),
            "preview": ((), ("preview", "shop", "--sha", self.test.old),
                        (("preview", "shop", "--sha", self.test.old, "--remove"),)),
            "suspend": ((), ("suspend", "shop", *cart), (resume,)),
            "resume": ((("suspend", "shop", *cart),), resume, ()),
            "refresh": ((), ("refresh", "shop"), ()),
            "destroy": ((), ("destroy", "shop", *cart, "--confirm", "shop--cart"),
                        (("apply", "shop", "--yes"),)),
            "upgrade": ((), ("upgrade", "shop", "--to", "15"), ()),
            "promote": ((), ("promote", "shop", "--to", "dev-pg15"), ()),
            "dumps": ((), ("dumps", "shop"), ()),
            "restore": ((("suspend", "shop", *cart),), ("restore", "shop", *cart), ()),
            "confirm": ((), ("confirm", "shop"), ()),
            "reset": ((), ("reset", "shop", *cart), ()),
            "adoption": ((self.adoptable,), (*adopt, "--dry-run"), (self.forget_adoptable,)),
            "adopt": ((self.adoptable,), (*adopt, "--yes"),
                      (("destroy", "shop", "--branch", "old", "--confirm", "theirs"),
                       self.forget_adoptable)),
            "rotate": ((), ("rotate", "shop", *cart), ()),
            "status": ((), ("status", "shop"), ()),
            "runs": ((), ("logs", "shop"), ()),
            "log": ((), ("logs", "shop", "--run", str(run), "--follow"), ()),
            "events": ((), ("events", "shop", "--limit", "5"), ()),
            "history": ((), ("history", "shop", *cart, "--limit", "5"), ()),
            "env": ((), ("env", "shop", *cart), ()),
            "report-build": ((), ("report-build", "shop", "--commit", SHA, "--name", "ci", "--state",
                                  "succeeded", "--url", "https://ci.example.com/7"), ()),
            "repo-add": ((), extra, (gone,)),
            "repo-remove": ((extra,), gone, ()),
            "link": ((), link, (unlink,)),
            "unlink": ((link,), unlink, ()),
            "assign": ((extra, link), ("assign", "extra", "team"),
                       (("unassign", "extra"), unlink, gone)),
            "unassign": ((extra, link, ("assign", "extra", "team")), ("unassign", "extra"),
                         (unlink, gone)),
            "export": ((), ("export",), ()),
            "instances": ((), ("instances",), ()),
            "test": ((), ("test", "dev-pg15"), ()),
            "doctor": ((), ("doctor",), ()),
            "webhooks": ((), ("webhooks", "shop"), ()),
            "webhooks-test": ((), ("webhooks", "shop", "test"), ()),
            "validate": ((), ("validate", f"{self.shop.home}/app.yaml"), ()),
            "schema": ((), ("schema", "app"), ()),
            "explain": ((), ("validate", "--explain", "unknown-key"), ()),
            "version": ((), ("version",), ()),
            "openapi": ((), ("schema", "api"), ()),
        }


class SameDocuments(ApiTest):
    def both(self, name, form):
        """What an operation comes to here and at the daemon."""
        before, words, after = self.words[name]
        results = []
        for where in ((), self.at("admin")):
            for each in before:
                self.carry_out(each)
            results.append(self.shop.bough(*where, *form, *words))
            for each in after:
                self.carry_out(each)
        return results

    def carry_out(self, each):
        if callable(each):
            each()
        else:
            self.assert_exit(0, self.remote("admin", *each))

    def test_every_operation_gives_the_same_here_and_at_the_daemon(self):
        self.words = Answers(self).words()
        self.assertEqual(set(self.operations()), set(self.words), "each needs a comparison")
        for name in self.words:
            for form in (("--json",), ()):
                with self.subTest(name, form=form):
                    here, there = self.both(name, form)
                    self.assertEqual((here.status, mask(here.out), mask(here.err)),
                                     (there.status, mask(there.out), mask(there.err)))
                    self.assertTrue(here.out or here.err, here)

    def test_every_document_is_as_described(self):
        described = self.description()["components"]
        self.words = Answers(self).words()
        for name, (method, path, operation) in self.operations().items():
            if name in ("schema", "openapi", "log", "promote"):
                continue
            schema = {"$ref": f"#/components/schemas/{operation['x-bough-document']}",
                      "components": described}
            with self.subTest(name):
                done = self.both(name, ("--json",))[1]
                lines = name in ("apply", "rehearse", "retry", "suspend", "resume", "refresh",
                                 "rotate", "destroy", "upgrade", "restore", "confirm", "reset", "adopt")
                document = done.lines()[-1] if lines else None
                if name == "runs":
                    document = {"format_version": "1.0", "runs": done.lines()}
                elif name == "events":
                    document = {"format_version": "1.0", "events": done.lines()}
                elif name == "env":
                    document = {"format_version": "1.0", "repository": "shop",
                                "variables": done.json(), "secret": []}
                jsonschema.validate(document or done.json(), schema)

    def test_a_saved_plan_is_applied_at_the_daemon(self):
        plan = f"{self.shop.home}/saved.plan"
        self.shop.repository.push("later", app("late"))
        self.addCleanup(self.forget, "later")
        self.assert_exit(0, self.remote("plan", "plan", "shop", "--out", plan))
        done = self.assert_exit(0, self.remote("apply", "apply", plan))
        self.assert_says("Applied: [1-9]", done)
        self.assert_exit(3, self.remote("apply", "apply", plan))

    def forget(self, branch):
        self.shop.repository.delete(branch)
        self.remote("admin", "destroy", "shop", "--branch", branch, "--confirm", f"shop--{branch}")

    def test_exec_runs_here_with_the_variables_of_there(self):
        done = self.remote("apply", "exec", "shop", "--branch", "cart", "--", "sh", "-c",
                           "echo $PGDATABASE")
        self.assertEqual((0, "shop--cart\n"), (done.status, done.out), done)
        query("SELECT 1", json.loads(self.remote("apply", "env", "shop", "--branch", "cart",
                                                 "--format", "json").out))

    def test_what_is_about_this_machine_says_so(self):
        for words in (("dev", "status"), ("serve",), ("plan", "shop", "--local", self.shop.home)):
            with self.subTest(words):
                done = self.assert_exit(1, self.remote("admin", *words))
                self.assert_says("this machine.*--server", done)


class Secure(ApiTest):
    """Over TLS."""

    @classmethod
    def certificate(cls, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                        f"{cls.shop.home}/{name}.key", "-out", f"{cls.shop.home}/{name}.pem",
                        "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)

    @classmethod
    def configure(cls, store):
        super().configure(store)
        cls.certificate("ours")
        cls.certificate("other")
        with open(cls.shop.config, "a", encoding="utf-8") as file:
            file.write("tls: {certificate: {file: ours.pem}, key: {file: ours.key}}\n")

    @classmethod
    def trust(cls):
        return ssl.create_default_context(cafile=f"{cls.shop.home}/ours.pem")

    def status(self, *words):
        return self.shop.bough(*self.at("read"), *words, "status")

    def test_the_authority_is_checked(self):
        self.assert_exit(0, self.status("--ca-cert", f"{self.shop.home}/ours.pem"))
        for words in ((), ("--ca-cert", f"{self.shop.home}/other.pem")):
            self.assert_says("(?i)certificate", self.assert_exit(1, self.status(*words)))
        self.assert_says("(?i)certificate", self.assert_exit(1, self.status("--ca-cert", "/none")))

    def test_plain_http_is_no_answer(self):
        plain = self.base.replace("https:", "http:")
        done = self.shop.bough("--server", plain, "--token-file", f"{self.shop.home}/token-read",
                               "status")
        self.assert_says(plain, self.assert_exit(1, done))


class Description(ApiTest):
    """Against the official schema, as a validator from npm knows it."""

    PACKAGE = "@seriousme/openapi-schema-validator@2.11.0"

    def test_it_is_openapi(self):
        folder = f"{self.shop.home}/npm"
        os.mkdir(folder)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix",
                        folder, self.PACKAGE], check=True, timeout=300, stdout=subprocess.DEVNULL)
        for name, text in (("good", self.ask("GET", "/v1/openapi.json", "read")[2]),
                           ("bad", json.dumps(self.description() | {"paths": 1}))):
            with open(f"{folder}/{name}.json", "w", encoding="utf-8") as file:
                file.write(text)
            said = subprocess.run([f"{folder}/node_modules/.bin/validate-api",
                                   f"{folder}/{name}.json"], capture_output=True, timeout=60,
                                  check=False).stdout
            self.assertIs(name == "good", json.loads(said)["valid"], said)


class Doors(ApiTest):
    """Who may do what."""

    INCLUDES = {"read": {"read"}, "plan": {"read", "plan"}, "approve": {"read", "approve"},
                "apply": {"read", "plan", "apply"},
                "admin": {"read", "plan", "approve", "apply", "admin"}}

    def test_each_scope_opens_what_it_should(self):
        for name, (method, path, operation) in self.operations().items():
            for token, scopes in self.INCLUDES.items():
                asked = re.sub(r"\{\w+\}", "nothing", path)
                # A wrong query is told of only to who may ask, and then nothing is done.
                status, _, said = self.ask(method, f"{asked}?no-such=1", token)
                expected = 400 if operation["x-bough-scope"] in scopes else 403
                with self.subTest(name, token=token):
                    self.assertEqual(expected, status, said)

    def test_a_token_for_some_repositories_opens_nothing_else(self):
        for name, (method, path, operation) in self.operations().items():
            asked = re.sub(r"\{\w+\}", "nothing", path) + "?no-such=1"
            whole = "for all repositories" in operation["description"]
            with self.subTest(name):
                self.assertEqual(403 if whole else 400, self.ask(method, asked, "shop-admin")[0])
        seen = json.loads(self.ask("GET", "/v1/status", "shop-admin")[2])
        self.assertEqual(["shop"], [one["name"] for one in seen["repositories"]])

    def test_production_is_for_admins(self):
        self.assert_says("scope admin", self.assert_exit(1, self.remote("apply", "env", "shop")))
        self.assert_exit(0, self.remote("admin", "env", "shop"))
        done = self.remote("admin", "destroy", "shop", "--confirm", "shop-production")
        self.assert_says("on the machine of bough itself", self.assert_exit(4, done))

    def test_row_97_without_a_token_nothing_is_told(self):
        seen = set()
        for path in ("/v1/status", "/v1/nothing", "/v1/openapi.json", "/v1/repositories/shop/env"):
            for token in (None, "wrong", "Basic"):
                status, headers, body = self.ask("GET", path, token)
                self.assertEqual((401, "Bearer"), (status, headers["WWW-Authenticate"]))
                seen.add(body)
        self.assertEqual(1, len(seen), seen)

    BODY = {"confirm": "x", "name": "x", "commit": SHA, "state": "succeeded", "instance": "x",
            "branch": "x", "sha": SHA, "database": "x"}

    def about(self, repository, method, path, operation):
        """The answer to a question about a repository, its name aside; None without a place for
        the name."""
        asked = path.replace("{repository}", repository).replace("{run}", "1")
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        if asked == path and "repository" not in named:
            return None
        asked += f"?repository={repository}" if asked == path else ""
        asked += "".join(f"&{one['name']}={self.BODY[one['name']]}"
                         for one in operation.get("parameters", ())
                         if one["in"] == "query" and one.get("required"))
        asked = asked if "?" in asked else asked.replace("&", "?", 1)
        needed = operation.get("requestBody", {"content": {"application/json": {"schema": {}}}})
        needed = needed["content"]["application/json"]["schema"].get("required", ())
        body = {key: self.BODY[key] for key in needed} if method != "GET" else None
        status, headers, said = self.ask(method, asked, "shop-admin", body)
        return status, sorted(headers.items()), said.replace(repository, "NAME")

    def test_row_97_a_foreign_repository_is_like_none_at_all(self):
        """The token sees shop only; store is there, nopee is not."""
        for name, (method, path, operation) in self.operations().items():
            foreign = self.about("store", method, path, operation)
            with self.subTest(name):
                self.assertEqual(foreign, self.about("nopee", method, path, operation))
                if foreign:
                    self.assertIn(foreign[0], (403, 404), foreign)

    def test_row_97_paths_do_not_climb(self):
        for path in ("/v1/repositories/..%2f..%2fshop/env", "/v1/repositories/../status",
                     "/v1/repositories/shop/runs/..%2f1/log", "/v1/repositories/%00/webhooks",
                     "/v1//status", "/v1/repositories/shop/runs/-1/log"):
            with self.subTest(path):
                self.assertIn(self.ask("GET", path, "admin")[0], (400, 404))

    def test_row_97_a_browser_form_does_nothing(self):
        for content in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
            headers = {"Content-Type": content, "Origin": "https://evil.example.com",
                       "Cookie": "token=" + self.TOKENS["admin"]}
            status, answered, _ = self.ask("POST", "/v1/apply", None, b"{}", headers)
            self.assertEqual(401, status)
            status, answered, _ = self.ask("POST", "/v1/apply", "admin", b"{}", headers)
            self.assertEqual(415, status)
            self.assertFalse([one for one in answered if one.startswith("Access-Control")])

    def test_wrong_requests_are_told_apart(self):
        for method, path, body, expected in (
                ("PUT", "/v1/status", None, 405), ("OPTIONS", "/v1/status", None, 405),
                ("GET", "/v1/nothing", None, 404), ("GET", "/v1", None, 404),
                ("GET", "/v1/status?x=1", None, 400), ("GET", "/v1/status?repository=%zz", None, 400),
                ("GET", "/v1/events?limit=x", None, 400), ("GET", "/v1/events?limit=-1", None, 400),
                ("POST", "/v1/test", b"[]", 400), ("POST", "/v1/test", b"{", 400),
                ("POST", "/v1/test", {"target": 1}, 400), ("POST", "/v1/test", {}, 400),
                ("POST", "/v1/test", b"[" * 100_000, 400),
                ("POST", "/v1/test", b'{"target": "' + b"x" * (1 << 20) + b'"}', 413),
                ("GET", "/v1/codes/nothing", None, 400)):
            status, headers, said = self.ask(method, path, "admin", body)
            with self.subTest(path, method=method):
                self.assertEqual(expected, status, said)
                if expected == 405:
                    self.assertEqual("GET", headers["Allow"])
                if expected not in (413,) and path != "/v1":
                    self.assertEqual("application/problem+json", headers["Content-Type"])
                    problem = json.loads(said)
                    self.assertEqual(expected, problem["status"])
                    self.assertEqual(problem["detail"], problem["message"])

    def test_row_99_only_health_is_for_everybody(self):
        for path, expected in (("/healthz", 200), ("/readyz", 200), ("/metrics", 401),
                               ("/v1/version", 401), ("/", 404), ("/hooks/x", 404)):
            self.assertEqual(expected, self.ask("GET", path, None)[0], path)

    def test_row_22_guessing_hooks_tells_nothing(self):
        answers = {self.ask("POST", path, None, b"{}")[2]
                   for path in ("/hooks/x", "/hooks/" + "a" * 32, "/hooks/shop")}
        self.assertEqual(1, len(answers), answers)

    def test_wrong_servers_and_tokens_are_said(self):
        def done(url, *words, env=None):
            return self.assert_exit(1, self.shop.bough("--server", url, *words, "version", env=env))
        wrong = f"{self.shop.home}/wrong"
        with open(wrong, "w", encoding="utf-8") as file:
            file.write("no token of theirs\n")
        self.assert_says("BOUGH_TOKEN", done(self.base, env={"BOUGH_TOKEN": ""}))
        self.assert_says("no token has", done(self.base, "--token-file", wrong))
        env = {"BOUGH_TOKEN": "wrong"}
        self.assert_says("token is missing or wrong", done(self.base, env=env))
        self.assert_says("(?i)127.0.0.1:1.*connect", done("http://127.0.0.1:1", env=env))
        self.assert_says("http:// or https://", done("ftp://x", env=env))
        self.assert_says("(?i)no-such-host", done("http://no-such-host.invalid", env=env))

    def test_who_changed_what_is_noted(self):
        self.assert_exit(0, self.remote("apply", "suspend", "shop", "--branch", "cart"))
        self.assert_exit(0, self.shop.bough("resume", "shop", "--branch", "cart"))
        self.remote("read", "status")
        said = [one["message"] for one in self.remote("read", "events", "--json").lines()
                if one["kind"] == "api"][-2:]
        self.assertEqual("suspend shop by token apply: done", said[0])
        self.assertRegex(said[1], "^resume shop by local .+: done$")

    def test_failed_logins_are_counted(self):
        self.ask("GET", "/v1/status", "wrong")
        text = self.ask("GET", "/metrics", "read")[2]
        self.assertRegex(text, r'bough_api_requests_total\{operation="",status="401"\} [1-9]')


if __name__ == "__main__":
    unittest.main()
