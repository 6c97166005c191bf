"""Every branch's login against every branch's database: nobody gets anywhere but home."""

import json
import os
import subprocess
import unittest

from servers import RELEASES, Server, link
from world import BoughTest, query, spec, try_sql

SIZE = int(os.environ.get("BOUGH_MATRIX", "8"))
VERSIONS = os.environ.get("BOUGH_VERSIONS", "18").split()
OPEN = "postgres, template1"

# Statements with %(name)s of somebody else; each must fail.
AGAINST_ANOTHER = (
    'SET ROLE "%(name)s"',
    'SET SESSION AUTHORIZATION "%(name)s"',
    'GRANT "%(name)s" TO CURRENT_USER',
    'ALTER ROLE "%(name)s" PASSWORD \'guessed\'',
    'ALTER ROLE "%(name)s" SET search_path = evil',
    'ALTER ROLE "%(name)s" CONNECTION LIMIT 0',
    'DROP ROLE "%(name)s"',
    'REASSIGN OWNED BY "%(name)s" TO CURRENT_USER',
    'DROP OWNED BY "%(name)s"',
    'ALTER DATABASE "%(name)s" RENAME TO stolen',
    'ALTER DATABASE "%(name)s" OWNER TO CURRENT_USER',
    'ALTER DATABASE "%(name)s" SET search_path = evil',
    'GRANT CONNECT ON DATABASE "%(name)s" TO CURRENT_USER',
    'COMMENT ON DATABASE "%(name)s" IS \'mine\'',
    'COMMENT ON ROLE "%(name)s" IS \'mine\'',
    "SELECT pg_database_size('%(name)s')",
    "SELECT 1 / count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '%(name)s'",
    "SELECT 1 / count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE usename = '%(name)s'",
    "SELECT 1 / count(*) FROM pg_stat_activity WHERE usename = '%(name)s' AND query ~ 'secret of'",
    "SELECT dblink_connect('host=localhost port=%(port)s dbname=%(name)s user=%(me)s "
    "password=%(password)s')",
    "SELECT dblink_connect('host=localhost port=%(port)s dbname=%(name)s user=%(name)s')",
)
# What reaches beyond a database at all.
AGAINST_THE_SERVER = (
    "SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('.')", "SELECT pg_stat_file('base')",
    "COPY (SELECT 1) TO PROGRAM 'true'", "COPY pg_temp.t FROM PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/bough-isolation'", "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(lo_from_bytea(0, 'x'), '/tmp/bough-isolation')",
    "SELECT 1 / count(*) FROM pg_authid", "CREATE ROLE another", "CREATE ROLE another SUPERUSER",
    "ALTER ROLE CURRENT_USER CREATEDB", "ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
    "SET ROLE postgres", "SET ROLE admin", "SET SESSION AUTHORIZATION postgres",
    "GRANT pg_read_all_data TO CURRENT_USER", "GRANT pg_signal_backend TO CURRENT_USER",
    "CREATE EXTENSION adminpack", "CREATE EXTENSION postgres_fdw",
    "CREATE EXTENSION file_fdw", "CREATE EVENT TRIGGER t ON ddl_command_end EXECUTE FUNCTION pg_temp.f()",
    "CREATE FUNCTION evil() RETURNS int LANGUAGE c AS 'libc.so.6', 'getpid'",
    "SELECT pg_reload_conf()", "SELECT pg_switch_wal()",
    "SELECT pg_create_physical_replication_slot('s')", "SET log_statement = 'none'",
    "SET session_replication_role = replica", "LOAD '/lib/x86_64-linux-gnu/libc.so.6'",
    "CREATE FOREIGN DATA WRAPPER w", "SELECT pg_catalog.pg_promote()",
)
NOT_IN_A_FUNCTION = ('DROP DATABASE "%(name)s"', 'CREATE DATABASE x TEMPLATE "%(name)s"',
                     "ALTER SYSTEM SET work_mem = '1GB'", "CREATE TABLESPACE t LOCATION '/tmp'",
                     "VACUUM pg_catalog.pg_authid, nowhere")


def attempts(statements):
    """One statement that tries them all and raises the texts of those that went through."""
    tries = "\n".join(f"""
  BEGIN
    EXECUTE {quoted(one)};
    went := went || {quoted(one)};
  EXCEPTION WHEN OTHERS THEN NULL;
  END;""" for one in statements)
    return f"""
CREATE TEMP TABLE t (x text);
CREATE FUNCTION pg_temp.f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
DO $do$
DECLARE went text[] := '{{}}';
BEGIN{tries}
  RAISE NOTICE 'WENT %', array_to_json(went);
END $do$;"""


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


