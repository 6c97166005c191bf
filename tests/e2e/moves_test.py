"""Databases that move to another server: bough upgrade and bough promote.

BOUGH_MOVE_KILLS is how often an upgrade is killed (default 6), BOUGH_SEED repeats a run.
"""

import os
import subprocess
import unittest

from kills import Kills, chance, how_many, timed
from servers import Server, install
from world import BoughTest, app, query, try_sql, wait_until

ROWS = """
CREATE TABLE goods (id serial PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now(),
                    price numeric, tags text[], more jsonb, photo bytea);
INSERT INTO goods (name, price, tags, more, photo)
  SELECT 'goods ' || n, n / 7.0, ARRAY['a', NULL, n::text], jsonb_build_object('n', n),
         decode(md5(n::text), 'hex') FROM generate_series(1, 5000) n;
CREATE VIEW dear AS SELECT * FROM goods WHERE price > 100;
CREATE FUNCTION next_price() RETURNS numeric LANGUAGE sql AS 'SELECT max(price) + 1 FROM goods';
"""
DIGEST = "SELECT count(*), md5(string_agg(g::text, ',' ORDER BY id)) FROM goods g"


def versioned(version, table="orders"):
    return app(table, version=version)

KILLS = how_many("BOUGH_MOVE_KILLS", 6)


class Moves(BoughTest):
    def fill(self, variables):
        query(ROWS, variables)
        return query(DIGEST, variables)

    def expect_moved(self, before, variables, old):
        self.assertEqual(before, query(DIGEST, variables))
        self.assertEqual([["5001"]], query(
            "INSERT INTO goods (name) VALUES ('next') RETURNING id", variables))
        query("DROP VIEW dear; DROP FUNCTION next_price()", variables)  # it owns what is in there
        self.assertNotEqual(0, try_sql("SELECT 1", old).status, "the old login is withdrawn")


