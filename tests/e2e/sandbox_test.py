"""What commands of branches reach, use up and get away with, through `bough apply`."""

import contextlib
import socket
import threading
import unittest

from world import BoughTest, app, spec

BY_FILE = "psql -v ON_ERROR_STOP=1 -q -f schema.sql"


@contextlib.contextmanager
def listener():
    """The port of a server on this machine that takes every connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    server.accept()[0].close()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def tries(*targets):
    """A command that says which of host:port it reaches."""
    lines = [f"if timeout 5 bash -c 'exec 3<>/dev/tcp/{host}/{port}' 2>/dev/null; "
             f"then echo {host} reached; else echo {host} unreachable; fi"
             for host, port in targets]
    return "; ".join(lines)


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


if __name__ == "__main__":
    unittest.main()
