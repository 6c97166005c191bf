"""`bough test` says which of name, port, time, TLS, certificate, login or privilege is wrong."""

import json
import os
import socket
import struct
import threading
import unittest

from servers import Server, certificate, free_port
from world import BoughTest, World, app, query


def speak_as(listening, version):
    """A server that lets one client in, says its version and then nothing."""
    client, _ = listening.accept()
    with client:
        client.recv(1000)
        parameter = b"server_version\0" + version + b"\0"
        client.sendall(b"R" + struct.pack("!II", 8, 0) +
                       b"S" + struct.pack("!I", 4 + len(parameter)) + parameter +
                       b"Z" + struct.pack("!I", 5) + b"I")
        client.recv(1000)


class Connections(BoughTest):
    @classmethod
    def setUpClass(cls):
        os.environ["TEAM_PASSWORD"] = Server.PASSWORD
        cls.server = Server(15, tls=True, debian=True, first_rules=(
            "hostssl all carded all scram-sha-256 clientcert=verify-full\n"))
        cls.addClassCleanup(cls.server.close)
        for role, rights in (("weak", "LOGIN CREATEROLE"), ("weaker", "LOGIN CREATEDB"),
                             ("closed", "NOLOGIN"), ("carded", "LOGIN CREATEDB CREATEROLE")):
            cls.server.psql(f"CREATE ROLE {role} {rights} PASSWORD $${Server.PASSWORD}$$")
        cls.shop = World()
        cls.addClassCleanup(cls.shop.close)
        cls.authority = f"{cls.server.home}/tls/ca.pem"

    def says(self, expected, host="localhost", port=None, user=Server.ADMIN, query=None,
             status=1, assigned=False, **settings):
        """What `bough test` says of an instance with this URL and these settings."""
        query = query or f"sslmode=verify-full&sslrootcert={self.authority}"
        url = f"postgresql://{user}@{host}:{port or self.server.port}/postgres?{query}"
        settings.setdefault("password", {"env": "TEAM_PASSWORD"})
        lines = "".join(f"\n    {key}: {json.dumps(value)}" for key, value in settings.items())
        self.shop.configure(top=f"instances:\n  - name: team\n    engine: PG\n    url: {url}{lines}",
                            **({"instance": "team"} if assigned else {}))
        done = self.assert_exit(status, self.shop.bough("test", "team"))
        self.assertRegex(done.out + done.err, expected)

    def test_a_good_one(self):
        self.says(r"15\.\d+", status=0)

    def test_a_client_certificate(self):
        certificate_file, key = self.server.client_certificate("carded")
        of_another, its_key = self.server.client_certificate("somebody")
        self.says(r"15\.\d+", user="carded", client_certificate={"file": certificate_file},
                  client_key={"file": key}, status=0)
        self.says("wants a client certificate|valid client certificate", user="carded")
        self.says("login or password is wrong", user="carded", client_certificate={"file": of_another},
                  client_key={"file": its_key})
        self.says("client key does not fit", user="carded",
                  client_certificate={"file": certificate_file}, client_key={"file": its_key})
        os.chmod(key, 0o644)
        self.says("can be read by others; chmod", user="carded",
                  client_certificate={"file": certificate_file}, client_key={"file": key})
        self.says("client key .*cannot be read", user="carded",
                  client_certificate={"file": certificate_file}, client_key={"file": "/no/such"})

    def test_branches_on_a_server_that_wants_a_certificate_of_its_admin(self):
        certificate_file, key = self.server.client_certificate("carded")
        self.says(r"15\.\d+", user="carded", client_certificate={"file": certificate_file},
                  client_key={"file": key}, status=0, assigned=True)
        self.shop.repository.push("main", app("orders"))
        self.assert_exit(0, self.shop.apply())
        self.assertEqual([["orders"]], query("SELECT version FROM ledger", self.shop.env()))

    def test_what_a_missing_privilege_costs(self):
        self.says("note: bough's login is no superuser: only trusted extensions", status=0)
        self.says("note: everybody may connect to postgres, template1", status=0)
        self.says("without which bough can make no database there", user="weak")
        self.says("without which bough can make no login there", user="weaker")

    def test_an_old_version(self):
        with socket.create_server(("127.0.0.1", 0)) as old:
            thread = threading.Thread(target=speak_as, args=(old, b"12.22"), daemon=True)
            thread.start()
            self.says("version 12 is too old; bough needs PostgreSQL 13 or newer",
                      host="127.0.0.1", port=old.getsockname()[1], query="sslmode=disable")
            thread.join(30)

    def test_an_instance_stays_while_it_is_assigned(self):
        self.shop.configure()
        url = f"postgresql://{Server.ADMIN}@localhost:{self.server.port}/postgres?sslmode=verify-full"
        words = ("--password-env", "TEAM_PASSWORD", "--ca-cert", self.authority)
        self.assert_exit(0, self.shop.bough("link", "later", url, *words))
        self.assert_exit(0, self.shop.bough("assign", "shop", "later"))
        self.shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply("--branch", "cart"))
        self.assert_says("is assigned to shop; bough unassign first",
                         self.assert_exit(4, self.shop.bough("unlink", "later")))
        self.assert_says("its databases on the instance stay",
                         self.assert_exit(0, self.shop.bough("unassign", "shop")))
        self.assert_says("its databases stay as they are",
                         self.assert_exit(0, self.shop.bough("unlink", "later")))
        self.assertIn("shop--cart", self.server.rows("SELECT datname FROM pg_database"))

    def test_a_name_that_does_not_resolve(self):
        self.says("name does not resolve", host="no-such-host.invalid")

    def test_a_closed_port(self):
        self.says("nothing listens on its port", port=free_port())

    def test_a_silent_port(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.says("did not answer in time", host="127.0.0.1", port=silent.getsockname()[1],
                      query="sslmode=disable&connect_timeout=2")

    def test_a_port_of_something_else(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            def answer():
                client, _ = other.accept()
                with client:
                    client.recv(100)
                    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            self.says("no PostgreSQL|refused the connection|closed the connection",
                      host="127.0.0.1", port=other.getsockname()[1], query="sslmode=disable")
            thread.join(30)

    def test_tls_that_is_wanted_there(self):
        self.says("wants TLS", query="sslmode=disable")

    def test_tls_that_is_not_offered(self):
        plain = Server(15, debian=True)
        self.addCleanup(plain.close)
        self.says("does not offer TLS", port=plain.port, query="sslmode=require")

    def test_an_unknown_authority(self):
        other = certificate(f"{self.server.home}/other", "another authority")
        self.says("not of the expected authority",
                  query=f"sslmode=verify-full&sslrootcert={other}")

    def test_a_missing_authority(self):
        self.says("CA certificate .*cannot be read",
                  query="sslmode=verify-full&sslrootcert=/no/such/file")

    def test_another_host(self):
        self.says("certificate is for another name", host="127.0.0.1")

    def test_an_expired_certificate(self):
        self.server.renew_certificate(expired=True)
        self.addCleanup(self.server.renew_certificate)
        self.says("certificate has expired")

    def test_a_wrong_password(self):
        self.says("login or password is wrong", password={"env": "HOME"})

    def test_a_login_that_may_not_log_in(self):
        self.says("may not log in", user="closed")

    def test_a_database_that_is_not_there(self):
        self.says("does not exist", query=f"sslmode=verify-full&sslrootcert={self.authority}"
                                          "&dbname=nowhere")

    def test_missing_privileges(self):
        self.says("lacks CREATEDB", user="weak")
        self.says("lacks CREATEROLE", user="weaker")

    def test_no_connection_left(self):
        self.server.psql("ALTER ROLE weak CONNECTION LIMIT 0")
        self.addCleanup(self.server.psql, "ALTER ROLE weak CONNECTION LIMIT -1")
        self.says("no connection left", user="weak")


if __name__ == "__main__":
    unittest.main()
