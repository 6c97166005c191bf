"""Servers that fail in the middle of the work, by the rows of docs/security.md."""

import contextlib
import os
import select
import shutil
import signal
import socket
import threading
import unittest

from servers import Server, instance, link
from serving import ServingTest
from world import AGAIN, PATIENCE, Repository, Session, app, query, spec, wait_until

# What changes something; reading twice harms nobody.
CHANGES = (b"COMMIT", b"CREATE", b"ALTER", b"GRANT", b"REVOKE", b"COMMENT", b"INSERT", b"UPDATE")


class Cutter:
    """Stands before a server, and cuts bough's connection that asks for the n-th change once the
    server has answered: it is done, and nobody is told."""

    def __init__(self, port):
        self.port, self.asked, self.cut_at, self.cuts = port, 0, None, 0
        self.lock, self.threads = threading.Lock(), []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.begin(self.accept)

    def begin(self, work, *given):
        self.threads.append(threading.Thread(target=work, args=given))
        self.threads[-1].start()

    def address(self):
        return self.server.getsockname()[1]

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.begin(self.carry, self.server.accept()[0])

    def carry(self, client):
        """One connection, to its end. A migration's own are left alone."""
        with client, contextlib.suppress(OSError), socket.create_connection(
                ("127.0.0.1", self.port)) as server:
            data = client.recv(1 << 16)
            own, cut = b"application_name\0bough " in data, False
            server.sendall(data)
            while True:
                ready, _, _ = select.select([client, server], [], [])
                if client in ready:
                    data = client.recv(1 << 16)
                    cut = cut or own and self.counts(data)
                    server.sendall(data)
                elif data := server.recv(1 << 16):
                    if cut:
                        self.cuts += 1
                        return
                    client.sendall(data)
                if not data:
                    return

    def counts(self, data):
        """Whether this is the one whose answer is lost."""
        if not any(word in data for word in CHANGES):
            return False
        with self.lock:
            self.asked += 1
            return self.asked == self.cut_at

    def close(self):
        self.server.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        self.server.close()


class Faults(ServingTest):
    def linked(self, **settings):
        """A server of the team's, which the repository uses."""
        self.team = Server(15, debian=True)
        self.addCleanup(self.team.close)
        link(self.shop, self.team, **settings)
        self.shop.repository.push_all({"main": app("orders"), "cart": app("carts")})

    def made(self):
        """What is there of bough's: databases with their notes' states, and logins."""
        rows = self.team.psql(
            "SELECT datname, (shobj_description(oid, 'pg_database') IS NOT NULL)::int"
            " FROM pg_database WHERE datname ~ '^(shop|bough)' ORDER BY 1").out.split()
        roles = self.team.rows("SELECT rolname FROM pg_roles WHERE rolname ~ '^(shop|bough)'"
                               " ORDER BY 1")
        return rows, roles

    COMPLETE = (["shop--cart|1", "shop-production|1"], ["shop--cart", "shop-production"])

    def versions(self, database):
        return self.team.rows("SELECT version FROM ledger ORDER BY at", database)


