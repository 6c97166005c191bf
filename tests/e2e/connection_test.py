"""`bough test` says which of name, port, time, TLS, certificate, login or privilege is wrong."""

import json
import os
import socket
import threading
import unittest

from servers import Server, certificate, free_port
from world import BoughTest, World


class Connections(BoughTest):
    @classmethod
    def setUpClass(cls):
        os.environ["TEAM_PASSWORD"] = Server.PASSWORD
        cls.server = Server(15, tls=True, debian=True)
        cls.addClassCleanup(cls.server.close)
        for role, rights in (("weak", "LOGIN CREATEROLE"), ("weaker", "LOGIN CREATEDB"),
                             ("closed", "NOLOGIN")):
            cls.server.psql(f"CREATE ROLE {role} {rights} PASSWORD $${Server.PASSWORD}$$")
        cls.shop = World()
        cls.addClassCleanup(cls.shop.close)
        cls.authority = f"{cls.server.home}/tls/ca.pem"

    def says(self, expected, host="localhost", port=None, user=Server.ADMIN, query=None,
             status=1, **settings):
        """What `bough test` says of an instance with this URL and these settings."""
        query = query or f"sslmode=verify-full&sslrootcert={self.authority}"
        url = f"postgresql://{user}@{host}:{port or self.server.port}/postgres?{query}"
        settings.setdefault("password", {"env": "TEAM_PASSWORD"})
        lines = "".join(f"\n    {key}: {json.dumps(value)}" for key, value in settings.items())
        self.shop.configure(top=f"instances:\n  - name: team\n    engine: PG\n    url: {url}{lines}")
        done = self.assert_exit(status, self.shop.bough("test", "team"))
        self.assertRegex(done.out + done.err, expected)

    def test_a_good_one(self):
        self.says(r"15\.\d+", status=0)

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
        self.says("no connection left", user="weak")


if __name__ == "__main__":
    unittest.main()
