"""An apply over HTTP whose branch moves on while it builds."""

import hashlib
import hmac
import json
import subprocess
import unittest

from api import ApiTest
from world import spec, wait_until


class Outdated(ApiTest):
    def states(self, kind):
        """Of the branch's runs, the first one first."""
        found = self.shop.environments().get("slow", {"runs": []})["runs"]
        return [run["state"] for run in reversed(found) if run["kind"] == kind]

    def announce(self, branch):
        """A push, as the Git host tells it."""
        hooks = self.shop.bough("webhooks", "shop", "--json").json()["webhooks"]
        body = json.dumps({"ref": f"refs/heads/{branch}", "before": "0" * 40,
                           "after": self.shop.repository.tip(branch)}).encode()
        signature = hmac.new(b"secret of the hook", body, hashlib.sha256).hexdigest()
        status, _, said = self.ask("POST", hooks[0]["path"], None, body, {
            "X-GitHub-Event": "push", "X-Hub-Signature-256": "sha256=" + signature})
        self.assertEqual(202, status, said)

    def test_its_build_ends_when_a_newer_commit_is_pushed(self):
        self.shop.repository.push("slow", {"app.yaml": spec(build="sleep 600", migrate="true")})
        asked = subprocess.Popen(
            self.shop.words(*self.at("apply"), "apply", "shop", "--yes"), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(lambda: (asked.kill(), asked.wait(), asked.stdout.close()))
        wait_until(lambda: self.states("build") == ["running"], "the build runs")
        self.shop.repository.push("slow", {"app.yaml": spec(build="true", migrate="true")})
        self.announce("slow")
        said, _ = asked.communicate(timeout=60)
        self.assertEqual(1, asked.returncode, said)
        self.assertIn("build cancelled", said)
        wait_until(lambda: self.states("migration")[-1:] == ["succeeded"], "the newer one is done")
        self.assertEqual(["cancelled", "succeeded"], self.states("build"))


if __name__ == "__main__":
    unittest.main()
