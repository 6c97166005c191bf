"""Who may connect to dev instances from other machines."""

import re
import socket
import unittest

from world import BoughTest, app, try_sql


def own_address():
    """Of this machine in its network; nothing when it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return None


class Trusted(BoughTest):
    def setUp(self):
        self.address = own_address()
        if not self.address:
            self.skipTest("needs a network besides loopback")
        self.shop = self.world()
        self.shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply())

    def trust(self, *sources):
        self.shop.configure(trusted_sources=list(sources))

    def from_outside(self, branch="cart", database=None):
        variables = {**self.shop.env(branch), "PGHOST": self.address}
        return try_sql("SELECT 1", {**variables, "PGDATABASE": database or variables["PGDATABASE"]})

    def hba(self):
        path = re.search(r"hba_file = '(.*)'", self.settings()).group(1)
        with open(path, encoding="utf-8") as file:
            return file.read()

    def settings(self):
        with open(f"{self.shop.data}/dev/pg15/settings", encoding="utf-8") as file:
            return file.read()

    def test_they_are_let_in_to_their_database_and_out_again(self):
        self.assert_says("refused", self.from_outside())
        self.assertIn("listen_addresses = '127.0.0.1'", self.settings())
        self.trust({"address": self.address})
        done = self.shop.bough("plan")
        self.assert_says(f"~ trust +shop--cart on dev-pg15 +because bough.yaml trusts {self.address}",
                         done)
        self.assert_exit(0, self.shop.apply())
        self.assert_settled(self.shop)
        self.assertEqual(0, self.from_outside().status)
        self.assert_says("no pg_hba.conf entry", self.from_outside(database="shop-production"))
        self.assert_says("no pg_hba.conf entry", self.from_outside(database="postgres"))
        self.assertNotIn("trust\n", self.hba())
        self.trust({"address": self.address, "login": "shop-production"})
        self.assert_exit(0, self.shop.apply())
        self.assert_says("no pg_hba.conf entry", self.from_outside())
        self.assertEqual(0, self.from_outside("main").status)
        self.trust()
        self.assert_exit(0, self.shop.apply())
        self.assert_says("refused", self.from_outside("main"))
        self.assertIn("listen_addresses = '127.0.0.1'", self.settings())
        self.assertEqual(0, try_sql("SELECT 1", self.shop.env()).status)

    def test_a_new_branch_is_reached_at_once(self):
        self.trust({"address": f"{self.address}/24"})
        self.shop.repository.push("late", app("late"))
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(0, self.from_outside("late").status)

    def test_a_linked_server_has_rules_of_its_own(self):
        url = f"postgresql://x@127.0.0.1:{self.shop.port()}/postgres"
        self.shop.configure(top=f"instances:\n  - name: team\n    engine: PG\n    url: {url}",
                            instance="team", trusted_sources=[{"address": "10.0.0.0/8"}])
        done = self.shop.bough("plan")
        self.assert_says("trusted_sources works on dev instances only, and team is linked", done)
        self.assert_says("let 10.0.0.0/8 in there", done)


if __name__ == "__main__":
    unittest.main()
