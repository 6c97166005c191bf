"""What `bough validate` and `bough schema` say, and how."""

import json
import os
import pty
import re
import subprocess
import tempfile
import unittest

from world import BOUGH, BoughTest, run, spec

WARNED = "name: shop\nDatabases:\n- name: db\n  version: 16\n"


def on_terminal(words, stdin, env):
    """What a command prints to a terminal."""
    outer, inner = pty.openpty()
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=inner, stderr=subprocess.DEVNULL,
                          env={**os.environ, **env}) as child:
        os.close(inner)
        child.stdin.write(stdin.encode())
        child.stdin.close()
        said = b""
        try:
            while part := os.read(outer, 4096):
                said += part
        except OSError:  # a terminal whose other end was closed
            pass
    os.close(outer)
    return said.decode()


class Validate(BoughTest):
    def validate(self, status, *words, stdin=None):
        with tempfile.TemporaryDirectory() as folder:
            done = run([BOUGH, "validate", *words], stdin=stdin, cwd=folder)
        return self.assert_exit(status, done)

    def test_all_errors_in_one_run(self):
        done = self.validate(1, "-", stdin="name: Shop!\ndatabases:\n  - engine: PGX\nx: 1\n")
        self.assertRegex(done.out, r"(?m)^-:3:13: error: .*PGX")
        self.assertEqual(4, len(re.findall(r"(?m)^-:\d+:\d+: error: ", done.out)), done)
        self.assertRegex(done.err, r"4 errors, 0 warnings, 0 notes")

    def test_each_shows_line_and_rule(self):
        done = self.validate(1, "-", stdin="name: shop\ndatabases:\n- {name: db, engine: pg}\n")
        self.assertIn("     3 | - {name: db, engine: pg}\n"
                      "       |                      ^^\n"
                      "       = A word of a fixed list", done.out)

    def test_a_good_spec(self):
        done = self.validate(0, "-", stdin=spec())
        self.assertEqual(("", ""), (done.out, done.err))

    def test_warnings_are_errors_when_strict(self):
        done = self.validate(0, "-", stdin=WARNED)
        self.assertRegex(done.out, "-:2:1: warning: .*Databases")
        self.assertRegex(done.out, "-:4:12: note: ")
        self.assertRegex(self.validate(1, "--strict", "-", stdin=WARNED).out, "-:2:1: error: ")

    def test_json(self):
        document = self.validate(1, "--json", "-", stdin="name: shop\nenvs: 3\n").json()
        self.assertEqual(("1.0", False), (document["format_version"], document["valid"]))
        self.assertEqual((1, 0), (document["errors"], document["warnings"]))
        one = document["diagnostics"][0]
        self.assertEqual({"start": {"line": 2, "column": 7}, "end": {"line": 2, "column": 8}},
                         one["range"])
        self.assertEqual(("-", "wrong-type", "error"), (one["file"], one["code"], one["severity"]))
        for key in ("message", "rule", "fix"):
            self.assertTrue(one[key], one)

    def test_secrets_are_not_shown(self):
        done = self.validate(1, "-", stdin="name: shop\nenvs:\n- {key: A, valu: x, value: hunter2}\n")
        self.assertNotIn("hunter2", done.out + done.err)

    def test_a_configuration(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "bough.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write("repos: []\n")
            done = self.assert_exit(1, run([BOUGH, "validate", path]))
        self.assert_says(r"bough.yaml:1:1: error: unknown key `repos`", done)

    def test_a_missing_file(self):
        self.assert_says("nothing.yaml", self.validate(1, "nothing.yaml"))

    def test_codes_are_explained(self):
        self.assert_says(r"(?s)^unknown-value \(error\).*Fix:.*Example:",
                         self.validate(0, "--explain", "unknown-value"))
        document = self.validate(0, "--json", "--explain", "tab").json()
        self.assertEqual(("tab", "error"), (document["code"], document["severity"]))
        self.assert_says("did you mean unknown-key", self.validate(1, "--explain", "unknow-key"))

    def test_colours_are_for_terminals_that_want_them(self):
        words = [BOUGH, "validate", "-"]
        self.assertIn("\x1b[1;31merror", on_terminal(words, "x: 1\n", {"NO_COLOR": ""}))
        self.assertNotIn("\x1b", on_terminal(words, "x: 1\n", {"NO_COLOR": "1"}))

    def test_schemas_are_json(self):
        for of in ("app", "config"):
            done = self.assert_exit(0, run([BOUGH, "schema", of]))
            self.assertIn("definitions", json.loads(done.out))
        self.assert_exit(64, run([BOUGH, "schema", "other"]))


if __name__ == "__main__":
    unittest.main()
