"""A private bough: a Git repository, a bough.yaml and the servers they lead to, in one folder."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

BOUGH = os.environ.get("BOUGH", "bough")
PATIENCE = 120  # seconds; only what hangs takes that long


def scratch():
    """A folder for worlds: in memory when there is room, since servers wait for disks."""
    memory = "/dev/shm"
    roomy = os.path.isdir(memory) and shutil.disk_usage(memory).free > 4 << 30
    return os.environ.get("TMPDIR") or (memory if roomy else None)


LEDGER = """\
CREATE TABLE IF NOT EXISTS ledger (version text NOT NULL, at timestamptz DEFAULT now());
CREATE TABLE {table} (id int);
INSERT INTO ledger (version) VALUES ('{version}');
"""
# May run again after a run that nobody knows the end of, as with any tool that records what ran.
AGAIN = """\
CREATE TABLE IF NOT EXISTS ledger (version text PRIMARY KEY, at timestamptz DEFAULT now());
INSERT INTO ledger (version) VALUES ('carts') ON CONFLICT DO NOTHING;
"""


class Outcome:
    """What a command came to."""

    def __init__(self, words, status, out, err):
        self.words, self.status, self.out, self.err = words, status, out, err

    def json(self):
        return json.loads(self.out.encode())  # fails for what is not UTF-8

    def lines(self):
        return [json.loads(line.encode()) for line in self.out.splitlines()]

    def __str__(self):
        return f"{' '.join(self.words)}\nexit {self.status}\n{self.out}\n{self.err}"


def run(words, stdin=None, env=None, cwd=None, timeout=PATIENCE, user=None):
    """Runs a command to its end; one that takes too long is killed with what it started."""
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env={**os.environ, **(env or {})}, cwd=cwd,
                             start_new_session=True, user=user)
    try:
        out, err = child.communicate(None if stdin is None else os.fsencode(stdin), timeout)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
        raise AssertionError(f"{words} took over {timeout} s\n{os.fsdecode(out)}\n"
                             f"{os.fsdecode(err)}")
    return Outcome([str(word) for word in words], child.returncode, os.fsdecode(out),
                   os.fsdecode(err))


def alive(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    return False


def command_lines():
    """The command line of every process, by its number."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                found[int(pid)] = file.read().replace(b"\0", b" ").decode(errors="replace")
    return found


def processes_with(text):
    return {pid: line for pid, line in command_lines().items() if text in line and alive(pid)}


def wait_until(holds, what, timeout=PATIENCE):
    """Waits until the condition gives something true, and gives it."""
    until = time.monotonic() + timeout
    while (begun := time.monotonic()) < until:
        found = holds()
        if found:
            return found
        # What is waited for needs the processor, too.
        time.sleep(max(0.1, time.monotonic() - begun))
    raise AssertionError(f"in {timeout} s not: {what}")


def spec(migrate="psql -v ON_ERROR_STOP=1 -q -f schema.sql", build=None, **database):
    """An app.yaml with one database; `database` adds to it."""
    lines = ["name: shop", "databases:", "  - name: db", "    engine: PG"]
    lines += [f"    {key}: {json.dumps(value)}" for key, value in database.items()]
    if migrate:
        lines.append(f"    migration_command: {json.dumps(migrate)}")
    if build:
        lines += ["services:", "  - name: web", f"    build_command: {json.dumps(build)}"]
    return "\n".join(lines) + "\n"


def app(table, **given):
    """The files of an app whose migration makes one table and notes that it ran."""
    return {"app.yaml": spec(**given), "schema.sql": LEDGER.format(table=table, version=table)}


