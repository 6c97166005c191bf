"""Databases of branches that begin with a copy of production."""

import os

from servers import Server, link
from world import BoughTest, app, query, spec, try_sql

SCHEMA = """\
CREATE SCHEMA app;
CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE NOT NULL, phone text, age int,
                    bio varchar(200), token uuid DEFAULT gen_random_uuid());
CREATE TABLE app.orders (id serial PRIMARY KEY, buyer text REFERENCES users (email), note text);
CREATE TABLE sessions (id int, secret text);
CREATE TABLE audit (at timestamptz DEFAULT now(), old text);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN INSERT INTO public.audit (old) VALUES (OLD.email); RETURN NEW; END$$;
CREATE TRIGGER noted AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION noted();
CREATE VIEW adults AS SELECT * FROM users WHERE age >= 18;
CREATE MATERIALIZED VIEW addresses AS SELECT email FROM users;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE moods (id positive, m mood);
CREATE EXTENSION pgcrypto;
"""
ROWS = """\
INSERT INTO users SELECT i, 'user' || i || '@example.com', '+43' || i, i, 'bio of ' || i
  FROM generate_series(1, 100) i;
INSERT INTO app.orders (buyer, note) SELECT email, 'for ' || email FROM users;
INSERT INTO sessions SELECT i, 'secret' || i FROM generate_series(1, 10) i;
REFRESH MATERIALIZED VIEW addresses;
"""
RULES = [{"column": "users.email", "with": "email"}, {"column": "app.orders.buyer", "with": "email"},
         {"column": "app.orders.note", "with": "nothing"}, {"column": "users.phone", "with": "hash"},
         {"column": "users.age", "with": "zero"}, {"column": "users.bio", "with": "text"},
         {"table": "sessions", "with": "empty"}]
MIGRATE = "psql -v ON_ERROR_STOP=1 -q -f schema.sql"


def production():
    return {"app.yaml": spec(), "schema.sql": SCHEMA}


def branch(extra="CREATE TABLE extra (id int);\n"):
    """The branch's tool knows what production's did: here by asking for a table."""
    return {"app.yaml": spec(migrate="sh migrate.sh"),
            "migrate.sh": "test -n \"$(psql -Atc \"SELECT to_regclass('users')\")\" || "
                          "psql -v ON_ERROR_STOP=1 -q -f schema.sql\npsql -v ON_ERROR_STOP=1 -qc "
                          f"'{extra.strip()}'\n", "schema.sql": SCHEMA}


