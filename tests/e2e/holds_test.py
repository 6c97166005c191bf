"""How holds end: dumped, proved, dropped; and what keeps them from ending.

BOUGH_HOLD_KILLS is in how many rounds bough is killed (default 5), BOUGH_SEED repeats a run.
"""

import glob
import json
import os
import stat
import subprocess
import time
import unittest

from kills import Kills, chance, how_many, timed
from servers import Server, link
from world import BoughTest, app, query, spec, wait_until

SOON = {"hold": "1s"}
KILLS = how_many("BOUGH_HOLD_KILLS", 5)

# What a dump has to bring back: odd names, sequences, large objects, views, constraints.
RICH = """\
CREATE TABLE "odd ""name" (id serial PRIMARY KEY, price numeric, at timestamptz, raw bytea);
INSERT INTO "odd ""name" (price, at, raw) SELECT i / 7.0, now() - i * interval '1 h',
  decode(md5(i::text), 'hex') FROM generate_series(1, 500) i;
CREATE SCHEMA more;
CREATE TYPE more.mood AS ENUM ('sad', 'ok');
CREATE TABLE more.people (id int GENERATED ALWAYS AS IDENTITY, m more.mood DEFAULT 'ok',
  upper text GENERATED ALWAYS AS ('x') STORED) PARTITION BY LIST (m);
CREATE TABLE more.sad PARTITION OF more.people FOR VALUES IN ('sad');
CREATE TABLE more.rest PARTITION OF more.people DEFAULT;
INSERT INTO more.people (m) VALUES ('sad'), ('ok'), ('ok');
CREATE PUBLICATION changes FOR TABLE more.sad;
CREATE VIEW more.happy AS SELECT * FROM more.people WHERE m = 'ok';
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM more.people;
CREATE EXTENSION pg_trgm;
CREATE INDEX ON "odd ""name" (price) WHERE price > 1;
CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
CREATE TRIGGER loud BEFORE DELETE ON more.people FOR EACH ROW EXECUTE FUNCTION loud();
SELECT lo_from_bytea(0, 'large');
"""


