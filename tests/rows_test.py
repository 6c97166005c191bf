"""Every attack that docs/security.md lists by number has a test with that number in its name."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS = set(range(1, 101))
NOT_APPLICABLE = {21: "no provider proves itself by OIDC",
                  44: "bough does not check signatures of commits",
                  75: "MySQL is not served yet",
                  76: "Redis and Valkey are not served yet",
                  77: "Kafka is not served yet"}
REQUIRED = ROWS - set(NOT_APPLICABLE)

# TEST(Row7, …), TEST_F(X, Row7_…), TEST_P(X, Row36_37_40_…), INSTANTIATE_TEST_SUITE_P(Row12, …
CPP = re.compile(r"^(?:TEST|TEST_F|TEST_P|INSTANTIATE_TEST_SUITE_P)\(([^{;]*?)[){]", re.M | re.S)
CPP_ROWS = re.compile(r"\bRow(\d+(?:_\d+)*)(?=_|\b)")
PYTHON = re.compile(r"^ +def test_rows?_((?:\d+_)+)", re.M)
# | 12 | attack | answer |
DOCUMENTED = re.compile(r"^\| *(\d+) *\| *([^|]*?) *\| *([^|]*?) *\|", re.M)


def numbers(text):
    return {int(number) for number in text.split("_") if number}


def rows_of(path, text):
    if path.endswith(".py"):
        return set().union(*(numbers(found) for found in PYTHON.findall(text)))
    named = " ".join(CPP.findall(text))
    return set().union(*(numbers(found) for found in CPP_ROWS.findall(named)))


def tested(root):
    """File names by row."""
    found = {}
    for folder in ("spec", "git", "provisioners", "reconciler", "tests"):
        for pattern in ("*_test.cc", "*_test.py"):
            for file in sorted((root / folder).rglob(pattern)):
                path = file.relative_to(root).as_posix()
                for row in rows_of(path, file.read_text(encoding="utf-8")):
                    found.setdefault(row, []).append(path)
    return found


class RowsTest(unittest.TestCase):
    def setUp(self):
        text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
        self.documented = {int(row): answer for row, _, answer in DOCUMENTED.findall(text)}
        self.tested = set(tested(ROOT))

    def test_every_row_has_a_test(self):
        self.assertEqual([], sorted(REQUIRED - self.tested))

    def test_every_row_is_documented(self):
        self.assertEqual(sorted(ROWS), sorted(self.documented))

    def test_every_tested_row_is_documented(self):
        self.assertEqual([], sorted(self.tested - set(self.documented)))

    def test_what_does_not_apply_says_why_and_is_not_tested(self):
        for row, reason in NOT_APPLICABLE.items():
            self.assertEqual(f"does not apply: {reason}", self.documented[row])
        self.assertEqual([], sorted(set(NOT_APPLICABLE) & self.tested))
        self.assertEqual(set(NOT_APPLICABLE), {row for row, answer in self.documented.items()
                                               if answer.startswith("does not apply")})

    def test_row_43_what_old_libgit2_does_wrong_is_not_used(self):
        for file in sorted((ROOT / "git").glob("*.cc")):
            if not re.search(r"(_test|/testing|/http_site)\.cc$", file.as_posix()):
                text = file.read_text(encoding="utf-8")
                self.assertIsNone(re.search(r"\bgit_(revparse|index_(?!er))\w*\(", text), file)

    def test_names_are_read(self):
        self.assertEqual({7, 12, 36, 37, 40}, rows_of("a_test.cc", "TEST(Row7, X) {\n"
                         "INSTANTIATE_TEST_SUITE_P(\n    Row12, Payload,\n    testing::Values(\n"
                         "TEST_F(HttpTest, Row36_37_40_Each) {\n// Row99\nTEST(Throw5, X) {\n"))
        self.assertEqual({8, 24, 25}, rows_of("a_test.py", "    def test_row_8_x(self):\n"
                                              "    def test_rows_24_25_x(self):\n"))


if __name__ == "__main__":
    unittest.main()
