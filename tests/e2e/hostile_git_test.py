"""What repositories and Git's own settings may hold, by the rows of docs/security.md."""

import os
import re
import unittest

from world import BoughTest, app, query, run, spec


class HostileGit(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.repository = self.shop.repository
        self.repository.push("main", app("orders"))

    def test_row_26_names_that_differ_hardly_get_databases_of_their_own(self):
        long = "m" * 62
        names = ["feature/A", "feature/a", "feature-a", "a/b", "a-b", "A-b", long + "x", long + "y"]
        self.repository.push_all({name: app(f"t{number}") for number, name in enumerate(names)})
        self.assert_exit(0, self.shop.apply())
        databases = [one for one in self.shop.databases() if one != "shop-production"]
        self.assertEqual(len(names), len({one.lower() for one in databases}))
        self.assertEqual({f"t{number}" for number in range(len(names))},
                         {self.shop.ledger(one)[0] for one in databases})

    def test_row_27_a_branch_may_become_the_folder_of_another(self):
        self.repository.push("a", app("carts"))
        self.assert_exit(0, self.shop.apply())
        self.repository.delete("a")
        self.repository.push("a/b", app("hits"))
        self.assert_exit(0, self.shop.apply())
        statuses = self.shop.statuses()
        self.assertEqual(("Held", "Connected"), (statuses["a"], statuses["a/b"]))

    def test_row_28_a_tag_triggers_no_branch_of_its_name(self):
        self.repository.push("other", app("carts"))
        self.repository.git("tag", "main", "other")
        self.repository.git("tag", "v1", "other")
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(["shop--other", "shop-production"], self.shop.databases())
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))

    def test_row_29_a_branch_that_returns_with_another_history_is_announced(self):
        self.repository.push("cart", app("carts"), base="main")
        self.assert_exit(0, self.shop.apply())
        query("INSERT INTO carts VALUES (7)", self.shop.env("cart"))
        self.repository.delete("cart")
        self.assert_exit(0, self.shop.apply())
        self.repository.push("cart", app("hits"))  # an orphan: no base
        planned = self.shop.bough("plan")
        self.assert_says(r"shop--cart.*\n?.*(held|returned|is back|wanted again)", planned)
        self.assertEqual("Held", self.shop.statuses()["cart"])  # planning did nothing
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(["carts", "hits"], self.shop.ledger("shop--cart"))

    def test_row_30_each_odd_commit_has_a_defined_state(self):
        self.repository.push("cart", app("carts"))
        self.assert_exit(0, self.shop.apply())
        self.repository.git("update-ref", "-d", "refs/heads/cart")
        self.repository.push("cart", app("hits"))  # as a forced push of an orphan
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(["carts", "hits"], self.shop.ledger("shop--cart"))
        for files, status, says in (
                ({}, 0, "No changes"), ({"README": "no spec"}, 0, "No changes"),
                ({"app.yaml/x": "a folder"}, 1, "app.yaml is a folder, not a plain file")):
            self.repository.push("cart", files)
            self.assert_says(says, self.assert_exit(status, self.shop.apply()))
            self.assertEqual(["carts", "hits"], self.shop.ledger("shop--cart"), files)

    def test_row_31_a_spec_that_is_a_link_is_not_followed(self):
        with open(f"{self.shop.home}/outside.yaml", "w", encoding="utf-8") as file:
            file.write(spec())
        for target in (f"{self.shop.home}/outside.yaml", "/etc/passwd", "..", "app.yaml"):
            self.repository.git(
                "fast-import", "--quiet", "--force", stdin=(
                    "commit refs/heads/link\ncommitter T <t@example.com> 1700000000 +0000\n"
                    f"data 1\nx\nM 120000 inline app.yaml\ndata {len(target)}\n{target}\n"))
            done = self.assert_exit(0, self.shop.bough("plan"))
            self.assert_says("app.yaml.*link", done)
            self.assertNotIn("root:", done.out + done.err)

    def test_row_32_a_spec_is_read_from_its_bytes_or_refused(self):
        text = spec(migrate=None)
        read = {"crlf": text.replace("\n", "\r\n"), "bom": "\ufeff" + text}
        refused = {"lfs": "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 +
                          "\nsize 12\n"}
        attributes = {".gitattributes": "app.yaml filter=evil text eol=lf working-tree-encoding=x\n"}
        self.repository.push_all({name: {"app.yaml": one, **attributes}
                                  for name, one in {**read, **refused}.items()})
        self.assert_says(r"shop/lfs: app\.yaml:\d+:\d+: error: ",
                         self.assert_exit(1, self.shop.apply()))
        self.assertEqual(["shop--bom", "shop--crlf", "shop-production"], self.shop.databases())

    def test_row_33_submodules_are_not_fetched(self):
        marks = f"{self.shop.home}/ran"
        modules = "".join(f'[submodule "{name}"]\n\tpath = {path}\n\turl = {url}\n' for name, path, url
                          in (("a", "a", f"ext::sh -c touch% {marks}"),
                              ("b", "b", f"file://{self.shop.home}/shop.git"),
                              ("../../.git/hooks", "c", f"-oProxyCommand=touch {marks}"),
                              ("d", "d\r", f"ssh://-oProxyCommand=touch%20{marks}/x")))
        files = app("carts")
        self.repository.push("cart", {**files, ".gitmodules": modules})
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(["carts"], self.shop.ledger("shop--cart"))
        self.assertFalse(os.path.exists(marks))

    def test_row_34_git_settings_of_repository_and_user_are_inert(self):
        home, marks = f"{self.shop.home}/home", f"{self.shop.home}/ran"
        program = f"{self.shop.home}/program"
        with open(program, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\ntouch {marks}\n")
        os.chmod(program, 0o755)
        os.mkdir(home)
        elsewhere = f"{self.shop.home}/nowhere"
        settings = (f"[core]\n\tfsmonitor = {program}\n\tsshCommand = {program}\n\tpager = {program}\n"
                    f"\thooksPath = {self.shop.home}\n[credential]\n\thelper = {program}\n"
                    f"[include]\n\tpath = {home}/more\n"
                    f'[url "{elsewhere}"]\n\tinsteadOf = file://\n'
                    f"[uploadpack]\n\tpackObjectsHook = {program}\n"
                    f"[filter \"x\"]\n\tsmudge = {program}\n\trequired = true\n")
        for path in (f"{home}/.gitconfig", f"{home}/more"):
            with open(path, "w", encoding="utf-8") as file:
                file.write(settings)
        for name in ("core.fsmonitor", "core.sshCommand", "uploadpack.packObjectsHook"):
            self.repository.git("config", name, program)
        for hook in ("post-checkout", "pre-receive", "reference-transaction", "post-index-change"):
            os.symlink(program, f"{self.repository.folder}/hooks/{hook}")
        self.repository.push("cart", {**app("carts"), ".gitattributes": "* filter=x\n"})
        if os.path.exists(marks):  # by the push itself
            os.remove(marks)
        ambient = {"HOME": home, "XDG_CONFIG_HOME": home, "GIT_CONFIG_GLOBAL": f"{home}/.gitconfig",
                   "GIT_CONFIG_SYSTEM": f"{home}/.gitconfig", "GIT_DIR": "/nowhere",
                   "GIT_SSH_COMMAND": program, "GIT_ASKPASS": program, "GIT_EXTERNAL_DIFF": program}
        self.assert_exit(0, self.shop.bough("apply", "--yes", env=ambient))
        self.assertEqual(["carts"], self.shop.ledger("shop--cart"))
        self.assertFalse(os.path.exists(marks))

    def test_row_40_an_emptied_repository_loses_nothing(self):
        self.repository.push("cart", app("carts"))
        self.assert_exit(0, self.shop.apply())
        self.repository.delete("cart", "main")
        done = self.shop.bough("plan", "--json").json()
        self.assertEqual(([], []), (done["changes"], done["held"]))

    def test_row_45_a_full_disk_during_a_fetch_loses_nothing(self):
        large = self.repository.push("large", {**app("carts"), "large": os.urandom(3 << 20).hex()})
        self.repository.delete("large")
        folder, data = self.repository.folder, self.shop.data
        os.makedirs(data)
        plan = " ".join(self.shop.words("plan"))
        script = f"""
            dd if=/dev/zero of={data}/filler bs=1M count=6 status=none
            {plan}; echo "first: $?"
            git --git-dir={folder} update-ref refs/heads/large {large}
            {plan}; echo "full: $?"
            rm {data}/filler
            {plan}; echo "free again: $?"
            """
        done = run(["bwrap", "--dev-bind", "/", "/", "--size", str(8 << 20), "--tmpfs", data,
                    "sh", "-c", script])
        first, full, again = re.split(r"(?:first|full): \d\n", done.out)
        self.assertIn("shop-production", first, done)
        self.assertRegex(done.out + done.err, "(?i)no space left")
        self.assertNotIn("shop--large", full, done)
        self.assertIn("shop--large", again, done)
        self.assertIn("free again: 0", again, done)


if __name__ == "__main__":
    unittest.main()