class Holds(BoughTest):
    def shop_with(self, *branches, **deleted):
        shop = self.world(on_branch_deleted={**SOON, **deleted})
        shop.repository.push_all({"main": app("orders"), **{name: app("carts")
                                                            for name in branches}})
        self.assert_exit(0, shop.apply())
        return shop

    def condition(self, shop, branch, name="DeletionHeld"):
        database = shop.environments()[branch]["databases"][0]
        return next(one for one in database["conditions"] if one["type"] == name)

    def apply_until_gone(self, shop, name):
        def gone():
            self.assert_exit(0, shop.apply())
            return name not in shop.databases()
        wait_until(gone, f"{name} is gone")

    def test_a_hold_that_is_over_ends_in_a_dump_that_is_proved(self):
        shop = self.shop_with("cart")
        query(RICH, shop.env("cart"))
        shop.repository.delete("cart")
        self.assert_exit(0, shop.apply())
        said = self.condition(shop, "cart")
        self.assertEqual("True", said["status"])
        self.assertRegex(said["message"], "until .*Z, then it is dumped and dropped")
        self.apply_until_gone(shop, "shop--cart")
        self.assertEqual((["shop-production"], ["shop-production"]),
                         (shop.databases(), shop.roles()))
        dump, = shop.bough("dumps", "shop", "--json").json()["dumps"]
        self.assertEqual(("cart", "shop--cart", "15"),
                         (dump["branch"], dump["name"], dump["version"]))
        self.assertGreater(dump["rows"], 500)
        for path, mode in ((dump["file"], 0o600), (os.path.dirname(dump["file"]), 0o700)):
            self.assertEqual(mode, stat.S_IMODE(os.stat(path).st_mode))
        self.assertEqual(2, len(os.listdir(os.path.dirname(dump["file"]))))
        messages = [line["message"] for line in
                    shop.bough("events", "shop", "--json").lines()]
        self.assertTrue(any(one.startswith("dump shop--cart on dev-pg15") for one in messages))
        self.assert_settled(shop)

    def test_the_plan_says_so_before(self):
        shop = self.shop_with("cart")
        shop.repository.delete("cart")
        self.assert_exit(0, shop.apply())

        def over():
            done = shop.bough("plan")
            return done if "to destroy" in done.out else None
        done = wait_until(over, "the hold is over")
        self.assert_says("> dump +shop--cart on dev-pg15 +because it is held since .*, and its hold"
                         " is over", done)
        self.assert_says("- database +shop--cart", done)
        self.assert_says("- role +shop--cart .*because its database is gone", done)
        self.assert_says("2 to destroy", done)
        document = shop.plan()
        self.assertEqual(["dump", "delete", "delete"],
                         [one["actions"][0] for one in document["changes"]])

    def test_without_a_dump_the_database_just_goes(self):
        shop = self.shop_with("cart", dump=False)
        shop.repository.delete("cart")
        self.apply_until_gone(shop, "shop--cart")
        self.assertEqual([], shop.bough("dumps", "shop", "--json").json()["dumps"])

    def test_a_dump_that_fails_keeps_the_database(self):
        shop = self.shop_with("cart")
        query("INSERT INTO carts VALUES (7)", shop.env("cart"))
        with open(f"{shop.data}/dumps", "w", encoding="utf-8"):
            pass  # no folder can be made there
        shop.repository.delete("cart")

        def failed():
            done = shop.apply()
            return done if done.status == 1 else None
        self.assert_says("FAILED shop/cart: dump shop--cart", wait_until(failed, "a dump failed"))
        self.assertEqual([["7"]], shop.psql("SELECT id FROM carts", "shop--cart"))
        self.assertEqual("DumpFailed", self.condition(shop, "cart")["reason"])
        os.unlink(f"{shop.data}/dumps")
        self.apply_until_gone(shop, "shop--cart")
        self.assertEqual(1, len(shop.bough("dumps", "shop", "--json").json()["dumps"]))

    def test_what_was_set_aside_ends_the_same_way(self):
        shop = self.shop_with("cart")
        query("INSERT INTO carts VALUES (7)", shop.env("cart"))
        self.assert_exit(0, shop.bough("reset", "shop", "--branch", "cart"))
        self.assertEqual([], query("SELECT id FROM carts", shop.env("cart")))
        aside = set(shop.databases()) - {"shop-production", "shop--cart"}
        self.assertEqual(1, len(aside))
        self.apply_until_gone(shop, aside.pop())
        self.assertEqual(["shop--cart", "shop-production"], shop.databases())
        self.assertEqual(["shop--cart", "shop-production"], shop.roles())
        dump, = shop.bough("dumps", "shop", "--json").json()["dumps"]
        self.assert_exit(0, shop.bough("restore", "shop", "-b", "cart", "--dump", dump["id"]))
        self.assertEqual([["7"]], query("SELECT id FROM carts", shop.env("cart")))

    def test_a_mass_deletion_waits_for_confirm(self):
        names = [f"b{number}" for number in range(5)]
        shop = self.world(on_branch_deleted={**SOON, "dump": False})
        shop.repository.push_all({name: {"app.yaml": spec(migrate=None)}
                                  for name in ["main", *names]})
        self.assert_exit(0, shop.apply())
        shop.repository.delete(*names)
        self.assert_exit(0, shop.apply())
        self.assertEqual("AsksForConfirmation", self.condition(shop, "b1")["reason"])
        for _ in range(20):
            self.assert_exit(0, shop.apply())
        self.assertEqual(6, len(shop.databases()))
        self.assert_exit(0, shop.bough("confirm", "shop"))
        self.apply_until_gone(shop, "shop--b1")
        self.assertEqual(["shop-production"], shop.databases())

    def test_old_dumps_go(self):
        shop = self.shop_with("cart")
        shop.repository.delete("cart")
        self.apply_until_gone(shop, "shop--cart")
        manifest, = glob.glob(f"{shop.data}/dumps/*.json")
        with open(manifest, encoding="utf-8") as file:
            document = json.load(file)
        document["made_at"] = "2020-01-01T00:00:00.000Z"
        with open(manifest, "w", encoding="utf-8") as file:
            json.dump(document, file)
        for name in ("killed.part", "killed.json.part", "alone.dump", "fresh.part"):
            with open(f"{shop.data}/dumps/{name}", "w", encoding="utf-8"):
                pass
            if name != "fresh.part":
                os.utime(f"{shop.data}/dumps/{name}", (time.time() - 25 * 3600,) * 2)
        daemon = subprocess.Popen(shop.words("serve"), stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        shop.repository.push("main", app("more"))
        wait_until(lambda: os.listdir(f"{shop.data}/dumps") == ["fresh.part"],
                   "the old dump is gone, and what killed attempts left")


class OtherServers(BoughTest):
    """An admin who is no superuser."""

    def linked(self, version, **given):
        server = Server(version, **given)
        self.addCleanup(server.close)
        shop = self.world()
        link(shop, server, on_branch_deleted=SOON)
        shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, shop.apply())
        return shop, server

    def databases(self, server):
        return sorted(server.rows("SELECT datname FROM pg_database WHERE datname ~ '^shop'"))

    def test_an_admin_who_is_no_superuser_dumps_and_restores(self):
        shop, server = self.linked(15, debian=True)
        query("INSERT INTO carts VALUES (7)", shop.env("cart"))
        shop.repository.delete("cart")

        def gone():
            self.assert_exit(0, shop.apply())
            return self.databases(server) == ["shop-production"]
        wait_until(gone, "the hold ended")
        self.assert_exit(0, shop.bough("restore", "shop", "-b", "cart"))
        self.assertEqual([["7"]], query("SELECT id FROM carts", shop.env("cart")))
        query("CREATE TABLE more (); DROP TABLE carts", shop.env("cart"))

    def test_a_server_newer_than_every_pg_dump_keeps_its_databases(self):
        shop, server = self.linked(17)
        shop.repository.delete("cart")

        def refused():
            done = shop.apply()
            return done if done.status == 4 else None
        self.assert_says("refused shop/cart/db: the hold of shop--cart is over, but it cannot be "
                         "dumped.*install postgresql-17", wait_until(refused, "it is over"))
        self.assertEqual(["shop--cart", "shop-production"], self.databases(server))


