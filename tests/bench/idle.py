#!/usr/bin/env python3
"""What an idle `bough serve` costs: many HTTP repositories where nothing changes.

Beside it, in the same run: the floor (curl, one process, kept connections, the same requests) and the
peer (`git ls-remote` for each). The repositories ask for databases of an engine that bough does not
serve, so that nothing has to be created first. One more has a database in bough's own PostgreSQL, where
transactions, written rows and bytes of the log (WAL) are counted.

usage: idle.py [--bough FILE] [--repositories N] [--branches N] [--seconds N]
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time

from dev_server import DevServer
from git_site import GitSite, import_branches
from processes import end, family, free_port, processor_seconds, resident_mib, spent_by, start

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WITH_DATABASE = "name: kept\ndatabases:\n  - {name: db, engine: PG}\n"


def floor(folder, urls):
    with open(f"{folder}/curl", "w", encoding="utf-8") as file:
        for url in urls:
            file.write(f'url = "{url}/info/refs?service=git-upload-pack"\noutput = "/dev/null"\n')
    return spent_by(["curl", "--silent", "--config", f"{folder}/curl"]) / len(urls)


def peer(urls):
    return sum(spent_by(["git", "ls-remote", "--quiet", url]) for url in urls) / len(urls)


def configure(folder, urls):
    kept = f"{folder}/kept.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", kept], check=True)
    import_branches(kept, ["main"], WITH_DATABASE)
    lines = [f"data_dir: {folder}/data", f"listen: 127.0.0.1:{free_port()}", "poll: 60s",
             "repositories:", f"  - {{name: kept, url: 'file://{kept}'}}"]
    lines += [f"  - {{name: r{number}, url: '{url}'}}" for number, url in enumerate(urls)]
    with open(f"{folder}/bough.yaml", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def settle(folder, count):
    """Until every repository was fetched and looked at once more; how long the first took."""
    begun, known, mirrors = time.monotonic(), 0, f"{folder}/data/mirrors"
    while known < count:
        time.sleep(1)
        known = len(os.listdir(mirrors)) if os.path.isdir(mirrors) else 0
    took = time.monotonic() - begun
    time.sleep(70)
    return took


def watch(daemon, site, server, seconds):
    """(processor seconds, polls, seconds, (transactions, rows, bytes)) of some time."""
    before, spent, polls = server.counts(), processor_seconds(daemon.pid), site.requests()
    begun = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - begun
    spent = processor_seconds(daemon.pid) - spent
    written = [after - one for after, one in zip(server.counts(), before)]
    return spent, site.requests() - polls, took, written


def run(arguments, folder):
    site = GitSite(folder, arguments.repositories, arguments.branches)
    started = []
    try:
        some = site.urls(min(200, site.count))
        least, most = floor(folder, some), peer(some[:50])
        configure(folder, site.urls())
        with open(f"{folder}/serve.log", "wb") as log:
            daemon = start([arguments.bough, "--config", f"{folder}/bough.yaml", "serve"], log)
        started.append(daemon)
        first = settle(folder, site.count + 1)
        server = DevServer(f"{folder}/data")
        spent, polls, took, written = watch(daemon, site, server, arguments.seconds)
        memory, workers = (sum(resident_mib(one, "Pss") for one in each)
                           for each in ([daemon.pid], family(daemon.pid)[1:]))
        print(f"{site.count} repositories x {arguments.branches} branches, polled every 60 s,"
              f" {took:.0f} s watched; all first read in {first:.0f} s")
        print(f"  bough: {1000 * spent / max(polls, 1):.3f} ms of processor for each of {polls} polls,"
              f" {100 * spent / took:.2f} % of one core, {memory:.0f} MiB, its workers {workers:.0f}")
        print(f"  floor, curl:         {1000 * least:.3f} ms for each")
        print(f"  peer, git ls-remote: {1000 * most:.3f} ms for each")
        print("  PostgreSQL: {} transactions, {} rows written, {} bytes of WAL".format(*written))
    finally:
        for process in started:
            end(process)
        site.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bough", default=f"{ROOT}/build/release/reconciler/bough")
    parser.add_argument("--repositories", type=int, default=1000)
    parser.add_argument("--branches", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=120)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="bough-idle-")
    os.chmod(folder, 0o755)
    try:
        run(arguments, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