class LostReplies(Faults):
    def test_row_69_whatever_reply_is_lost_nothing_is_done_twice(self):
        self.linked(on_unknown="rerun")
        cutter = Cutter(self.team.port)
        self.addCleanup(cutter.close)
        url = self.team.url().replace(f"localhost:{self.team.port}",
                                      f"127.0.0.1:{cutter.address()}")
        link(self.shop, self.team, top=instance("team", url), on_unknown="rerun")
        self.assert_exit(0, self.shop.apply())
        count = cutter.asked
        self.assertGreater(count, 5)
        for number in range(1, count + 1):
            with self.subTest(reply=number, of=count):
                self.forget()
                cutter.asked, cutter.cut_at = 0, number
                self.shop.apply()
                cutter.cut_at = None
                self.assert_exit(0, self.shop.apply())
                self.assertEqual(self.COMPLETE, self.made())
                self.assertEqual((["orders"], ["carts"]), (self.versions("shop-production"),
                                                           self.versions("shop--cart")))
                self.assert_settled(self.shop)
        self.assertGreater(cutter.cuts, count // 2)

    def forget(self):
        """The server and the journal are as at the beginning."""
        self.shop.psql("DROP DATABASE IF EXISTS bough_journal WITH (FORCE)")
        for name in ("shop--cart", "shop-production"):
            self.team.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            self.team.psql(f'DROP ROLE IF EXISTS "{name}"')


class ServersThatRefuse(Faults):
    def others(self):
        """A repository beside it, on bough's own server, which has to be served meanwhile."""
        other = Repository(f"{self.shop.home}/other.git")
        files = app("rows")
        files["app.yaml"] = files["app.yaml"].replace("name: shop", "name: other")
        other.push("main", files)
        with open(self.shop.config, "a", encoding="utf-8") as file:
            file.write(f"  - name: other\n    url: file://{other.folder}\n")

    def check(self, says, refuse, allow):
        """While it refuses, that is told and the others are served; then all is made good."""
        self.linked()
        self.others()
        refuse()
        done = self.shop.apply()
        self.assertIn(done.status, (1, 4), done)
        self.assert_says(says, done)
        self.assertEqual(["rows"], self.shop.ledger("other-production"))
        allow()
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(self.COMPLETE, self.made())
        self.assertEqual((["orders"], ["carts"]),
                         (self.versions("shop-production"), self.versions("shop--cart")))

    def test_row_70_no_connection_left(self):
        self.check("it has no connection left",
                   lambda: self.team.psql(f"ALTER ROLE {Server.ADMIN} CONNECTION LIMIT 0"),
                   lambda: self.team.psql(f"ALTER ROLE {Server.ADMIN} CONNECTION LIMIT -1"))

    def test_row_70_a_server_that_is_down(self):
        self.check("nothing listens on its port", lambda: self.team.stop(),
                   lambda: self.team.run())

    def test_row_70_a_standby(self):
        def stand_by():
            self.team.process.send_signal(signal.SIGINT)
            self.team.process.wait(PATIENCE)
            with open(f"{self.team.data}/standby.signal", "w", encoding="utf-8"):
                pass
            self.team.run()
        self.check("read-only|recovery|standby", stand_by,
                   lambda: self.team.psql("SELECT pg_promote()"))

    def test_row_71_an_empty_server_in_the_place_of_another(self):
        self.linked()
        self.assert_exit(0, self.shop.apply())
        port = self.team.port
        self.team.stop()
        os.rename(self.team.data, f"{self.team.data}.aside")
        self.team.start()
        self.team.make_admin()
        self.assertEqual(port, self.team.port)
        # Production is told and never made anew by itself; a branch is, as any lost one.
        done = self.assert_exit(4, self.shop.apply())
        self.assert_says("refused shop/production", done)
        self.assertEqual(["shop--cart|1"], self.made()[0])
        self.team.stop()
        os.rename(self.team.data, f"{self.team.data}.empty")
        os.rename(f"{self.team.data}.aside", self.team.data)
        self.team.run()
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(self.COMPLETE, self.made())
        self.assertEqual(["orders"], self.versions("shop-production"))


class Blocked(ServingTest):
    def test_row_80_a_migration_behind_a_reader_ends_and_nobody_queues_behind_it(self):
        self.assert_exit(0, self.shop.apply())
        self.shop.configure(migration_timeout="3s")
        self.shop.repository.push("main", {"app.yaml": spec(), "schema.sql": "DROP TABLE orders;"})
        with Session(self.shop.superuser("shop-production")) as reader:
            reader.run("BEGIN; SELECT count(*) FROM orders")
            self.assert_says("timed.out", self.assert_exit(1, self.shop.apply()))
            wait_until(lambda: self.shop.psql("SELECT count(*) FROM pg_locks WHERE NOT granted")
                       == [["0"]], "no session waits for a lock")
            self.assertEqual([["0"]], query("SELECT count(*) FROM orders", self.shop.env()))
            self.assertEqual(["0"], reader.run("SELECT count(*) FROM orders"))


class Paused(Faults):
    """Two daemons of one installation, on two machines."""

    def setUp(self):
        super().setUp()
        self.linked()
        self.team.psql(f"CREATE DATABASE journal OWNER {Server.ADMIN}")
        self.second = self.world()
        self.both()
        self.assert_exit(0, self.shop.apply())
        os.makedirs(self.second.data, mode=0o700, exist_ok=True)
        shutil.copy2(f"{self.shop.data}/key", f"{self.second.data}/key")

    def both(self):
        journal = self.team.url().replace("/postgres?", "/journal?")
        for one in (self.shop, self.second):
            link(one, self.team, on_unknown="rerun", url=f"file://{self.shop.repository.folder}",
                 top=f"journal: {journal}\njournal_password: {{env: TEAM_PASSWORD}}\n" +
                     instance("team", self.team.url()))

    def test_row_72_a_daemon_that_was_paused_writes_nothing_of_its_own(self):
        """Stopped in the middle, it loses its sessions, and the other one does the work."""
        daemon = self.begin()
        for number in range(3):
            name = f"b{number}"
            self.shop.repository.push(name, {"app.yaml": spec(), "schema.sql": AGAIN})
            wait_until(lambda: self.team.rows("SELECT 1 FROM pg_roles WHERE rolname ="
                                              f" 'shop--{name}'"), "it is at it")
            daemon.send_signal(signal.SIGSTOP)
            try:
                self.team.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                               f" application_name ~ '^bough .*:{daemon.pid}$'")
                done = wait_until(self.settled_by_the_second, "the other one does it")
                before = self.state(name)
            finally:
                daemon.send_signal(signal.SIGCONT)
            self.shop.repository.push(f"next{number}", app("hits"))
            wait_until(lambda: f"shop--next{number}|hits" in self.ledgers(), "it goes on")
            self.assertEqual(before, self.state(name), done)
        self.end(daemon)

    def settled_by_the_second(self):
        done = self.second.apply()
        return done if done.status == 0 else None

    def ledgers(self):
        found = []
        for name in self.team.rows("SELECT datname FROM pg_database WHERE datname ~ '^shop--next'"):
            if self.team.rows("SELECT to_regclass('ledger')", name):
                found += [f"{name}|{one}" for one in self.versions(name)]
        return found

    def state(self, name):
        return (self.versions(f"shop--{name}"), self.team.rows(
            f"SELECT oid, datacl FROM pg_database WHERE datname = 'shop--{name}'"))


if __name__ == "__main__":
    unittest.main()
