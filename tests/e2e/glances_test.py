"""Repositories behind HTTP, which are glanced at before they are fetched."""

import contextlib
import http.client
import http.server
import threading
import unittest

from benches import GitSite
from hooks import github, listening, path_of, post
from serving import ServingTest
from world import Repository, app, wait_until




class Gate(http.server.ThreadingHTTPServer):
    """Passes requests on to a Git server; answers wait while the gate is closed."""

    daemon_threads = True

    def __init__(self, port):
        super().__init__(("127.0.0.1", 0), Passage)
        self.behind, self.opened, self.waiting = port, threading.Event(), 0
        self.opened.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def end(self):
        self.opened.set()
        self.shutdown()
        self.server_close()


class Passage(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=60)
        with contextlib.closing(connection):
            connection.request(self.command, self.path, body, dict(self.headers))
            with connection.getresponse() as answer:
                status, headers, text = answer.status, answer.getheaders(), answer.read()
        if not self.server.opened.is_set():
            self.server.waiting += 1
            self.server.opened.wait(60)
        self.send_response(status)
        for name, value in headers:
            if name in ("Content-Type", "Content-Encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = pass_on

    def log_message(self, *_):
        pass


class Glances(ServingTest):
    def setUp(self):
        super().setUp()
        self.site = GitSite(self.shop.home, 1, 1)
        self.addCleanup(self.site.close)
        self.gate = Gate(self.site.port)
        self.addCleanup(self.gate.end)
        self.repository = Repository(self.site.repository(0))
        self.repository.push("main", app("orders"))
        listening(self.shop, "github", url=f"{self.gate.url()}/team/r0.git")
        self.serve()
        self.migrated("shop-production", "orders")

    def announce(self, delivery):
        path = path_of(self.shop)
        body = b'{"ref":"refs/heads/search"}'
        self.assertEqual(202, post(self.url() + path, body, github(body, delivery=delivery))[0])

    def settle(self):
        """Until a whole look found nothing to do, so that the next glance suffices."""
        self.announce("settle")
        asked = [-1]
        wait_until(lambda: asked.append(self.site.requests()) or asked[-1] == asked[-2], "it rests")

    def test_a_push_that_is_announced_during_a_glance_is_looked_at_at_once(self):
        self.settle()
        self.gate.opened.clear()
        self.announce("first")
        wait_until(lambda: self.gate.waiting, "the host was asked")
        self.repository.push("search", app("hits"))
        self.announce("second")
        self.gate.opened.set()
        self.migrated("shop--search", "hits")


if __name__ == "__main__":
    unittest.main()
