"""The examples, as their readers would run them."""

import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import unittest  # noqa: E402

import world  # noqa: E402


def files(*folders):
    """The files below these folders, by path; later folders win."""
    return {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
            for folder in map(pathlib.Path, folders)
            for file in sorted(folder.rglob("*")) if file.is_file()}


class QuickstartTest(world.BoughTest):
    def setUp(self):
        parent = tempfile.mkdtemp(prefix="bough-quickstart-", dir=world.scratch())
        self.addCleanup(shutil.rmtree, parent)
        os.chmod(parent, 0o755)
        self.folder = f"{parent}/play"

    def quickstart(self, *words):
        return world.run([ROOT / "examples/quickstart.sh", *words, self.folder],
                         env={"BOUGH": os.path.abspath(world.BOUGH)}, cwd="/")

    def test_shows_the_main_job_and_cleans_up(self):
        self.addCleanup(self.quickstart, "--clean")
        done = self.assert_exit(0, self.quickstart())
        for said in (r"Plan: 10 to create, .* 6 commands to run, 0 refused",
                     r"Applied: 16 steps done, 0 failed, 0 refused",
                     r"No changes. Live state matches Git",
                     r"\| price \n",
                     r"\| price \| stock \n",
                     r"\| price \| reviews \| stars \n",
                     r"\| price \| wished \n",
                     r"feature/stock .* Held ",
                     r"wishlist .* Connected .* migration succeeded"):
            self.assert_says(said, done)
        self.assert_exit(0, self.quickstart("--clean"))
        self.assertFalse(os.path.exists(self.folder))
        self.assertEqual({}, world.processes_with(self.folder))

    def test_leaves_a_folder_alone_that_is_not_its_own(self):
        os.mkdir(self.folder)
        for words in ([], ["--clean"]):
            with self.subTest(words):
                done = self.assert_exit(1, self.quickstart(*words))
                self.assert_says("is not a quickstart's", done)
                self.assertTrue(os.path.isdir(self.folder))


class NodePgMigrateTest(world.BoughTest):
    EXAMPLE = ROOT / "examples/node-pg-migrate"
    COLUMNS = {"main": ["id", "title", "done"],
               "due-dates": ["id", "title", "done", "due"],
               "feature/labels": ["id", "title", "done", "colour"]}

    def branch_files(self, *folders):
        """An example's files; where this machine needs it, with its own certificate authority."""
        found = files(self.EXAMPLE / "app", *folders)
        authority = os.environ.get("NODE_EXTRA_CA_CERTS")
        if authority:
            found["app.yaml"] += ("envs:\n  - key: NODE_EXTRA_CA_CERTS\n"
                                  f"    value: {json.dumps(authority)}\n")
        return found

    def test_every_branch_has_its_own_history(self):
        here = self.world()
        here.repository.push("main", self.branch_files())
        for branch in ("due-dates", "feature/labels"):
            overlay = self.EXAMPLE / "branches" / branch
            here.repository.push(branch, self.branch_files(overlay), base="main")
        self.assert_exit(0, here.apply())
        for branch, columns in self.COLUMNS.items():
            with self.subTest(branch):
                env = here.env(None if branch == "main" else branch)
                rows = world.query("SELECT attname FROM pg_attribute WHERE attnum > 0 AND"
                                   " attrelid = 'tasks'::regclass ORDER BY attnum", env)
                self.assertEqual(columns, [row[0] for row in rows])
        self.assert_settled(here)

    def test_the_lock_file_fits_the_manifest(self):
        manifest = json.loads((self.EXAMPLE / "app/package.json").read_text(encoding="utf-8"))
        lock = json.loads((self.EXAMPLE / "app/package-lock.json").read_text(encoding="utf-8"))
        self.assertEqual(manifest["dependencies"], lock["packages"][""]["dependencies"])
        for version in manifest["dependencies"].values():
            self.assertTrue(re.fullmatch(r"\d+\.\d+\.\d+", version), version)


if __name__ == "__main__":
    unittest.main()
