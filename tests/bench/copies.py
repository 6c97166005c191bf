"""Copies of a template by each strategy, beside `createdb -T`; and push to ready with spares."""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from servers import Server  # noqa: E402
from world import World, app, run, try_sql, wait_until  # noqa: E402

MIB = 1 << 20
FILL = ("CREATE TABLE filling AS SELECT i, repeat(md5(i::text), 30) AS text "
        "FROM generate_series(1, {rows}) i")
ROW = 1024  # bytes, about


def room(folder):
    """Bytes in use on the file system, once all is written."""
    os.sync()
    status = os.statvfs(folder)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


class Measured:
    def __init__(self, server, rounds):
        self.server, self.rounds = server, rounds

    def sql(self, sql, before=""):
        done = run(["psql", "-X", "-q", *(["-c", before] if before else []), "-c", sql],
                   env=self.server.login(), cwd="/", timeout=1200)
        assert done.status == 0, done

    def made(self, make):
        """The median of the seconds, and the bytes, that a copy takes."""
        times, bytes_ = [], []
        for _ in range(self.rounds):
            before = room(self.server.data)
            begun = time.monotonic()
            make()
            times.append(time.monotonic() - begun)
            bytes_.append(room(self.server.data) - before)
            self.sql("DROP DATABASE copy")
            self.sql("CHECKPOINT")
        return statistics.median(times), statistics.median(bytes_)

    def strategies(self, template):
        def create(strategy, before=""):
            return lambda: self.sql(f"CREATE DATABASE copy TEMPLATE {template} {strategy}", before)
        yield "createdb -T", lambda: self.createdb(template)
        if self.server.version >= 15:
            yield "wal_log", create("STRATEGY wal_log")
            yield "file_copy", create("STRATEGY file_copy")
        if self.server.version >= 18:
            yield "clone", create("STRATEGY file_copy", "SET file_copy_method = clone")

    def createdb(self, template):
        done = run(["createdb", "-T", template, "copy"], env=self.server.login(), cwd="/",
                   timeout=1200)
        assert done.status == 0, done


def strategies(server, sizes, rounds, where):
    measured = Measured(server, rounds)
    for size in sizes:
        name = f"t{size}"
        measured.sql(f"CREATE DATABASE {name}")
        done = run(["psql", "-X", "-q", "-d", name, "-c",
                    FILL.format(rows=max(0, size - 8) * MIB // ROW)], env=server.login(), cwd="/",
                   timeout=1200)
        assert done.status == 0, done
        measured.sql("CHECKPOINT")
        for way, make in measured.strategies(name):
            try:
                took, used = measured.made(make)
            except AssertionError as error:
                print(f"  {where}, {server.version}, {size} MiB, {way}: {str(error).splitlines()[-1]}")
                continue
            print(f"  {where}, PostgreSQL {server.version}, {size:5} MiB, {way:12} "
                  f"{took * 1000:7.0f} ms {used / MIB:8.1f} MiB", flush=True)



class Loop:
    """A file system of a kind in a file, mounted."""

    def __init__(self, kind, size):
        self.home = tempfile.mkdtemp(prefix="bough-bench-")
        os.chmod(self.home, 0o755)
        self.mounted = False
        with open(f"{self.home}/image", "wb") as file:
            file.truncate(size)
        self.folder = f"{self.home}/mounted"
        os.mkdir(self.folder)
        for words in ([f"mkfs.{kind}", "-q", f"{self.home}/image"],
                      ["mount", "-o", "loop", f"{self.home}/image", self.folder]):
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode:
                raise OSError(f"{words[0]}: {done.stderr.strip()}")
        self.mounted = True
        os.chmod(self.folder, 0o755)

    def close(self):
        if self.mounted:
            subprocess.run(["umount", self.folder], check=False)
        shutil.rmtree(self.home, ignore_errors=True)


def on_file_systems(sizes, rounds):
    for kind in ("xfs", "btrfs"):
        loop = None
        try:
            loop = Loop(kind, 4 * max(sizes) * MIB + (2 << 30))
        except OSError as error:
            print(f"  {kind}: not to be had here ({error})")
            continue
        os.environ["TMPDIR"] = loop.folder
        server = Server(18)
        try:
            strategies(server, sizes, rounds, kind)
        finally:
            server.close()
            loop.close()
            del os.environ["TMPDIR"]


def pushed(shop, name):
    """Seconds from the push to a migrated database."""
    begun = time.monotonic()
    shop.repository.push(name, app(name))
    wait_until(lambda: "succeeded" in run(
        ["psql", "-Atc", f"SELECT 'succeeded' FROM ledger WHERE version = '{name}'"],
        env=shop.server_login(f"shop--{name}"), cwd="/").out, name, 600)
    return time.monotonic() - begun


def branches(size, rounds, **settings):
    shop = World()
    shop.server_login = lambda database: {
        "PGHOST": "127.0.0.1", "PGPORT": shop.port(), "PGUSER": "bough", "PGDATABASE": database,
        "PGPASSWORD": shop.password()}
    try:
        shop.configure(poll="1s", **settings)
        shop.repository.push("main", app("users"))
        assert shop.apply().status == 0
        if size:
            done = try_sql(FILL.format(rows=size * MIB // ROW), shop.env())
            assert done.status == 0, done
        with open(f"{shop.home}/log", "wb") as log:
            daemon = subprocess.Popen(shop.words("serve"), stdout=log, stderr=log)
        try:
            times = []
            for number in range(rounds):
                wait_until(lambda: ready(shop, settings), "spares are ready", 1200)
                times.append(pushed(shop, f"b{number}"))
            return statistics.median(times)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(120)
    finally:
        shop.close()


def ready(shop, settings):
    rows = shop.psql("SELECT count(*) FROM pg_database d WHERE "
                     "shobj_description(oid, 'pg_database') LIKE 'bough stock %\"spare\"%'")
    return int(rows[0][0]) >= settings.get("spares", 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=1024, help="size of the large template")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--versions", type=int, nargs="*", default=[15, 18])
    given = parser.parse_args()
    sizes = [8, 50, given.mib]
    print("CREATE DATABASE … TEMPLATE: median time, room")
    for version in given.versions:
        server = Server(version, debian=version == 15)
        try:
            strategies(server, sizes, given.rounds, "here")
        finally:
            server.close()
    on_file_systems(sizes, given.rounds)
    print("push to migrated, daemon polling every second: median time")
    for name, size, settings in (("empty", 0, {}), ("empty, spares", 0, {"spares": 1}),
                                 (f"{given.mib} MiB, template", given.mib, {"copy": "data"}),
                                 (f"{given.mib} MiB, spares", given.mib,
                                  {"copy": "data", "spares": 1})):
        print(f"  {name:20} {branches(size, given.rounds, **settings) * 1000:7.0f} ms", flush=True)


if __name__ == "__main__":
    main()
