"""What a token's scope does not open: production, and what another scope gave."""

import unittest

from api import ApiTest


class Scopes(ApiTest):
    def test_production_is_not_withdrawn_or_retried_with_the_scope_apply(self):
        for words in (("suspend", "--branch", "main"), ("suspend", "--branch", "production"),
                      ("resume", "--branch", "production"), ("retry", "--branch", "main")):
            with self.subTest(words):
                verb, *rest = words
                done = self.assert_exit(1, self.remote("apply", verb, "shop", *rest))
                self.assert_says("needs the scope admin", done)
        self.assert_exit(0, self.remote("apply", "retry", "shop"))
        self.assert_exit(0, self.remote("admin", "retry", "shop", "--branch", "main"))
        self.assertEqual("Connected", self.shop.statuses()["main"])

    def test_environments_end_with_the_scope_that_gave_them(self):
        for token, mine, sha, other, command in (
                ("approve", "approve", self.pulled, "apply", "preview"),
                ("apply", "preview", self.old, "approve", "approve")):
            self.assert_exit(0, self.remote(token, mine, "shop", "--sha", sha))
            with self.subTest(mine):
                done = self.remote(other, command, "shop", "--sha", sha, "--remove")
                self.assert_says(f"given by bough {mine}", self.assert_exit(4, done))
            self.assert_exit(0, self.remote(token, mine, "shop", "--sha", sha, "--remove"))


if __name__ == "__main__":
    unittest.main()
