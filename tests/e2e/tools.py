"""Migration tools as their users run them: the files of a history, the command, what ran."""

import json
import os
import shutil
import tempfile

from world import run

PACKAGES = ["node-pg-migrate@9", "pg@8", "knex@3", "drizzle-orm@0.45", "drizzle-kit@0.31",
            "@dbmate/linux-x64@2", "deno@2"]
# For other systems, or for what these commands do not do.
NEEDLESS = ["node_modules/@esbuild-kit", "node_modules/tsx"]
BIN = "../node_modules/.bin"
EVIDENCE = "CREATE TABLE IF NOT EXISTS ran (what text)"


def archive():
    """All npm packages as one archive, a file for push: builds need no network then."""
    with tempfile.TemporaryDirectory(prefix="bough-e2e-npm-") as folder:
        words = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"]
        done = run(words + PACKAGES, cwd=folder, env={"npm_config_cache": f"{folder}/cache"})
        assert done.status == 0, done
        for needless in NEEDLESS:
            shutil.rmtree(f"{folder}/{needless}")
        done = run(["tar", "--create", "--use-compress-program=gzip -1", "--file=tools.tar",
                    "node_modules", "package.json", "package-lock.json"], cwd=folder)
        assert done.status == 0, done
        with open(os.path.join(folder, "tools.tar"), "rb") as file:
            return os.fsdecode(file.read())


def statements(table):
    return [EVIDENCE, f"CREATE TABLE {table} (id int)", f"INSERT INTO ran VALUES ('{table}')"]


def sql(table):
    return ";\n".join(statements(table)) + ";\n"


def table_of(step):
    return step.partition("_")[2]


class Psql:
    """A script that is safe to repeat, as those who use no tool write them."""

    command = "psql -X -q -v ON_ERROR_STOP=1 -f psql/all.sql"
    bookkeeping = set()

    def files(self, history):
        lines = [EVIDENCE + ";"]
        for step in history:
            table = table_of(step)
            lines += [f"SELECT to_regclass('{table}') IS NULL AS missing \\gset",
                      "\\if :missing", sql(table), "\\endif"]
        return {"all.sql": "\n".join(lines)}


class NodePgMigrate:
    command = f"cd node_pg_migrate && {BIN}/node-pg-migrate up"
    bookkeeping = {"pgmigrations"}

    def files(self, history):
        return {f"migrations/{step}.js":
                f"exports.up = (pgm) => pgm.sql({json.dumps(sql(table_of(step)))});\n"
                for step in history}


class Knex:
    command = f"cd knex && {BIN}/knex migrate:latest"
    bookkeeping = {"knex_migrations", "knex_migrations_lock"}
    FILE = "module.exports = {client: 'pg', connection: process.env.DATABASE_URL};\n"

    def files(self, history):
        return {"knexfile.js": self.FILE,
                **{f"migrations/{step}.js":
                   f"exports.up = (knex) => knex.raw({json.dumps(sql(table_of(step)))});\n"
                   "exports.down = () => {};\n" for step in history}}


class DrizzleKit:
    command = f"cd drizzle_kit && {BIN}/drizzle-kit migrate"
    bookkeeping = set()  # in a schema of its own
    CONFIG = ("module.exports = {dialect: 'postgresql', out: './drizzle',\n"
              "  dbCredentials: {url: process.env.DATABASE_URL}};\n")

    def files(self, history):
        entries = [{"idx": index, "version": "7", "when": 1700000000000 + int(step[0]) * 1000,
                    "tag": step, "breakpoints": True} for index, step in enumerate(history)]
        journal = {"version": "7", "dialect": "postgresql", "entries": entries}
        mark = ";\n--> statement-breakpoint\n"
        return {"drizzle.config.js": self.CONFIG,
                "drizzle/meta/_journal.json": json.dumps(journal),
                **{f"drizzle/{step}.sql": mark.join(statements(table_of(step)))
                   for step in history}}


class Dbmate:
    command = "cd dbmate && ../node_modules/@dbmate/linux-x64/bin/dbmate --no-dump-schema up"
    bookkeeping = {"schema_migrations"}

    def files(self, history):
        return {f"db/migrations/{step}.sql": f"-- migrate:up\n{sql(table_of(step))}"
                "-- migrate:down\n" for step in history}


class Deno:
    """Deno brings no migrations: this is the program that its users write."""

    command = "cd deno && ../node_modules/@deno/linux-x64-glibc/deno task --quiet migrate"
    bookkeeping = {"applied"}
    PROGRAM = """\
import pg from "pg";
const client = new pg.Client({connectionString: Deno.env.get("DATABASE_URL")});
await client.connect();
await client.query("CREATE TABLE IF NOT EXISTS applied (file text PRIMARY KEY)");
const known = (await client.query("SELECT file FROM applied")).rows.map((row) => row.file);
const files = [...Deno.readDirSync("migrations")].map((entry) => entry.name).sort();
for (const file of files.filter((name) => !known.includes(name))) {
  await client.query("BEGIN");
  await client.query(await Deno.readTextFile("migrations/" + file));
  await client.query("INSERT INTO applied VALUES ($1)", [file]);
  await client.query("COMMIT");
}
await client.end();
"""

    def files(self, history):
        task = {"tasks": {"migrate": "deno run --allow-all --cached-only migrate.ts"},
                "nodeModulesDir": "manual"}
        return {"deno.json": json.dumps(task), "migrate.ts": self.PROGRAM,
                **{f"migrations/{step}.sql": sql(table_of(step)) for step in history}}


class Sqitch:
    command = 'cd sqitch && sqitch deploy "db:$DATABASE_URL"'
    bookkeeping = set()  # in a schema of its own
    CONF = "[core]\n  engine = pg\n[user]\n  name = T\n  email = t@example.com\n"

    def files(self, history):
        plan = "%syntax-version=1.0.0\n%project=shop\n\n"
        for step in history:
            plan += f"{step} 2024-01-0{step[0]}T00:00:00Z T <t@example.com> # {step}\n"
        return {"sqitch.conf": self.CONF, "sqitch.plan": plan,
                **{f"deploy/{step}.sql": f"BEGIN;\n{sql(table_of(step))}COMMIT;\n"
                   for step in history}}


class Alembic:
    command = "cd alembic && alembic upgrade head"
    bookkeeping = {"alembic_version"}
    INI = "[alembic]\nscript_location = alembic\n"
    ENV = """\
import os
from alembic import context
from sqlalchemy import create_engine
with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

    def files(self, history):
        files = {"alembic.ini": self.INI, "alembic/env.py": self.ENV}
        for before, step in zip([None, *history], history):
            files[f"alembic/versions/{step}.py"] = (
                f"from alembic import op\nrevision = {step!r}\ndown_revision = {before!r}\n\n\n"
                f"def upgrade():\n    op.execute({sql(table_of(step))!r})\n")
        return files


# By the folder that its files are in, which is also its database's component.
TOOLS = {"psql": Psql(), "node_pg_migrate": NodePgMigrate(), "knex": Knex(),
         "drizzle_kit": DrizzleKit(), "dbmate": Dbmate(), "deno": Deno(), "sqitch": Sqitch(),
         "alembic": Alembic()}