class Copies(BoughTest):
    def shop(self, **settings):
        shop = self.world(**settings)
        shop.repository.push("main", production())
        self.assert_exit(0, shop.apply())
        done = try_sql(ROWS, shop.env())
        self.assert_exit(0, done)
        return shop

    def push(self, shop, name="cart"):
        shop.repository.push(name, branch())
        return self.assert_exit(0, shop.apply())

    def assert_owned(self, shop, name):
        """All in the database belongs to its login, who may change it."""
        rows = shop.psql("SELECT DISTINCT relowner::regrole::text FROM pg_class c JOIN "
                         "pg_namespace n ON n.oid = relnamespace WHERE n.nspname IN "
                         "('public', 'app') AND relkind IN ('r', 'v', 'm', 'S')", name)
        self.assertEqual([[f'"{name}"']], rows)
        variables = shop.env("cart")
        self.assert_exit(0, try_sql("ALTER TABLE users ADD COLUMN more int; DROP TABLE moods;"
                                    "ALTER SCHEMA app RENAME TO app2; DROP FUNCTION noted CASCADE",
                                    variables))

    def test_schema_copies_definitions_only(self):
        shop = self.shop(copy="schema")
        shop.repository.push("cart", branch())
        self.assert_says("production's definitions", shop.bough("plan"))
        self.push(shop)
        self.assertEqual([["0"]], query("SELECT count(*) FROM users", shop.env("cart")))
        self.assertIn("extra", shop.tables("shop--cart"))
        self.assert_owned(shop, "shop--cart")
        self.assert_settled(shop)

    def test_data_copies_all_rows(self):
        shop = self.shop(copy="data")
        self.push(shop)
        self.assertEqual([["100"]], query("SELECT count(*) FROM app.orders", shop.env("cart")))
        self.assert_owned(shop, "shop--cart")
        self.assertNotIn("extra", shop.tables("shop-production"))

    def test_masked_hides_what_the_rules_name(self):
        shop = self.shop(copy="masked", masking=RULES)
        self.push(shop)
        variables = shop.env("cart")
        self.assertEqual([["100", "100", "0"]], query(
            "SELECT count(DISTINCT email), count(DISTINCT phone), max(age) FROM users", variables))
        self.assertEqual([["100"]], query("SELECT count(*) FROM app.orders JOIN users ON buyer = "
                                          "email WHERE note IS NULL", variables))
        self.assertEqual([["0"]], query("SELECT count(*) FROM sessions", variables))
        everything = "".join(str(row) for table in ("users", "app.orders", "audit", "addresses",
                                                    "sessions", "pg_stats")
                             for row in query(f"SELECT * FROM {table}", variables))
        for secret in ("@example.com", "+43", "bio of", "secret"):
            self.assertNotIn(secret, everything)
        self.assertEqual([["100"]], query("SELECT count(*) FROM users WHERE email LIKE "
                                          "'%@example.com'", shop.env()))

    def test_a_rule_that_cannot_be_followed_makes_nothing(self):
        for rules, why in (([{"column": "users.mail", "with": "email"}], "no such column"),
                           ([{"column": "people.email", "with": "email"}], "no such table"),
                           ([{"column": "users.email", "with": "hash"}], "refers to it"),
                           ([{"column": "users.id", "with": "zero"}], "is unique")):
            shop = self.shop(copy="masked", masking=rules)
            shop.repository.push("cart", branch())
            self.assert_says(why, self.assert_exit(1, shop.apply()))
            self.assertEqual(["shop-production"], shop.databases())
            self.assertEqual(["shop-production"], shop.roles())
            shop.close()

    def test_nobody_reaches_a_template(self):
        shop = self.shop(copy="data")
        self.push(shop)
        self.assertEqual(2, len([name for name in shop.databases() if name.startswith("shop")]))
        template, = [name for name in shop.databases() if name.startswith("bough_template")]
        done = try_sql("SELECT 1", {**shop.env("cart"), "PGDATABASE": template})
        self.assert_says("not currently accepting connections", self.assert_exit(2, done))
        self.assertEqual([["f"]], shop.psql(
            f"SELECT has_database_privilege('public', '{template}', 'CONNECT')"))
        self.assertEqual([["f"]], shop.psql(
            f"SELECT rolcanlogin FROM pg_roles WHERE rolname = '{template}'"))
        document = shop.bough("status", "--json")
        self.assertNotIn("bough_template", document.out)

    def test_the_template_goes_with_the_wish(self):
        shop = self.shop(copy="data")
        self.push(shop)
        shop.configure(copy="none")
        self.assert_says("1 to destroy", shop.bough("plan"))
        self.assert_exit(0, shop.apply())
        self.assertEqual(["shop--cart", "shop-production"], shop.databases())
        self.assertEqual(["shop--cart", "shop-production"], shop.roles())
        self.assert_settled(shop)

    def test_before_production_is_migrated_a_branch_begins_empty(self):
        shop = self.world(copy="data")
        shop.repository.push_all({"main": production(), "cart": branch()})
        self.assert_says("begins empty: production has no such database", shop.bough("plan"))
        self.assert_exit(0, shop.apply())
        self.assertIn("extra", shop.tables("shop--cart"))

    def test_a_rebuilt_branch_begins_with_the_copy_again(self):
        shop = self.shop(copy="data")
        files = branch()
        files["migrations/1_a.sql"] = "SELECT 1;\n"
        shop.repository.push("cart", files)
        self.assert_exit(0, shop.apply())
        files["migrations/1_a.sql"] = "SELECT 2;\n"
        shop.repository.push("cart", files)
        self.assert_says("kept as", shop.bough("plan"))
        self.assert_exit(0, shop.apply())
        self.assertEqual([["100"]], query("SELECT count(*) FROM users", shop.env("cart")))
        self.assert_owned(shop, "shop--cart")

    def test_row_63_names_are_no_commands_of_a_client(self):
        shop = self.shop(copy="data")
        evil = f"/dev/shm/e{os.getpid()}"
        odd = f'a\n\\! touch {evil}\n\\c postgres\n--'
        for kind in (f'CREATE TABLE "{odd}" ("{odd}" int)',
                     f'CREATE SCHEMA "{odd}"',
                     f'CREATE TABLE "{odd}2" (t text DEFAULT E\'\\\\! touch {evil}\')',
                     f'COMMENT ON TABLE "{odd}" IS E\'x\\n\\\\! touch {evil}\'',
                     f'CREATE FUNCTION "{odd}"() RETURNS int LANGUAGE sql AS \'SELECT 1\''):
            self.assert_exit(0, try_sql(kind, shop.env()))
        self.assert_exit(0, try_sql(f'INSERT INTO "{odd}2" VALUES (E\'\\n\\\\! touch {evil}\\n\')',
                                    shop.env()))
        self.push(shop)
        self.assertFalse(os.path.exists(evil))
        names = "SELECT count(*) FROM pg_class WHERE relname LIKE 'a%touch%'"
        self.assertEqual([["2"]], query(names, shop.env("cart")))
        self.assertEqual([["1"]], query("SELECT count(*) FROM pg_namespace WHERE nspname LIKE "
                                        "'a%touch%'", shop.env("cart")))


