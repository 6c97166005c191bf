"""Passwords appear where they are asked for, and nowhere else."""

import os
import subprocess
import threading
import unittest

from world import BoughTest, World, app, command_lines

BRANCHES = ("main", "cart", "feature/login")
LEAKY = ("env; echo \"$DATABASE_URL\"; echo \"half: ${PGPASSWORD%????????}\" | cut -c 1-6;"
         " echo \"$PGPASSWORD\" >&2; psql -q -f schema.sql")


class Secrets(BoughTest):
    @classmethod
    def setUpClass(cls):
        cls.shop = World()
        cls.addClassCleanup(cls.shop.close)
        cls.shop.repository.push_all({name: app(f"t{number}", migrate=LEAKY, build=LEAKY[:-26])
                                      for number, name in enumerate(BRANCHES)})
        cls.planned = cls.shop.bough("plan", "--json")
        cls.seen, cls.applied = cls.watched("apply", "--yes")
        cls.seen_json, _ = cls.watched("retry", "--json")
        cls.passwords = [cls.shop.env(name)["PGPASSWORD"] for name in BRANCHES]
        cls.passwords.append(cls.shop.password())

    @classmethod
    def watched(cls, *words):
        """Every command line that was seen while bough ran, and the outcome."""
        lines, done = set(), threading.Event()

        def watch():
            while not done.is_set():
                lines.update(command_lines().values())

        watcher = threading.Thread(target=watch)
        watcher.start()
        outcome = cls.shop.bough(*words)
        done.set()
        watcher.join()
        return "\n".join(lines), outcome

    def assert_clean(self, text, where):
        for number, password in enumerate(self.passwords):
            self.assertNotIn(password, text, f"password {number} in {where}")

    def test_the_commands_did_print_them(self):
        self.assert_exit(0, self.applied)
        self.assertIn("PGPASSWORD=", self.applied.out)
        self.assertEqual(len(self.passwords), len(set(self.passwords)))

    def test_row_55_documents(self):
        self.shop.repository.push("later", app("later"))
        self.addCleanup(self.shop.repository.delete, "later")
        for words in (["plan"], ["plan", "--json"], ["plan", "--markdown"], ["status"],
                      ["status", "--json"], ["events"], ["events", "--json"], ["logs"],
                      ["logs", "--json"], ["instances"], ["instances", "--json"], ["doctor"],
                      ["dev", "status"], ["test", "dev-pg15"]):
            with self.subTest(words):
                done = self.shop.bough(*words)
                self.assert_clean(done.out + done.err, " ".join(words))
        self.assert_clean(self.planned.out, "the first plan")

    def test_output_of_apply(self):
        self.assert_clean(self.applied.out + self.applied.err, "apply")

    def test_process_list(self):
        self.assertIn("psql", self.seen)
        self.assert_clean(self.seen + self.seen_json, "the process list")

    def test_process_list_of_exec_and_connect(self):
        seen, done = self.watched("connect", "shop", "--", "-qc", "SELECT pg_sleep(0.5)")
        self.assert_exit(0, done)
        self.assert_clean(seen, "the process list")

    def test_row_55_files(self):
        found = 0
        for folder, _, names in os.walk(self.shop.data):
            for name in names:
                found += 1
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        self.assert_clean(file.read().decode("latin-1"), path)
        self.assertGreater(found, 100)

    def test_the_key_is_its_owners_alone(self):
        self.assertEqual(0o600, os.stat(f"{self.shop.data}/key").st_mode & 0o777)
        run_logs = f"{self.shop.data}/runs"
        self.assertEqual(0o700, os.stat(run_logs).st_mode & 0o777)

    def test_env_on_a_terminal_masks_them(self):
        done = subprocess.run(["script", "-qec", " ".join(self.shop.words("env", "shop")),
                               "/dev/null"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                              timeout=60, check=True)
        self.assertIn(b"********", done.stdout)
        self.assert_clean(done.stdout.decode(), "env on a terminal")

    def test_a_branchs_commands_cannot_read_the_installations_files(self):
        peek = (f"ls {self.shop.data}/mirrors; cat {self.shop.data}/key {self.shop.config}"
                f" {self.shop.data}/runs/*;"
                " cat /proc/1/environ | tr '\\0' '\\n'; psql -q -f schema.sql")
        self.shop.repository.push("peek", app("peeks", migrate=peek))
        done = self.assert_exit(0, self.shop.apply("--branch", "peek"))
        with open(f"{self.shop.data}/key", encoding="utf-8") as file:
            self.assertNotIn(file.read().strip(), done.out)
        self.assertNotIn("repositories:", done.out, "its configuration")
        self.assertNotIn("shop.git", done.out.replace(peek, ""))


if __name__ == "__main__":
    unittest.main()
