"""The JSON Schemas of `bough schema` and the readers of `bough validate` agree on every case."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
BOUGH = os.environ["BOUGH"]

# What a schema can say, it must say; what it may say or not, since only a part can be said.
SAYABLE = {"unknown-key", "missing-key", "wrong-type", "unknown-value", "missing-cluster",
           "bad-variable"}
PARTLY = {"bad-name", "bad-version", "key-case", "empty"}
# What is no matter of a schema, since the document is not read to its end.
UNREAD = {"syntax", "tab", "encoding", "alias-cycle", "too-deep", "too-large"}


class Loader(yaml.SafeLoader):
    """YAML as the readers take it: dates are texts, and merge keys work."""


Loader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def run(*words, stdin=""):
    done = subprocess.run([BOUGH, *words], input=stdin.encode(), capture_output=True, check=False)
    return done.stdout.decode()


def diagnostics(kind, texts, folder):
    """What one run says of each of the texts, in lists of their own."""
    paths = [folder / str(number) / ("bough.yaml" if kind == "config" else "app.yaml")
             for number in range(len(texts))]
    for path, text in zip(paths, texts):
        path.parent.mkdir()
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    said = {str(path): [] for path in paths}
    for one in json.loads(run("validate", "--json", *said))["diagnostics"]:
        said[one["file"]].append(one)
    return list(said.values())


DATABASE = "name: shop\ndatabases:\n- name: db\n  "
SERVICE = "name: shop\nservices:\n- name: web\n  "
INLINE = {
    "app": {
        "plain": "name: shop\n",
        "no name": "region: fra\n",
        "null name": "name:\n",
        "a name of another type": "name: [a]\n",
        "a name with capitals": "name: Shop\n",
        "a template": "spec:\n  name: shop\n",
        "a template with more": "spec:\n  name: shop\nname: shop\n",
        "nothing for a list": "name: shop\ndatabases:\n",
        "nothing in a list": "name: shop\ndatabases:\n-\n",
        "an unknown engine": DATABASE + "engine: ORACLE\n",
        "a number for a text": DATABASE + "version: 16\n",
        "production": DATABASE + "production: true\n",
        "production of a cluster": DATABASE + "production: true\n  cluster_name: main\n",
        "production of no cluster": DATABASE + "production: true\n  cluster_name: ''\n",
        "no production": DATABASE + "production: false\n",
        "yes": DATABASE + "production: yes\n  cluster_name: main\n",
        "a quoted flag": DATABASE + "production: 'true'\n",
        "a hostile name": DATABASE + "db_name: 'a;b'\n",
        "a migration": DATABASE + "migration_command: make\n",
        "an unknown key": SERVICE + "env: []\n",
        "a word that is doubted": SERVICE + "protocol: HTTP9\n",
        "a number beyond its limits": SERVICE + "http_port: 0\n",
        "a quoted number": SERVICE + "http_port: '80'\n",
        "a variable": SERVICE + "envs:\n  - {key: A, value: 80, scope: RUN_TIME}\n",
        "a variable's name": SERVICE + "envs:\n  - {key: 1A}\n",
        "an unknown scope": SERVICE + "envs:\n  - {key: A, scope: RUNTIME}\n",
        "a merge key": "name: shop\nworkers:\n- &w {name: aa, run_command: x}\n"
                       "- {<<: *w, name: bb}\n",
        "json": '{"name": "shop", "jobs": [{"name": "aa", "kind": "PRE_DEPLOY"}]}',
        "an unknown kind": "name: shop\njobs:\n- {name: aa, kind: BEFORE}\n",
        "a schedule": "name: shop\njobs:\n- {name: aa, kind: SCHEDULED, schedule: {cron: x}}\n",
        "a text for a list": "name: shop\nenvs: hunter2\n",
        "a date": "name: shop\nenvs:\n- {key: A, value: 2024-01-01}\n",
    },
    "config": {
        "nothing": "",
        "all": (ROOT / "tests/fuzz/seeds/config/all").read_text(encoding="utf-8"),
        "an unknown key": "pol: 5m\n",
        "a secret inside": "journal_password: hunter2\n",
        "no url": "repositories:\n- name: shop\n",
        "a number for a text": "repositories:\n- {name: 1, url: 'https://h/r'}\n",
        "an unknown provider": "repositories:\n- name: shop\n  url: https://h/r\n  webhooks:\n"
                               "  - {provider: hub, secret: {env: X}}\n",
        "a text for a number": "repositories:\n- name: shop\n  url: https://h/r\n"
                               "  limits: {connections: many}\n",
    },
}


def cases(kind):
    for name, text in INLINE[kind].items():
        yield name, text
    patterns = {"app": ("tests/cases/specs/*.yaml", "tests/cases/specs/*.json",
                        "examples/*/app/app.yaml", "tests/fuzz/seeds/spec/*"),
                "config": ("examples/**/bough*.yaml", "tests/fuzz/seeds/config/*")}
    for pattern in patterns[kind]:
        for path in sorted(ROOT.glob(pattern)):
            yield str(path.relative_to(ROOT)), path.read_bytes()


def value_of(text):
    """The document, or None when it is no YAML, which is no matter of a schema."""
    try:
        return [yaml.load(text, Loader)]
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


class SchemaTest(unittest.TestCase):
    def agree(self, name, text, found, schema):
        value = value_of(text)
        codes = {one["code"] for one in found if one["severity"] != "note"}
        if value is None or codes & UNREAD:
            return
        refusals = [f"{one.json_path}: {one.message}" for one in schema.iter_errors(value[0])]
        said = "\n".join(refusals) + "\n" + json.dumps(found, indent=1)
        if codes & SAYABLE:
            self.assertTrue(refusals, f"only the reader refuses {name}:\n{said}")
        elif not codes & PARTLY:
            self.assertFalse(refusals, f"only the schema refuses {name}:\n{said}")

    def check(self, kind):
        schema = json.loads(run("schema", kind))
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)
        all_cases = list(cases(kind))
        with tempfile.TemporaryDirectory() as folder:
            said = diagnostics(kind, [text for _, text in all_cases], pathlib.Path(folder))
        for (name, text), found in zip(all_cases, said):
            with self.subTest(name):
                self.agree(name, text, found, validator)
        return len(all_cases)

    def test_app(self):
        self.assertGreater(self.check("app"), 60)

    def test_config(self):
        self.assertGreater(self.check("config"), 8)

    def test_examples_of_the_rulings(self):
        schema = jsonschema.Draft7Validator(json.loads(run("schema", "app")))
        for code in sorted(SAYABLE):
            with self.subTest(code):
                example = json.loads(run("validate", "--json", "--explain", code))["example"]
                value = value_of(example)
                self.assertTrue(list(schema.iter_errors(value[0])), example)

    def test_every_key_has_a_hover_text(self):
        for kind in ("app", "config"):
            for name, shape in json.loads(run("schema", kind))["definitions"].items():
                for key, about in shape["properties"].items():
                    self.assertGreater(len(about["description"]), 5, f"{kind} {name}.{key}")


if __name__ == "__main__":
    unittest.main()