class Repository:
    """A bare repository; each push puts one commit on a branch."""

    def __init__(self, folder, user=None):
        self.folder, self.user = folder, user
        self.git("init", "-q", "--bare", "-b", "main", folder)
        self.git("config", "core.compression", "0")  # time is dearer than room here

    def git(self, *words, stdin=None):
        done = run(["git", "-C", self.folder if os.path.isdir(self.folder) else "/", *words],
                   stdin=stdin, env={"GIT_CONFIG_GLOBAL": "/dev/null"}, user=self.user)
        assert done.status == 0, done
        return done.out.strip()

    def push(self, branch, files, base=None):
        """Commits exactly these files, bytes as os.fsdecode gives them; the commit's name."""
        self.push_all({branch: files}, base)
        return self.git("rev-parse", self.ref(branch))

    @staticmethod
    def ref(branch):
        """Its full name; that of a pull request is one already."""
        return branch if branch.startswith(("refs/pull", "refs/merge")) else f"refs/heads/{branch}"

    def push_all(self, branches, base=None):
        stream, known = "", self.tips()
        for branch, files in branches.items():
            stream += (f"commit {self.ref(branch)}\ncommitter T <t@example.com> now\n"
                       "data 6\ncommit\n")
            parent = branch if branch in known else base
            stream += f"from refs/heads/{parent}^0\n" if parent else ""
            stream += "deleteall\n"
            for path, text in files.items():
                stream += f"M 100644 inline {path}\ndata {len(os.fsencode(text))}\n{text}\n"
        self.git("fast-import", "--quiet", "--force", "--date-format=now", stdin=stream)
        return self.tips()

    def tips(self):
        """Every branch's commit."""
        listed = self.git("for-each-ref", "--format=%(objectname) %(refname:strip=2)",
                          "refs/heads")
        return {line.partition(" ")[2]: line.partition(" ")[0] for line in listed.splitlines()}

    def tip(self, branch):
        return self.tips()[branch]

    def delete(self, *branches):
        for branch in branches:
            self.git("update-ref", "-d", f"refs/heads/{branch}")