class Linked(BoughTest):
    """A team's server, whose admin is no superuser."""

    def linked(self, server, **settings):
        shop = self.world()
        link(shop, server, **settings)
        return shop

    def check(self, version):
        server = Server(version)
        self.addCleanup(server.close)
        shop = self.linked(server, copy="data")
        files = production()
        files["schema.sql"] = files["schema.sql"].replace("CREATE EXTENSION pgcrypto;\n", "")
        shop.repository.push("main", files)
        self.assert_exit(0, shop.apply())
        self.assert_exit(0, try_sql(ROWS, shop.env()))
        more = branch()
        more["schema.sql"] = files["schema.sql"]
        shop.repository.push("cart", more)
        self.assert_exit(0, shop.apply())
        variables = shop.env("cart")
        self.assertEqual([["100"]], query("SELECT count(*) FROM users", variables))
        self.assert_exit(0, try_sql("ALTER TABLE users ADD COLUMN more int; DROP TABLE moods;"
                                    "ALTER SCHEMA app RENAME TO app2; DROP FUNCTION noted CASCADE",
                                    variables))
        link(shop, server, copy="none")
        self.assert_exit(0, shop.apply())
        self.assertEqual(["shop--cart", "shop-production"], sorted(server.rows(
            "SELECT datname FROM pg_database WHERE datname ~ '^(shop|bough)'")))

    def test_13(self):
        self.check(13)

    def test_14(self):
        self.check(14)

    def test_15(self):
        self.check(15)

    def test_a_dump_program_that_is_too_old_is_said(self):
        server = Server(18)
        self.addCleanup(server.close)
        shop = self.linked(server, copy="schema")
        shop.repository.push("main", app("orders"))
        self.assert_exit(0, shop.apply())
        shop.repository.push("cart", app("carts"))
        self.assert_says("install postgresql-18", self.assert_exit(1, shop.apply()))


if __name__ == "__main__":
    import unittest
    unittest.main()
