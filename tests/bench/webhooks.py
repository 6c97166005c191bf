#!/usr/bin/env python3
"""What webhooks cost and whether any is lost, through the whole daemon.

Signed deliveries of a push of 7 KB, at an even rate, for one repository and for many, beside clients
that send a byte now and then and clients that send nothing. In the same run, the floor: a program
that finds the body, computes its HMAC and answers, and bough's own /healthz. Afterwards: how long
after a delivery the work on a push begins, beside one `git ls-remote` and one request by curl.

usage: webhooks.py --storm FILE [--bough FILE] [--rate N] [--seconds N] [--repositories N] [--idlers N]
"""

import argparse
import hashlib
import hmac
import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time

from git_site import GitSite, import_branches
from processes import end, free_port, processor_seconds, resident_mib, start

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SECRET, TOKEN = "a secret of the hooks", "a token that may read"
CONNECTIONS = 64
SPEC = "name: shop\ndatabases:\n  - {name: db, engine: PG}\n"


def signature(body):
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def push_of(repository):
    """As GitHub sends it, with twenty commits."""
    commits = [{"id": f"{number:040x}", "message": "Change what was there before", "added": [],
                "timestamp": "2024-05-01T12:00:00Z", "modified": ["src/a.txt", "src/deep/b.txt"],
                "author": {"name": "An Author", "email": "author@example.com"}, "distinct": True,
                "url": f"https://example.com/team/{repository}/commit/{number:040x}"}
               for number in range(20)]
    return json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40,
                       "repository": {"id": 1, "full_name": f"team/{repository}"},
                       "commits": commits}).encode()