class World:
    """One installation of bough and the repository `shop` that it watches."""

    def __init__(self, user=None, **settings):
        self.user = user
        self.home = tempfile.mkdtemp(prefix="bough-e2e-", dir=scratch())
        os.chmod(self.home, 0o755)
        if user:
            shutil.chown(self.home, user)
        self.repository = Repository(f"{self.home}/shop.git", user)
        self.config = f"{self.home}/bough.yaml"
        self.data = f"{self.home}/data"
        self.configure(**settings)

    def close(self):
        # At once: an orderly end would first write to disk what is removed next.
        for version in range(13, 19):
            self.kill_server(signal.SIGQUIT, version)
        shutil.rmtree(self.fallback(), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def fallback(self):
        """Where servers go when their user cannot reach data_dir."""
        digest = hashlib.sha256(os.path.realpath(self.data).encode()).hexdigest()
        return f"/var/lib/bough/{digest[:12]}"

    def staged(self):
        """The processes of its private servers for rehearsals."""
        folders = (f"{self.data}/stages/stage.", f"{self.fallback()}/stages/stage.")
        return {pid: line for folder in folders for pid, line in processes_with(folder).items()}

    def configure(self, top="", poll="1s", more=(), **settings):
        """Writes bough.yaml; `settings` are the repository's, `more` are further ones."""
        settings.setdefault("url", f"file://{self.repository.folder}")
        lines = [f"data_dir: {self.data}", f"poll: {poll}", top, "repositories:", "  - name: shop"]
        lines += [f"    {key}: {json.dumps(value)}" for key, value in settings.items()]
        lines += [f"  - {{name: {name}, url: {json.dumps(url)}}}" for name, url in more]
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def words(self, *words):
        return [BOUGH, "--config", self.config, *words]

    def bough(self, *words, **given):
        return run(self.words(*words), user=self.user, **given)

    def nap(self):
        """A command that lasts, and the name that its processes go by in this world alone."""
        name = f"nap-in-{self.home}"
        return f"bash -c 'exec -a {name} sleep 86399'", name

    def kill_after(self, seconds, *words):
        """Runs a command and kills it, unless it ends before; how long it took when it did."""
        begun = time.monotonic()
        child = subprocess.Popen(self.words(*words), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        try:
            child.wait(seconds)
            return time.monotonic() - begun
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return None

    def apply(self, *words):
        return self.bough("apply", "--yes", *words)

    def plan(self, *words):
        """The plan document."""
        done = self.bough("plan", "--json", *words)
        assert done.status in (0, 1, 2), done
        return done.json()

    def env(self, branch=None):
        """The variables of a branch, or of production."""
        done = self.bough("env", "shop", "--format", "json",
                          *(["--branch", branch] if branch else []))
        assert done.status == 0, done
        return done.json()

    def environments(self):
        """What status says, by branch."""
        document = self.bough("status", "--json").json()
        return {one["branch"] or one["environment"]: one
                for repository in document["repositories"] for each in repository["apps"]
                for one in each["environments"]}

    def statuses(self):
        return {branch: one["databases"][0]["status"]
                for branch, one in self.environments().items()}

    # The dev server, behind bough's back.

    def port(self):
        with open(f"{self.data}/dev/pg15/settings", encoding="utf-8") as file:
            return re.search(r"^port = (\d+)", file.read(), re.M).group(1)

    def server_pid(self, version=15):
        for folder in (self.data, self.fallback()):
            with contextlib.suppress(FileNotFoundError):
                with open(f"{folder}/dev/pg{version}/data/postmaster.pid",
                          encoding="utf-8") as file:
                    return int(file.readline())
        return None

    def kill_server(self, number=signal.SIGKILL, version=15):
        """Whether one ran."""
        pid = self.server_pid(version)
        if pid is None or not alive(pid):
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        wait_until(lambda: not alive(pid), f"server {pid} is gone")
        return True

    def password(self):
        """The dev server's own superuser's, derived as bough derives it."""
        with open(f"{self.data}/key", encoding="utf-8") as file:
            key = bytes.fromhex(file.read().strip())
        label = b"password\n8:dev-pg15\n5:bough\n1"
        digest = hmac.new(key, label, hashlib.sha256).digest()[:20]
        return base64.b32encode(digest).decode().lower()

    def psql(self, sql, database="postgres"):
        """The rows as the superuser sees them."""
        return query(sql, self.superuser(database))

    def superuser(self, database="postgres"):
        """libpq's variables."""
        return {"PGHOST": "127.0.0.1", "PGPORT": self.port(), "PGUSER": "bough",
                "PGDATABASE": database, "PGPASSWORD": self.password()}

    def databases(self):
        """Every database but the server's own and the journal."""
        return sorted(row[0] for row in self.psql(
            "SELECT datname FROM pg_database WHERE datname NOT IN"
            " ('postgres', 'template0', 'template1', 'bough_journal')"))

    def roles(self):
        return sorted(row[0] for row in self.psql(
            "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'bough'"))

    def tables(self, database):
        return sorted(row[0] for row in self.psql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database))

    def ledger(self, database):
        """The migrations that ran, in order."""
        return [row[0] for row in self.psql("SELECT version FROM ledger ORDER BY at", database)]


def try_sql(sql, env):
    """psql with these variables."""
    return run(["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"], stdin=sql,
               env=env, cwd="/")


def query(sql, env):
    done = try_sql(sql, env)
    assert done.status == 0, done
    return [line.split("\t") for line in done.out.splitlines()]


class Session:
    """A psql that stays open, until it fails or the block ends."""

    def __init__(self, env):
        self.child = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, **env}, cwd="/")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.communicate()

    def run(self, sql):
        """What the statements said, once they are done."""
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.write(f"{sql};\n\\echo done\n")
            self.child.stdin.flush()
        said = []
        for line in self.child.stdout:
            if line == "done\n":
                return said
            said.append(line.rstrip("\n"))
        raise AssertionError("the session ended: " + " ".join(said))


class BoughTest(unittest.TestCase):
    """A test whose worlds end with it."""

    maxDiff = None

    def world(self, **settings):
        world = World(**settings)
        self.addCleanup(world.close)
        return world

    def assert_exit(self, status, done):
        self.assertEqual(status, done.status, done)
        return done

    def assert_settled(self, world):
        done = world.bough("plan", "--detailed-exitcode")
        self.assertEqual((0, "No changes. Live state matches Git.\n"), (done.status, done.out),
                         done)

    def assert_says(self, expected, done):
        self.assertRegex(done.out + done.err, expected, done)