class Killed(BoughTest):
    def test_kills_at_any_instant_lose_nothing(self):
        source = chance("kills of apply and restore")
        shop = self.world(on_branch_deleted=SOON)
        shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, shop.apply())
        ending, restoring = (Kills(took, source) for took in self.undisturbed(shop))
        for number in range(KILLS):
            with self.subTest(round=number):
                query(f"INSERT INTO carts VALUES ({number})", shop.env("cart"))
                tip = shop.repository.tip("cart")
                shop.repository.delete("cart")
                self.assert_exit(0, shop.apply())
                for _ in range(4):
                    ending.command(shop, "apply", "--yes")
                self.end(shop)
                restoring.command(shop, "restore", "shop", "-b", "cart")
                shop.bough("restore", "shop", "-b", "cart")
                shop.repository.git("update-ref", "refs/heads/cart", tip)
                self.assert_exit(0, shop.apply())
                self.assertEqual([[str(each)] for each in range(number + 1)],
                                 query("SELECT id FROM carts ORDER BY 1", shop.env("cart")))
                self.assertEqual(["shop--cart", "shop-production"], shop.roles())

        ending.assert_hit()
        restoring.assert_hit()

    def undisturbed(self, shop):
        """How long the end of a hold takes, and how long bringing it back."""
        tip = shop.repository.tip("cart")
        shop.repository.delete("cart")
        self.assert_exit(0, shop.apply())
        wait_until(lambda: "to destroy" in shop.bough("plan").out, "the hold is over")
        yield timed(lambda: self.assert_exit(0, shop.apply()))
        yield timed(lambda: self.assert_exit(0, shop.bough("restore", "shop", "-b", "cart")))
        shop.repository.git("update-ref", "refs/heads/cart", tip)
        self.assert_exit(0, shop.apply())

    def end(self, shop):
        def ended():
            self.assert_exit(0, shop.apply())
            return shop.databases() == ["shop-production"]
        wait_until(ended, "the hold ended")
        self.assertEqual(["shop-production"], shop.roles())


if __name__ == "__main__":
    unittest.main()