class Upgrade(Moves):
    @classmethod
    def setUpClass(cls):
        cls.binaries = [install(version) + "/bin" for version in (13, 14)]

    def setUp(self):
        self.shop = self.world()
        self.shop.configure(top=f"dev: {{binaries: [{', '.join(self.binaries)}]}}")
        self.shop.repository.push("main", versioned("13"))
        self.assert_exit(0, self.shop.apply())
        self.old = self.shop.env()
        self.before = self.fill(self.old)

    def ask_for(self, version):
        self.shop.repository.push("main", app("orders", version=version, migrate="true"))

    def upgrade(self, status, *words):
        return self.assert_exit(status, self.shop.bough("upgrade", "shop", *words))

    def test_the_spec_asks_first(self):
        self.assert_says('write version: "14" into its app.yaml', self.upgrade(4, "--to", "14"))
        self.assert_says("no move of", self.upgrade(1, "--undo"))
        self.ask_for("12")
        self.ask_for("14")
        done = self.assert_exit(4, self.shop.apply())
        self.assert_says("use bough upgrade", done)
        self.assertEqual(self.before, query(DIGEST, self.shop.env()))

    def test_data_arrives_and_the_way_back_is_open(self):
        self.ask_for("14")
        self.upgrade(0, "--to", "14")
        new = self.shop.env()
        self.assertNotEqual(self.old["PGPORT"], new["PGPORT"])
        self.expect_moved(self.before, new, self.old)
        self.assert_exit(0, self.shop.apply())
        self.assert_settled(self.shop)
        self.assertEqual({"main": "Connected"}, self.shop.statuses())
        self.assert_says("Nothing to do", self.upgrade(0, "--to", "14"))
        self.upgrade(0, "--undo")
        self.assertEqual(self.before, query(DIGEST, self.shop.env()))
        self.assert_says("is on dev-pg14 already", self.upgrade(4, "--to", "14"))
        self.upgrade(0, "--undo")  # and forth again, with what was written there
        self.assertEqual([["5001"]], query("SELECT count(*) FROM goods", self.shop.env()))

    def test_versions_may_be_passed_over_and_never_gone_back(self):
        self.ask_for("15")
        self.upgrade(0, "--to", "15")
        self.expect_moved(self.before, self.shop.env(), self.old)
        self.ask_for("14")
        self.assert_says("data moves to newer versions only", self.upgrade(4, "--to", "14"))

    def test_a_killed_upgrade_goes_on(self):
        self.ask_for("14")
        kills = Kills(self.undisturbed(), chance("kills of upgrade"))
        for _ in range(KILLS):
            kills.command(self.shop, "upgrade", "shop", "--to", "14")
        kills.assert_hit()
        self.upgrade(0, "--to", "14")
        self.expect_moved(self.before, self.shop.env(), self.old)
        self.assert_exit(0, self.shop.apply())
        self.assert_settled(self.shop)

    def undisturbed(self):
        """How long an upgrade takes."""
        self.shop.repository.push("other", versioned("13"))
        self.assert_exit(0, self.shop.apply("--branch", "other"))
        self.shop.repository.push("other", app("orders", version="14", migrate="true"))
        return timed(lambda: self.upgrade(0, "--branch", "other", "--to", "14"))

    def test_not_while_a_migration_runs(self):
        self.shop.repository.push("other", app("x", version="13", migrate="sleep 30"))
        runner = subprocess.Popen(self.shop.words("apply", "--yes", "--branch", "other"),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(runner.wait)
        self.addCleanup(runner.kill)
        self.wait_for_run("other")
        done = self.shop.bough("upgrade", "shop", "--branch", "other", "--to", "14")
        self.assertNotEqual(0, done.status, done)
        self.assert_says("is under way", done)

    def wait_for_run(self, branch):
        wait_until(lambda: any(run["state"] == "running"
                               for run in self.shop.environments()[branch]["runs"]), "a run")


class Promote(Moves):
    @classmethod
    def setUpClass(cls):
        os.environ["TEAM_PASSWORD"] = Server.PASSWORD
        cls.team = Server(15, tls=True, debian=True)
        cls.addClassCleanup(cls.team.close)
        cls.new = Server(16)
        cls.addClassCleanup(cls.new.close)

    def setUp(self):
        self.shop = self.world()
        self.shop.configure(top="instances:\n" + "".join(
            f"  - name: {name}\n    engine: PG\n    url: {server.url()}\n"
            "    password: {env: TEAM_PASSWORD}\n"
            for name, server in (("team", self.team), ("newer", self.new))))
        self.shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply())
        self.addCleanup(self.clean)
        self.old = self.shop.env()
        query("CREATE EXTENSION citext", self.old)
        self.before = self.fill(self.old)

    def promote(self, status, *words):
        return self.assert_exit(status, self.shop.bough("promote", "shop", *words))

    def test_data_arrives_and_the_repository_is_assigned(self):
        self.promote(0, "--to", "team")
        new = self.shop.env()
        self.assertEqual(str(self.team.port), new["PGPORT"])
        self.assertEqual("verify-full", new["PGSSLMODE"])
        self.expect_moved(self.before, new, self.old)
        self.assert_says("instance: \"team\"", self.shop.bough("export"))
        self.assert_exit(0, self.shop.apply())  # the branch follows, empty
        self.assertEqual(str(self.team.port), self.shop.env("cart")["PGPORT"])
        self.assert_settled(self.shop)

    def test_what_a_move_left_is_dropped_by_its_instance(self):
        self.promote(0, "--to", "team")
        destroy = ("destroy", "shop", "--confirm", "shop-production")
        self.assert_says("shop-production on team and shop-production on dev-pg15; nothing was "
                         "destroyed.*--instance", self.assert_exit(4, self.shop.bough(*destroy)))
        self.assert_exit(0, self.shop.bough(*destroy, "--instance", "dev-pg15"))
        self.assertNotIn("shop-production", self.shop.databases())
        self.assertEqual(self.before, query(DIGEST, self.shop.env()))

    def test_a_version_in_the_spec_is_no_obstacle(self):
        self.shop.repository.push("main", app("orders", version="15", migrate="true"))
        self.assert_exit(0, self.shop.apply())
        for words in (("--branch", "cart"), ("--database", "db")):
            done = self.promote(4, "--to", "team", *words)
            self.assert_says("would assign all of it.*bough assign shop team", done)
        self.assertEqual("Connected", self.shop.statuses()["main"])
        self.promote(0, "--to", "team")
        self.assertEqual(self.before, query(DIGEST, self.shop.env()))
        self.assert_says("assign shop by local .*: done", self.shop.bough("events", "shop"))
        self.assert_exit(0, self.shop.apply())
        self.assert_settled(self.shop)

    def clean(self):
        for name in self.team.rows("SELECT datname FROM pg_database WHERE datname ~ '^shop'"):
            self.team.psql(f'DROP DATABASE "{name}" WITH (FORCE)')
        for name in self.team.rows("SELECT rolname FROM pg_roles WHERE rolname ~ '^shop'"):
            self.team.psql(f'DROP ROLE "{name}"')

    def test_without_programs_of_its_version_nothing_is_begun(self):
        done = self.promote(1, "--to", "newer")
        self.assert_says("install postgresql-16", done)
        self.assertEqual(self.before, query(DIGEST, self.old))
        self.assertEqual("Connected", self.shop.statuses()["main"])

    def test_a_failure_gives_the_database_back(self):
        self.team.psql("ALTER ROLE admin NOCREATEDB")
        self.addCleanup(self.team.psql, "ALTER ROLE admin CREATEDB")
        done = self.shop.bough("promote", "shop", "--to", "team")
        self.assertNotEqual(0, done.status, done)
        self.assertEqual(self.before, query(DIGEST, self.old))
        self.assertEqual("Connected", self.shop.statuses()["main"])
        query("INSERT INTO goods (name) VALUES ('since')", self.old)
        before = query(DIGEST, self.old)
        self.team.psql("ALTER ROLE admin CREATEDB")
        self.promote(0, "--to", "team")
        self.assertEqual(before, query(DIGEST, self.shop.env()), "what was written since is there")

    def test_what_a_person_suspended_stays_so(self):
        self.assert_exit(0, self.shop.bough("suspend", "shop", "--branch", "main"))
        self.assert_says("bough resume it first", self.promote(4, "--to", "team"))
        self.assertEqual("Suspended", self.shop.statuses()["main"])

    def test_only_to_linked_instances(self):
        self.assert_says("is bough's own server", self.promote(1, "--to", "dev-pg15"))
        self.assert_says("nowhere", self.promote(1, "--to", "nowhere"))


if __name__ == "__main__":
    unittest.main()