class Matrix:
    """On each server by the classes below."""

    VERSION, DEBIAN = 15, False

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.VERSION, debian=cls.DEBIAN)
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        self.shop = self.world()
        link(self.shop, self.server)
        self.shop.repository.push_all({f"b{number}": {"app.yaml": spec(migrate=None)}
                                       for number in range(SIZE - 1)} |
                                      {"main": {"app.yaml": spec(migrate=None)}})

        self.addCleanup(self.sweep)

    def sweep(self):
        """The server is everybody's: the next test has another key."""
        for name in self.server.rows("SELECT datname FROM pg_database WHERE datname ~ '^shop'"):
            self.server.psql(f'DROP DATABASE "{name}" WITH (FORCE)')
        for name in self.server.rows("SELECT rolname FROM pg_roles WHERE rolname ~ '^shop'"):
            self.server.psql(f'DROP ROLE "{name}"')

    def close_the_servers_own(self):
        """What bough says is to be done on a server that is not its own."""
        self.assert_says(f"everybody may connect to {OPEN}", self.shop.bough("test", "team"))
        self.assert_says(f"everybody may connect to {OPEN}", self.shop.bough("doctor"))
        for database in OPEN.split(", "):
            self.server.psql(f"REVOKE CONNECT, TEMPORARY ON DATABASE {database} FROM PUBLIC; "
                             f"GRANT CONNECT ON DATABASE {database} TO admin")
        self.assertNotIn("everybody", self.shop.bough("test", "team").out)

    def sessions(self, all_of_them):
        """A session of each login that has said a secret."""
        for variables in all_of_them:
            session = subprocess.Popen(["psql", "-X", "-q", "-A", "-t"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       env={**os.environ, **variables}, text=True)
            self.addCleanup(lambda each=session: (each.kill(), each.communicate()))
            session.stdin.write("SELECT 'secret of mine';\n")
            session.stdin.flush()
            self.assertEqual("secret of mine\n", session.stdout.readline())

    def went_through(self, variables, statements):
        done = try_sql(attempts(statements), variables)
        found = [line for line in done.err.splitlines() if "WENT" in line]
        self.assertEqual(1, len(found), done)
        return json.loads(found[0].partition("WENT ")[2])

    def test_row_64_nobody_gets_anywhere_but_home(self):
        self.close_the_servers_own()
        self.assert_exit(0, self.shop.apply())
        branches = ["main"] + [f"b{number}" for number in range(SIZE - 1)]
        everybody = [self.shop.env(branch) for branch in branches]
        for variables in everybody:
            self.server.psql("CREATE EXTENSION IF NOT EXISTS dblink", database=variables["PGDATABASE"])
        self.sessions(everybody)
        for mine in everybody:
            with self.subTest(mine["PGUSER"]):
                self.try_everything(mine, [one for one in everybody if one is not mine])
        self.notifications_stay_at_home(*everybody[:2])

    def try_everything(self, mine, others):
        self.assertEqual([["1"]], query("SELECT 1", mine))
        for database in [one["PGDATABASE"] for one in others] + ["postgres", "template1"]:
            done = try_sql("SELECT 1", {**mine, "PGDATABASE": database})
            self.assertNotEqual(0, done.status, done)
            done = try_sql("SELECT 1", {**mine, "PGUSER": database, "PGDATABASE": database})
            self.assertNotEqual(0, done.status, done)
        statements = [one % {"name": other["PGUSER"], "me": mine["PGUSER"],
                             "port": self.server.port, "password": mine["PGPASSWORD"]}
                      for other in others for one in AGAINST_ANOTHER]
        self.assertEqual([], self.went_through(mine, statements + list(AGAINST_THE_SERVER)))
        for one in NOT_IN_A_FUNCTION:
            done = try_sql(one % {"name": others[0]["PGUSER"]}, mine)
            self.assertNotEqual(0, done.status, done)

    def notifications_stay_at_home(self, one, other):
        listener = subprocess.Popen(["psql", "-X", "-A", "-t"], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, env={**os.environ, **one}, text=True)
        self.addCleanup(listener.kill)
        listener.stdin.write("LISTEN news;\nSELECT 'listening';\n")
        listener.stdin.flush()
        while listener.stdout.readline() not in ("listening\n", ""):
            pass
        query("NOTIFY news, 'from the other'", other)
        query("NOTIFY news, 'from home'", one)
        heard = listener.communicate("SELECT 1;\n", timeout=60)[0]
        self.assertIn("from home", heard)
        self.assertNotIn("from the other", heard)

    def test_row_50_a_spec_cannot_name_a_login(self):
        self.shop.repository.push("b0", {"app.yaml": spec(migrate=None, db_user="postgres",
                                                          db_name="postgres")})
        self.shop.apply()
        variables = self.shop.env("b0")
        self.assertEqual(("shop--b0", "shop--b0"), (variables["PGUSER"], variables["PGDATABASE"]))
        self.assertEqual([["f"]], query("SELECT rolsuper FROM pg_roles WHERE rolname = current_user",
                                        variables))

    def test_row_62_the_servers_log_has_no_password(self):
        self.shop.apply()
        self.assert_exit(0, self.shop.bough("rotate", "shop", "--branch", "b0"))
        log = self.server.log()
        self.assertIn("ALTER ROLE \"shop--b0\" PASSWORD", log)
        for branch in ("main", "b0"):
            self.assertNotIn(self.shop.env(branch)["PGPASSWORD"], log)
        self.assertNotIn("PASSWORD '", log.replace("PASSWORD 'SCRAM-SHA-256$", ""))
        # Row 61: nothing that a branch owns runs in a session that can do more.
        self.assertNotIn("SET ROLE", log)


class OnDebians(Matrix, BoughTest):
    DEBIAN = True


for _version in VERSIONS:
    assert int(_version) in RELEASES, _version
    globals()[f"On{_version}"] = type(f"On{_version}", (Matrix, BoughTest),
                                      {"VERSION": int(_version)})


if __name__ == "__main__":
    unittest.main()
