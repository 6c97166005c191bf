"""What strangers may send to the daemon, by the rows of docs/security.md."""

import contextlib
import http.client
import json
import os
import re
import resource
import socket
import threading
import unittest

from benches import GitSite, resident_mib
from hooks import SECRET, github, listening, path_of, post
from serving import ServingTest
from world import app, wait_until

TOKEN = "a token that may read"


class Hostile(ServingTest):
    def setUp(self):
        super().setUp()
        with open(f"{self.shop.home}/token", "w", encoding="utf-8") as file:
            file.write(TOKEN)
        self.configure()
        # The address sanitizer would keep what is freed, and row 7 measures memory.
        os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=1"
        self.addCleanup(os.environ.pop, "ASAN_OPTIONS")
        self.daemon = self.serve()
        self.migrated("shop-production", "orders")
        self.port = int(self.url().rpartition(":")[2])
        self.hook = path_of(self.shop)

    def configure(self):
        secret, token = (f"{{file: {self.shop.home}/{name}}}" for name in ("hook-secret", "token"))
        listening(self.shop, "github", top=(
            "listen: 127.0.0.1:0\n"
            f"tokens: [{{name: reader, scopes: [read], secret: {token}}},\n"
            f"  {{name: one, scopes: [read], repositories: [shop], secret: {secret}}}]"))

    def ask(self, method, path, headers=None, body=None):
        """Status and text of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            with connection.getresponse() as answer:
                return answer.status, answer.read().decode()

    def client(self):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.addCleanup(client.close)
        return client

    def counted(self, result):
        text = self.ask("GET", "/metrics", {"Authorization": f"Bearer {TOKEN}"})[1]
        found = re.search(rf'bough_webhook_requests_total\{{provider="github",result="{result}"\}} '
                          r"(\S+)", text)
        return int(float(found.group(1))) if found else 0

    def endless_body(self):
        """Sends five gigabytes in chunks, as far as it is let; what came back."""
        client = self.client()
        head = (f"POST {self.hook} HTTP/1.1\r\nHost: h\r\nX-GitHub-Event: push\r\n"
                f"X-Hub-Signature-256: sha256={'0' * 64}\r\nContent-Type: application/json\r\n"
                "Transfer-Encoding: chunked\r\n\r\n")
        client.sendall(head.encode())
        chunk, sent = b"100000\r\n" + b" " * 0x100000 + b"\r\n", 0
        with contextlib.suppress(ConnectionError):
            while sent < 5 << 30:
                client.sendall(chunk)
                sent += 0x100000
        with contextlib.suppress(ConnectionError):
            return sent, client.recv(4096).decode()
        return sent, ""

    def test_row_1_a_delivery_without_a_signature_is_counted_and_not_logged(self):
        status, _ = self.ask("POST", self.hook, {"X-GitHub-Event": "push"}, "body of a stranger")
        self.assertEqual((401, 1), (status, self.counted("refused")))
        self.assertNotIn("body of a stranger", self.said())

    def test_row_7_an_endless_body_is_refused_in_constant_memory(self):
        self.endless_body()  # what is needed once is there now
        before = resident_mib(self.daemon.pid)
        sent, answer = self.endless_body()
        self.assertLess(sent, 100 << 20)
        self.assertRegex(answer, "^HTTP/1.1 413 ")
        self.assertLess(resident_mib(self.daemon.pid) - before, 1)

    def test_row_8_ten_thousand_slow_clients_leave_room_for_others(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 12_000), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        slow = []
        for _ in range(min(hard, 12_000) - 2_000):
            slow.append(self.client())
            slow[-1].sendall(b"P")
        self.assertEqual((200, "ok\n"), self.ask("GET", "/healthz"))
        self.assertLess(len(os.listdir(f"/proc/{self.daemon.pid}/fd")), 2_500)
        self.shop.repository.push("search", app("hits"))
        body = b'{"ref":"refs/heads/search"}'
        self.assertEqual(202, post(self.url() + self.hook, body, github(body))[0])
        self.migrated("shop--search", "hits")

    def test_row_13_a_replayed_delivery_is_done_once(self):
        body = b'{"ref":"refs/heads/main"}'
        statuses = [post(self.url() + self.hook, body, github(body, delivery="the same"))[0]
                    for _ in range(1000)]
        self.assertEqual([202] + [200] * 999, statuses)
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))

    def test_row_16_nothing_that_a_payload_names_is_asked(self):
        trap = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(trap.close)
        trap.setblocking(False)
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/team/shop.git"
        body = json.dumps({
            "ref": "refs/heads/main", "after": "1" * 40,
            "repository": {"full_name": "team/shop", "clone_url": url, "git_url": url, "url": url,
                           "links": {"self": {"href": url}, "clone": [{"href": url}]}},
            "commits": [{"url": url}], "head_commit": {"url": url}, "compare": url}).encode()
        self.assertEqual(202, post(self.url() + self.hook, body, github(body))[0])
        self.shop.repository.push("search", app("hits"))
        self.assertEqual(202, post(self.url() + self.hook, body, github(body))[0])
        self.migrated("shop--search", "hits")
        with self.assertRaises(BlockingIOError):
            trap.accept()

    def test_row_22_paths_that_are_no_hooks_are_answered_alike(self):
        body = b'{"ref":"refs/heads/main"}'
        answers = {self.ask("POST", path, github(body), body)
                   for path in ("/hooks/" + "a" * 32, "/hooks/", self.hook + "a", self.hook[:-1],
                                "/hooks/../hooks/x", self.hook.upper())}
        self.assertEqual(1, len(answers), answers)
        self.assertEqual(404, answers.pop()[0])

    def test_row_97_without_the_right_token_nothing_is_told(self):
        right = {"Authorization": f"Bearer {TOKEN}"}
        self.assertEqual(200, self.ask("GET", "/metrics", right)[0])
        refused = {self.ask("GET", "/metrics", headers) for headers in (
            {}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"},
            {"Authorization": f"Bearer {TOKEN}x"}, {"Cookie": f"token={TOKEN}"})}
        self.assertEqual(1, len(refused), refused)
        self.assertEqual(401, refused.pop()[0])
        self.assertEqual(403, self.ask("GET", "/metrics", {"Authorization": f"Bearer {SECRET}"})[0])
        for path in ("/hooks/../metrics", "//metrics", "/metrics/", "/%6detrics", "/metrics%00"):
            self.assertEqual(404, self.ask("GET", path, right)[0], path)
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://evil"}
        self.assertIn(self.ask("POST", "/metrics", form, "a=b")[0], (401, 404))

    def test_row_99_every_listener_wants_credentials(self):
        listening = listeners_of([self.daemon.pid, self.shop.server_pid()])
        database = int(self.shop.port())
        self.assertEqual({("127.0.0.1", self.port), ("127.0.0.1", database)}, listening)
        for path in ("/metrics", "/v1/status", "/v1/events", "/v1/plan", "/debug/pprof", "/api"):
            self.assertIn(self.ask("GET", path)[0], (401, 404), path)
        for user in ("bough", "postgres", "shop-production"):
            with socket.create_connection(("127.0.0.1", database), timeout=60) as client:
                words = f"user\0{user}\0database\0postgres\0\0".encode()
                client.sendall((len(words) + 8).to_bytes(4, "big") + b"\0\3\0\0" + words)
                reply = client.recv(4096)
            # R, length, 10: a SCRAM login begins; 0 would let it in.
            self.assertEqual((b"R", 10), (reply[:1], int.from_bytes(reply[5:9], "big")), user)


def listeners_of(pids):
    """(address, port) of each TCP socket that the processes listen on."""
    inodes = set()
    for pid in pids:
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(f"/proc/{pid}/fd/{name}"))
                inodes |= {found.group(1)} if found else set()
    found = set()
    for family, file in ((socket.AF_INET, "tcp"), (socket.AF_INET6, "tcp6")):
        with open(f"/proc/net/{file}", encoding="ascii") as rows:
            for row in rows.read().splitlines()[1:]:
                fields = row.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    address, port = fields[1].split(":")
                    words = [bytes.fromhex(address[at:at + 8])[::-1]
                             for at in range(0, len(address), 8)]
                    found.add((socket.inet_ntop(family, b"".join(words)), int(port, 16)))
    return found


class Storm(ServingTest):
    """A repository behind a real Git server over HTTP, whose requests are counted."""

    def test_row_20_a_storm_of_deliveries_is_answered_and_listed_one_at_a_time(self):
        site = GitSite(self.shop.home, 1, 3)
        self.addCleanup(site.close)
        listening(self.shop, "github", url=site.urls()[0])
        self.serve()
        hook = self.url() + path_of(self.shop)
        statuses = []
        threads = [threading.Thread(target=self.deliver, args=(hook, each, statuses))
                   for each in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([202] * 2000, statuses)
        asked = [-1]
        wait_until(lambda: asked.append(site.requests()) or asked[-1] == asked[-2], "it rests")
        most, _ = site.most_at_once()
        self.assertEqual(1, most)
        self.assertLess(site.requests(), 1000)

    @staticmethod
    def deliver(hook, each, statuses):
        host, _, path = hook.removeprefix("http://").partition("/")
        connection = http.client.HTTPConnection(host, timeout=60)
        body = b'{"ref":"refs/heads/main"}'
        for number in range(250):
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/" + path, body,
                               {**headers, **github(body, delivery=f"{each}-{number}")})
            with connection.getresponse() as answer:
                answer.read()
                statuses.append(answer.status)
        connection.close()


if __name__ == "__main__":
    unittest.main()
