"""A daemon with tokens of every kind, and how to ask it."""

import json
import re
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from world import PATIENCE, BoughTest, Repository, World, app, wait_until

TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
# What differs between two tries of the same: times, numbers given by the journal, free space.
VARIES = ((TIMES, "TIME"), (re.compile(r'"(id|seconds|run|offset)": ?[\d.]+'), r'"\1": 0'),
          (re.compile(r"\(\d+\.\d\d s\)"), "(0 s)"), (re.compile(r"== run \d+"), "== run 0"),
          (re.compile(r"\d+ MiB free"), "MiB free"),
          (re.compile(r"shop--cart-[a-z2-7]{10}"), "ASIDE"),
          (re.compile(r", number \d+"), ", number 0"),
          (re.compile(r"in \d+\.\d s"), "in 0 s"), (re.compile(r"(local|token) \w+"), "SOMEBODY"))


def mask(text):
    for pattern, by in VARIES:
        text = pattern.sub(by, text)
    return text


MIGRATE = "psql -v ON_ERROR_STOP=1 -q -f schema.sql && echo migrated"


class ApiTest(BoughTest):
    TOKENS = {name: f"secret-of-{name}" for name in
              ("read", "plan", "apply", "approve", "admin", "shop-read", "shop-admin")}

    @classmethod
    def setUpClass(cls):
        cls.shop = World()
        cls.addClassCleanup(cls.shop.close)
        # Commits that ask for nothing: of a pull request, and on main.
        cls.old = cls.shop.repository.push("main", {"README": "nothing yet"})
        cls.pulled = cls.shop.repository.push("aside", {"README": "a fork's"}, base="main")
        cls.shop.repository.git("update-ref", "refs/pull/1/head", cls.pulled)
        cls.shop.repository.delete("aside")
        cls.shop.repository.push_all({"main": app("orders", migrate=MIGRATE),
                                      "cart": app("carts", migrate=MIGRATE)})
        store = Repository(f"{cls.shop.home}/store.git")
        store.push("main", {"README": "nothing to do"})
        cls.configure(store)
        done = cls.shop.apply()
        assert done.status in (0, 1), done
        cls.daemon = cls.serve()
        cls.base = cls.address()
        wait_until(cls.settled, "the daemon has looked at both repositories")

    @classmethod
    def settled(cls):
        looked = re.search(r'bough_reconcile_total\{result="ok"\} (\d+)',
                           cls.ask("GET", "/metrics", "read")[2])
        return looked and int(looked.group(1)) >= 2

    @classmethod
    def configure(cls, store):
        lines = ["listen: 127.0.0.1:0", "tokens:"]
        for name, secret in cls.TOKENS.items():
            with open(f"{cls.shop.home}/token-{name}", "w", encoding="utf-8") as file:
                file.write(secret + "\n")
            only = ", repositories: [shop]" if name.startswith("shop-") else ""
            lines.append(f"  - {{name: {name}, scopes: [{name.rpartition('-')[2]}], secret: "
                         f"{{file: token-{name}}}{only}}}")
        with open(f"{cls.shop.home}/hook-secret", "w", encoding="utf-8") as file:
            file.write("secret of the hook")
        cls.shop.configure(poll="1h", top="\n".join(lines), sandbox="off", forks="approve",
                           webhooks=[{"provider": "github", "secret": {"file": "hook-secret"}}])
        with open(cls.shop.config, "a", encoding="utf-8") as file:
            file.write(f"  - name: store\n    url: file://{store.folder}\n")

    @classmethod
    def serve(cls):
        cls.log = open(f"{cls.shop.home}/serve.log", "ab")
        cls.addClassCleanup(cls.log.close)
        daemon = subprocess.Popen(cls.shop.words("serve"), stdout=cls.log,
                                  stderr=subprocess.STDOUT)
        cls.addClassCleanup(lambda: (daemon.terminate(), daemon.wait(60)))
        return daemon

    @classmethod
    def address(cls):
        def said():
            with open(cls.log.name, encoding="utf-8") as file:
                return re.search(r"listens on (\S+)", file.read())
        return wait_until(said, "it listens").group(1)

    @classmethod
    def trust(cls):
        """The TLS context for its certificate, if it speaks TLS."""
        return None

    def at(self, token):
        return ("--server", self.base, "--token-file", f"{self.shop.home}/token-{token}")

    def remote(self, token, *words):
        return self.shop.bough(*self.at(token), *words)

    @classmethod
    def ask(cls, method, path, token, body=None, headers=None):
        """Status, headers and text of the answer; a token that is none of ours is sent as it is."""
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = "Bearer " + cls.TOKENS.get(token, token)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(cls.base + path, data=body, headers=headers,
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE, context=cls.trust()) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, dict(refused.headers), refused.read().decode()

    def description(self):
        return json.loads(self.ask("GET", "/v1/openapi.json", "read")[2])

    def operations(self):
        """By name: method, path, and how it is described."""
        return {operation["operationId"]: (method.upper(), path, operation)
                for path, methods in self.description()["paths"].items()
                for method, operation in methods.items()}


class Stream:
    """Server-sent events, read as slowly as a test wants."""

    def __init__(self, test, path, token, headers=None):
        where = urllib.parse.urlsplit(test.base)
        self.socket = socket.create_connection((where.hostname, where.port), PATIENCE)
        self.text, self.over = "", False
        fields = {"Host": where.netloc, "Accept": "text/event-stream",
                  "Authorization": "Bearer " + test.TOKENS[token], **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        # HTTP/1.0: no chunks to take apart.
        self.socket.sendall(f"GET {path} HTTP/1.0\r\n{head}\r\n".encode())
        self.until(lambda text: "\r\n\r\n" in text)
        status, _, self.text = self.text.partition("\r\n\r\n")
        test.assertIn(" 200 ", status)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def until(self, holds):
        while not self.over and not holds(self.text):
            got = self.socket.recv(65536)
            self.over = not got
            self.text += got.decode()

    def events(self, count=None, until=lambda _: False):
        """So many (id, document), or fewer when `until` holds for one or the stream ends."""
        found = []
        while len(found) != count:
            self.until(lambda text: "\n\n" in text)
            block, separator, rest = self.text.partition("\n\n")
            if not separator:
                break
            self.text = rest
            fields = dict(line.partition(": ")[::2] for line in block.split("\n"))
            if "data" not in fields:
                continue
            found.append((fields.get("id"), json.loads(fields["data"])))
            if until(found[-1]):
                break
        return found