def request_of(path, body, storm=0):
    """A whole request; the storm numbers its ids, which another storm does not use again."""
    return (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"X-GitHub-Event: push\r\nX-GitHub-Delivery: {storm:08x}-cc78-11e3-81ab-4c9367dc@id@\r\n"
            f"X-Hub-Signature-256: {signature(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode() + body


class Crowd:
    """Clients that send one byte of a request now and then, and clients that send none."""

    def __init__(self, port, slow, idle):
        self.port, self.ended = port, threading.Event()
        self.slow = [self.connected() for _ in range(slow)]
        self.idle = [self.connected() for _ in range(idle)]
        self.thread = threading.Thread(target=self.drip)
        self.thread.start()

    def connected(self):
        return socket.create_connection(("127.0.0.1", self.port))

    def drip(self):
        while not self.ended.wait(3):
            for number, client in enumerate(self.slow):
                try:
                    client.send(b"G")
                except OSError:  # it was cut off: another one comes
                    client.close()
                    self.slow[number] = self.connected()

    def close(self):
        self.ended.set()
        self.thread.join()
        for client in self.slow + self.idle:
            client.close()


class Bench:
    def __init__(self, arguments, folder):
        self.arguments, self.folder, self.port = arguments, folder, free_port()
        self.site = GitSite(folder, arguments.repositories, 10, SPEC)
        self.log = f"{folder}/serve.log"
        self.answerer_port, self.storms = free_port(), 0
        self.answerer = start([arguments.storm, "answer", str(self.answerer_port), SECRET])
        self.configure()
        with open(self.log, "wb") as log:
            self.daemon = start([arguments.bough, "--config", f"{folder}/bough.yaml", "serve",
                                 "--log-level", "debug"], log)

    def close(self):
        end(self.daemon)
        end(self.answerer)
        self.site.close()

    def configure(self):
        lines = [f"data_dir: {self.folder}/data", f"listen: 127.0.0.1:{self.port}", "poll: 1h",
                 f"tokens: [{{name: bench, scopes: [read], secret: {{file: {self.folder}/token}}}}]",
                 "repositories:"]
        for number, url in enumerate(self.site.urls()):
            # Only the first has databases: the others are refused, being the same app once more.
            lines += [f"  - name: r{number}", f"    url: '{url}'", "    branches: {include: ["
                      f"{'main, fresh-*' if number == 0 else 'none'}]}}", "    webhooks: "
                      f"[{{provider: github, secret: {{file: {self.folder}/secret}}}}]"]
        for name, text in (("bough.yaml", "\n".join(lines)), ("secret", SECRET), ("token", TOKEN)):
            with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
                file.write(text + "\n")

    def paths(self, count):
        found = []
        for number in range(count):
            done = subprocess.run([self.arguments.bough, "--config", f"{self.folder}/bough.yaml",
                                   "webhooks", f"r{number}", "--json"], check=True, text=True,
                                  stdout=subprocess.PIPE)
            found.append(json.loads(done.stdout)["webhooks"][0]["path"])
        return found

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
        with connection.getresponse() as answer:
            return answer.read().decode()

    def counted(self):
        """Deliveries that bough says it accepted."""
        found = re.search(r'bough_webhook_requests_total\{provider="github",result="accepted"\} (\S+)',
                          self.get("/metrics"))
        return int(float(found.group(1))) if found else 0

    def await_rest(self, quiet=3):
        """Until the daemon has asked the Git server nothing for some seconds."""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < quiet:
            now = self.site.requests()
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.2)

    def storm(self, port, requests):
        file = f"{self.folder}/requests"
        with open(file, "wb") as out:
            for request in requests:
                out.write(f"{len(request)}\n".encode() + request)
        done = subprocess.run([self.arguments.storm, "storm", str(port), file,
                               str(self.arguments.rate), str(self.arguments.seconds),
                               str(CONNECTIONS)], check=True, text=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    def deliver(self, what, paths):
        """Storms the hooks, and checks that nothing was lost."""
        before, memory, at = self.counted(), resident_mib(self.daemon.pid), time.time()
        spent, self.storms = processor_seconds(self.daemon.pid), self.storms + 1
        found = self.storm(self.port, [request_of(path, push_of(f"r{number}"), self.storms)
                                       for number, path in enumerate(paths)])
        spent = processor_seconds(self.daemon.pid) - spent
        grown = resident_mib(self.daemon.pid) - memory
        self.await_rest()
        most, asked = self.site.most_at_once(at)
        lost = found["sent"] - found["statuses"].get("202", 0)
        uncounted = found["sent"] - (self.counted() - before)
        report(what, found)
        print(f"    {lost} lost, {uncounted} not counted; {asked} of {len(paths)} repositories asked"
              f" again, {most} listing of one at once at most;"
              f" {1000 * spent / found['sent']:.3f} ms of processor each; {grown:+.1f} MiB")
        return found


def report(what, found):
    print(f"  {what:44} {found['sent'] / found['seconds']:6.0f}/s  p50 {found['p50']:7.3f}"
          f"  p99 {found['p99']:7.3f}  p99.9 {found['p999']:7.3f}  most {found['max']:7.3f} ms"
          f"  {found['statuses']}" + (f" {found['broken']} broken" if found["broken"] else ""))


def loads(bench):
    """The storms, each beside its floor."""
    paths = bench.paths(bench.arguments.repositories)
    healthz = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    one = request_of(paths[0], push_of("r0"))
    floor = bench.storm(bench.answerer_port, [one])
    report("floor: HMAC and answer", floor)
    report("bough: /healthz", bench.storm(bench.port, [healthz]))
    single = bench.deliver("bough: one repository", paths[:1])
    many = bench.deliver(f"bough: {len(paths)} repositories", paths)
    crowd = Crowd(bench.port, bench.arguments.idlers, bench.arguments.idlers)
    try:
        beside = bench.deliver(f"... beside {bench.arguments.idlers} slow, {bench.arguments.idlers}"
                               " idle", paths)
    finally:
        crowd.close()
    for name, found in (("one", single), ("many", many), ("beside", beside)):
        print(f"  {name} / floor: p50 {found['p50'] / floor['p50']:.2f},"
              f" p99 {found['p99'] / floor['p99']:.2f}")


def notice(bench, path, name):
    """Seconds from a delivery to the daemon's question to the Git host, and to its first step."""
    import_branches(bench.site.repository(0), [name], SPEC)
    bench.await_rest(1)
    body = push_of("r0")
    head, _, _ = request_of(path, body).decode().partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    headers["X-GitHub-Delivery"] = name
    asked = bench.site.requests()
    with open(bench.log, encoding="utf-8") as log:
        log.seek(0, os.SEEK_END)
        begun = time.time()
        connection = http.client.HTTPConnection("127.0.0.1", bench.port, timeout=30)
        connection.request("POST", path, body, headers)
        with connection.getresponse() as answer:
            assert answer.status == 202, answer.status
        acknowledged = time.time() - begun
        text = ""
        while f"shop--{name}" not in text and time.time() < begun + 30:
            text += log.read()
            time.sleep(0.0005)
        planned = time.time() - begun
    bench.await_rest(1)
    return acknowledged, bench.site.answered()[asked][0] - begun, planned


def timed(command):
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def notices(bench):
    path, url = bench.paths(1)[0], bench.site.urls(1)[0]
    curl = ["curl", "-s", "-o", "/dev/null", f"{url}/info/refs?service=git-upload-pack"]
    rows, raw, listings = [], [], []
    for number in range(7):
        rows.append(notice(bench, path, f"fresh-{number}"))
        raw.append(timed(curl))
        listings.append(timed(["git", "ls-remote", "-q", url]))
    answer, asked, planned = (1000 * statistics.median(one) for one in zip(*rows))
    print(f"  from a delivery to its answer {answer:.1f} ms, to the question at the host {asked:.1f} ms,"
          f" to the first step of the plan {planned:.1f} ms")
    print(f"  floor: one request by curl {1000 * statistics.median(raw):.1f} ms, one `git ls-remote`"
          f" {1000 * statistics.median(listings):.1f} ms (medians of 7)")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bough", default=f"{ROOT}/build/release/reconciler/bough")
    parser.add_argument("--storm", default=f"{ROOT}/build/release/tests/bench/bough_storm")
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--repositories", type=int, default=200)
    parser.add_argument("--idlers", type=int, default=500)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="bough-webhooks-")
    os.chmod(folder, 0o755)
    bench = Bench(arguments, folder)
    try:
        bench.await_rest(5)
        loads(bench)
        notices(bench)
    finally:
        bench.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
