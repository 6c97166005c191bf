"""What commands of branches reach, use up and get away with, through `bough apply`."""

import unittest

from network import listener, tries
from world import BoughTest, app, spec

BY_FILE = "psql -v ON_ERROR_STOP=1 -q -f schema.sql"


class Network(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.push = self.shop.repository.push

    def apply(self, status=0):
        return self.assert_exit(status, self.shop.apply())

    def test_a_migration_reaches_its_database_by_every_variable(self):
        by_url = "psql \"$DATABASE_URL\" -q -c 'CREATE TABLE by_url ()'"
        by_name = "psql -h localhost -q -c 'CREATE TABLE by_name ()' 2>&1 || true"
        text = spec(migrate=f"{BY_FILE} && {by_url} && psql \"$OWN\" -q -c 'CREATE TABLE by_own ()'"
                            f" && {by_name}")
        text += "envs:\n  - {key: OWN, value: '${db.DATABASE_URL}'}\n"
        self.push("main", {**app("orders"), "app.yaml": text})
        self.apply()
        self.assertLessEqual({"by_own", "by_url", "ledger", "orders"},
                             set(self.shop.tables("shop-production")))

    def test_row_84_a_migration_reaches_nothing_else(self):
        with listener() as port:
            targets = [("127.0.0.1", port), ("169.254.169.254", 80)]
            self.push("main", {"app.yaml": spec(migrate=tries(*targets))})
            done = self.apply()
        self.assert_says("127.0.0.1 unreachable", done)
        self.assert_says("169.254.169.254 unreachable", done)

    def test_a_migration_does_not_reach_other_databases_of_its_server(self):
        self.push("main", app("orders"))
        self.apply()
        steal = "psql -d shop-production -c 'SELECT * FROM orders' 2>&1; true"
        self.push("cart", {"app.yaml": spec(migrate=steal)})
        self.assert_says("permission denied for database", self.apply())

    def test_the_operator_decides_who_has_the_network(self):
        with listener() as port:
            command = tries(("127.0.0.1", port))
            for network, build, migration in (
                    (None, "reached", "unreachable"),
                    ({"build": "off"}, "unreachable", "unreachable"),
                    ({"migration": "on"}, "reached", "reached")):
                with self.subTest(network):
                    self.shop.configure(**({"network": network} if network else {}))
                    self.push("main", {"app.yaml": spec(build=f"echo built; {command}",
                                                        migrate=command)})
                    said = [line for line in self.apply().out.splitlines() if "| 127.0.0.1" in line]
                    self.assertEqual([build, migration], [line.split()[-1] for line in said], said)

    def test_a_build_without_network_still_has_its_database(self):
        self.shop.configure(network={"build": "off"})
        build = "psql -q -c 'CREATE TABLE built ()' \"$DATABASE_URL\""
        self.push("main", {"app.yaml": spec(build=build, migrate="true")})
        self.apply()
        self.assertEqual(["built"], self.shop.tables("shop-production"))


class Environment(BoughTest):
    def test_row_53_what_is_injected_wins(self):
        shop = self.world()
        hostile = {"PGHOST": "evil.example.com", "PGHOSTADDR": "203.0.113.1", "PGPORT": "1",
                   "PGDATABASE": "postgres", "PGUSER": "postgres", "PGPASSWORD": "guess",
                   "PGOPTIONS": "-c search_path=evil", "PGSERVICE": "evil",
                   "PGSERVICEFILE": "/checkout/service", "PGSSLMODE": "verify-full",
                   "DATABASE_URL": "postgresql://evil.example.com/evil",
                   "LD_PRELOAD": "/checkout/evil.so", "BASH_ENV": "/checkout/evil.sh",
                   "GIT_SSH_COMMAND": "touch /tmp/evil", "PATH": "/checkout/bin:/usr/bin:/bin"}
        text = spec(migrate=f"{BY_FILE} && env | grep -E '^(PG|DATABASE_URL)' | cut -d= -f1 | sort"
                            " | tr '\\n' ' '; echo")
        text += "envs:\n" + "".join(f"  - {{key: {key}, value: '{value}'}}\n"
                                    for key, value in hostile.items())
        for sandbox in ("required", "off"):
            with self.subTest(sandbox):
                shop.configure(sandbox=sandbox)
                commit = {**app(f"orders_{sandbox}"), "app.yaml": text,
                          "evil.sh": "echo EVIL", "service": "[evil]\nhost=evil.example.com\n"}
                shop.repository.push("main", commit)
                done = shop.apply()
                self.assert_says("DATABASE_URL PGDATABASE PGHOST PGPASSWORD PGPORT PGSSLMODE "
                                 "PGUSER", done)
                self.assertIn(f"orders_{sandbox}", shop.tables("shop-production"))
                self.assertNotIn("EVIL", done.out)


class Policy(BoughTest):
    def test_row_81_the_operator_decides_whose_commands_run(self):
        for commands, migration_command, ran in (
                ("branch", None, ["by_branch"]), ("branch", "by_operator", ["by_operator"]),
                ("operator", "by_operator", ["by_operator"]), ("operator", None, []),
                ("none", "by_operator", [])):
            with self.subTest(f"{commands}, {migration_command}"):
                shop = self.world()
                create = "psql -q -c 'CREATE TABLE {} ()'".format
                settings = {"commands": commands}
                if migration_command:
                    settings["migration_command"] = create(migration_command)
                shop.configure(**settings)
                shop.repository.push("main", {"app.yaml": spec(migrate=create("by_branch"))})
                planned = shop.bough("plan")
                self.assert_exit(0, shop.apply())
                self.assertEqual(ran, shop.tables("shop-production"))
                if not ran:
                    self.assert_says(f"commands: {commands}.* in bough.yaml keeps from running",
                                     planned)


if __name__ == "__main__":
    unittest.main()
