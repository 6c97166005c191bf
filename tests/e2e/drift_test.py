"""Row 73: what people change on the server behind bough's back is put back, or said."""

import json
import unittest

from world import BoughTest, app, query, try_sql


class Drift(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.shop.repository.push_all({"main": app("orders"), "cart": app("carts")})
        self.assert_exit(0, self.shop.apply())
        query("INSERT INTO carts VALUES (7)", self.shop.env("cart"))

    def sql(self, *statements):
        for statement in statements:
            self.shop.psql(statement)

    def put_back(self, expected):
        """The plan tells what was found as drift, and apply puts it back; the data stayed."""
        done = self.shop.bough("plan")
        self.assert_says("Changed outside of bough\n.*" + expected, done)
        self.assertTrue(self.shop.bough("plan", "--json").json()["drift"])
        self.assert_says(r'"DriftDetected",\s*"status": "True"',
                         self.shop.bough("status", "shop", "--json"))
        self.assert_exit(0, self.shop.apply())
        self.assert_settled(self.shop)
        self.assertEqual([["7"]], query("SELECT id FROM carts", self.shop.env("cart")))
        self.assertEqual(["carts"], self.shop.ledger("shop--cart"))

    def alarm(self, expected):
        """Production is left as it is, and told by plan, status and events."""
        done = self.assert_exit(4, self.shop.apply())
        self.assert_says(expected, done)
        self.assert_exit(4, self.shop.apply())
        status = self.assert_exit(1, self.shop.bough("status", "shop", "--json"))
        self.assert_says(r'"DriftDetected",\s*"status": "True"', status)
        events = [one for one in self.shop.bough("events", "--json").lines()
                  if one["kind"] == "drift"]
        self.assertEqual(1, len(events), "told once")
        self.assertRegex(events[0]["message"], expected)

    def test_row_73_a_renamed_database_and_role(self):
        self.sql('ALTER DATABASE "shop--cart" RENAME TO mine')
        self.put_back("it is called mine now")
        self.sql('ALTER ROLE "shop--cart" RENAME TO me')
        self.put_back("its role is called me now")
        self.sql('ALTER ROLE "shop--cart" RENAME TO me', 'ALTER DATABASE "shop--cart" RENAME TO mine')
        self.put_back("it is called mine now, its role is called me now")
        self.assertEqual(["shop--cart", "shop-production"], self.shop.databases())

    def test_row_73_another_owner_guest_and_privileges(self):
        self.sql("CREATE ROLE alice", 'ALTER DATABASE "shop--cart" OWNER TO alice')
        self.put_back("it belongs to alice")
        self.sql('GRANT CONNECT ON DATABASE "shop--cart" TO "shop-production"')
        self.put_back("shop-production may connect")
        self.sql('ALTER ROLE "shop--cart" CREATEDB',
                 'GRANT "shop-production" TO "shop--cart"', 'GRANT pg_monitor TO "shop--cart"')
        self.put_back("its role is a member of pg_monitor, shop-production")
        self.assertEqual([["f"]], self.shop.psql(
            "SELECT rolcreatedb FROM pg_roles WHERE rolname = 'shop--cart'"))

    def test_row_73_changed_privileges(self):
        variables = self.shop.env("cart")
        self.sql('ALTER ROLE "shop--cart" NOLOGIN', 'REVOKE ALL ON DATABASE "shop--cart" FROM '
                 '"shop--cart"', 'GRANT ALL ON DATABASE "shop--cart" TO PUBLIC')
        self.put_back("everybody may connect")
        self.assertEqual(variables, self.shop.env("cart"))

    def test_row_73_a_login_without_its_own_database(self):
        self.sql('REVOKE CONNECT ON DATABASE "shop--cart" FROM "shop--cart"')
        self.put_back("refuses connections")

    def test_row_73_a_changed_password(self):
        self.sql('ALTER ROLE "shop--cart" PASSWORD $$another$$')
        # Only trying it tells, which is too dear for every look.
        self.assert_settled(self.shop)
        self.assert_says("password was changed outside of bough",
                         self.assert_exit(1, self.shop.bough("doctor")))
        self.put_back("its password was changed outside of bough")

    def test_row_73_an_edited_note(self):
        note = self.shop.psql("SELECT shobj_description(oid, 'pg_database') FROM pg_database"
                              " WHERE datname = 'shop--cart'")[0][0]
        self.sql('COMMENT ON DATABASE "shop--cart" IS NULL')
        self.assert_says("lost the note", self.assert_exit(4, self.shop.apply()))
        edited = dict(json.loads(note.removeprefix("bough ")), generation=9)
        self.sql(f'COMMENT ON DATABASE "shop--cart" IS $$bough {json.dumps(edited)}$$')
        self.assert_says("lost the note", self.assert_exit(4, self.shop.apply()))
        self.sql(f'COMMENT ON DATABASE "shop--cart" IS $${note}$$')
        self.assert_exit(0, self.shop.apply())

    def test_row_73_a_copied_note(self):
        note = self.shop.psql("SELECT shobj_description(oid, 'pg_database') FROM pg_database"
                              " WHERE datname = 'shop--cart'")[0][0]
        self.sql("CREATE DATABASE stranger", f"COMMENT ON DATABASE stranger IS $${note}$$")
        self.assert_says("stranger on dev-pg15 bears a copy of the note", self.shop.bough("plan"))
        # Now nobody can say which of the two is the one that was renamed.
        self.sql('ALTER DATABASE "shop--cart" RENAME TO mine')
        self.assert_says("is called mine, stranger now", self.assert_exit(4, self.shop.apply()))
        self.assertEqual(["mine", "shop-production", "stranger"], self.shop.databases())

    def test_row_73_production_is_not_touched(self):
        self.sql("CREATE ROLE alice", 'ALTER DATABASE "shop-production" OWNER TO alice')
        self.alarm("belongs to alice now")
        self.assertEqual([["alice"]], self.shop.psql(
            "SELECT datdba::regrole FROM pg_database WHERE datname = 'shop-production'"))

    def test_row_73_a_renamed_production_is_not_made_anew(self):
        self.sql('ALTER DATABASE "shop-production" RENAME TO mine')
        self.alarm("is called mine now")
        self.assertEqual(["mine", "shop--cart"], self.shop.databases())
        self.sql('ALTER DATABASE mine RENAME TO "shop-production"')
        self.assert_exit(0, self.shop.apply())

    def test_row_73_a_lost_production_is_not_made_anew(self):
        self.sql('DROP DATABASE "shop-production" WITH (FORCE)')
        self.alarm("its role is still there")
        self.sql('DROP ROLE "shop-production"')
        self.assert_says("as the journal knows", self.assert_exit(4, self.shop.apply()))
        self.assertEqual(["shop--cart"], self.shop.databases())
        self.assert_exit(0, self.shop.bough("retry", "shop", "--branch", "main"))
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))

    def test_a_production_that_bough_destroyed_may_begin_anew(self):
        self.assert_exit(0, self.shop.bough("destroy", "shop", "--branch", "production",
                                            "--confirm", "shop-production"))
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))

    def test_a_lost_database_of_a_branch_is_made_anew(self):
        self.sql('DROP DATABASE "shop--cart" WITH (FORCE)')
        self.assert_exit(0, self.shop.apply())
        self.assertEqual(["carts"], self.shop.ledger("shop--cart"))
        self.assertEqual(0, try_sql("SELECT 1", self.shop.env("cart")).status)


if __name__ == "__main__":
    unittest.main()
