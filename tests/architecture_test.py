"""Who may include whom, where libraries' headers may stand, and how long a file may be."""

import pathlib
import re
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOUSE = ("spec", "git", "provisioners", "reconciler", "tests")
LONGEST = {".h": 150, ".cc": 400, ".py": 400, ".sh": 400}

DECISIONS = (r"reconciler/(planner|desire|backlog|after|history|manual|stock|previews|relocation|"
             r"restoration|adoption|rehearsal_notes|lanes)[a-z_]*\.(h|cc)")
ENGINE = r"provisioners/([a-z_]+)/"
SPEC = r"spec/"

# The first row that fits a file says what it may include: the name of its room, and patterns of
# paths; {0} is the first group of its own pattern.
ROOMS = (
    (r"spec/", "spec/", (SPEC,)),
    (r"git/", "git/", (SPEC, r"git/")),
    (ENGINE, "an engine", (SPEC, r"provisioners/[a-z_]+\.h", r"provisioners/{0}/")),
    (r"provisioners/", "provisioners/", (SPEC, r"provisioners/[a-z_]+\.h")),
    (DECISIONS, "a decision", (SPEC, DECISIONS)),
    (r"reconciler/runner/", "reconciler/runner/", (SPEC, r"reconciler/runner/")),
    (r"reconciler/cli/", "reconciler/cli/", (r"",)),
    (r"reconciler/server/", "reconciler/server/", (r"(?!reconciler/cli/)",)),
    (r"reconciler/operations/", "reconciler/operations/", (r"(?!reconciler/(cli|server)/)",)),
    (r"reconciler/", "reconciler/", (r"(?!reconciler/(cli|server|operations)/)",)),
    (r"tests/", "tests/", (r"(?!reconciler/(cli|server)/)",)),
)
# A decision's test reads the makers that the shell's tests share.
MAKERS = r"(.*/)?testing\.h"

# Libraries by how their includes begin, and the only place for them; None: any .cc file.
LIBRARIES = {
    "git2": r"git/",
    "curl": r"(git|reconciler/operations)/",
    "pqxx": r"provisioners/postgres/",
    "libpq-fe": r"provisioners/postgres/",
    "yaml-cpp": r"spec/",
    "boost": r"reconciler/server/",
    "CLI": r"reconciler/cli/(main|line\w*)\.cc",
    "spdlog": r"reconciler/cli/",
    "fmt": None,
    "nlohmann": None,
    "openssl": None,
    "sodium": None,
}
TEST_LIBRARIES = ("gtest", "gmock", "rapidcheck")
FORWARD = ("nlohmann/json_fwd.hpp",)
SYSTEM = re.compile(r"[a-z_0-9]+(\.h)?|(arpa|linux|net|netinet|sys)/[a-z_0-9]+\.h")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]*)"|<([^>]*)>)', re.M)


def is_test(path):
    return re.search(r"(_test\.(cc|h)|/testing\.(cc|h)|/test_main\.cc)$", path) is not None


def library(include):
    return re.split(r"[/.]", include)[0]


def ours(path, include):
    """What is wrong with an include of a file of ours."""
    for pattern, room, allowed in ROOMS:
        own = re.match(pattern, path)
        if own is None:
            continue
        name = own.group(1) if own.groups() else ""
        allowed = [one.format(name) for one in allowed]
        if is_test(path):
            allowed.append(MAKERS)
        if any(re.match(one, include) for one in allowed):
            return None
        return f"{room} may not include {include}"
    return f"no rule says what {path} may include"


def theirs(path, include):
    """What is wrong with an include of a library's header."""
    name = library(include)
    if name in TEST_LIBRARIES:
        fine = is_test(path) or path.startswith("tests/")
        return None if fine else f"<{include}> belongs in tests"
    if name not in LIBRARIES:
        known = SYSTEM.fullmatch(include)
        return None if known else f"<{include}> is of no library that the rules know"
    if path.startswith("tests/") or include in FORWARD:
        return None
    if LIBRARIES[name] and not re.match(LIBRARIES[name], path):
        return f"<{include}> belongs in {LIBRARIES[name]} only".replace("\\", "")
    return f"<{include}> belongs in .cc files" if path.endswith(".h") else None


def length(path, text):
    lines, longest = text.count("\n"), LONGEST.get(pathlib.PurePath(path).suffix, 400)
    return [f"{path}: {lines} lines, {longest} at most"] if lines > longest else []


def includes(root, path, text):
    for match in INCLUDE.finditer(text):
        near, far = match.groups()
        if far is not None:
            wrong = theirs(path, far)
        elif not (root / near).is_file():
            wrong = f'"{near}" is no path from the root'
        else:
            wrong = ours(path, near)
        if wrong:
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: {wrong}"


def violations(root):
    found = []
    for folder in HOUSE:
        for file in sorted((root / folder).rglob("*")):
            path = file.relative_to(root).as_posix()
            if file.suffix not in LONGEST or not file.is_file():
                continue
            text = file.read_text(encoding="utf-8")
            found += length(path, text)
            if file.suffix in (".h", ".cc"):
                found += includes(root, path, text)
    return found


PLANTED = (
    ("SpecReachesOut", "spec/a.cc", '#include "git/mirror.h"\n', "spec/ may not include"),
    ("GitKnowsEngines", "git/a.h", '#include "provisioners/provisioner.h"\n', "git/ may not"),
    ("EngineKnowsAnother", "provisioners/mysql/a.cc", '#include "provisioners/postgres/quote.h"\n',
     "an engine may not include"),
    ("EngineKnowsTheShell", "provisioners/postgres/a.cc", '#include "reconciler/apply.h"\n',
     "an engine may not include"),
    ("DecisionActs", "reconciler/planner_x.cc", '#include "reconciler/apply.h"\n',
     "a decision may not include"),
    ("DecisionSeesGit", "reconciler/desire.cc", '#include "git/mirror.h"\n', "a decision may not"),
    ("RunnerKnowsTheShell", "reconciler/runner/a.cc", '  #  include "reconciler/apply.h"\n',
     "reconciler/runner/ may not"),
    ("ShellKnowsTheCommandLine", "reconciler/a.cc", '#include "reconciler/cli/common.h"\n',
     "reconciler/ may not include"),
    ("ServerKnowsTheCommandLine", "reconciler/server/a.cc", '#include "reconciler/cli/common.h"\n',
     "reconciler/server/ may not include"),
    ("OperationsKnowTheServer", "reconciler/operations/a.cc",
     '#include "reconciler/server/http.h"\n', "reconciler/operations/ may not include"),
    ("ShellKnowsOperations", "reconciler/a.cc", '#include "reconciler/operations/operation.h"\n',
     "reconciler/ may not include"),
    ("NotFromTheRoot", "git/a.cc", '#include "mirror.h"\n', "is no path from the root"),
    ("LibraryOfAnother", "reconciler/a.cc", "#include <git2.h>\n", "belongs in git/ only"),
    ("LibrarysInnerHeader", "spec/a.cc", "#include <git2/sys/stream.h>\n", "belongs in git/ only"),
    ("DatabaseInTheJournal", "reconciler/journal/a.cc", "#include <pqxx/pqxx>\n",
     "belongs in provisioners/postgres/ only"),
    ("CommandLineElsewhere", "reconciler/cli/plan.cc", "#include <CLI/CLI.hpp>\n",
     "belongs in reconciler/cli/(main|line"),
    ("LibraryInHeader", "git/a.h", "#include <git2.h>\n", "belongs in .cc files"),
    ("JsonInHeader", "spec/a.h", "#include <nlohmann/json.hpp>\n", "belongs in .cc files"),
    ("NewLibrary", "spec/a.cc", "#include <range/v3/all.hpp>\n", "of no library"),
    ("TestLibraryInCode", "spec/a.cc", "#include <gtest/gtest.h>\n", "belongs in tests"),
    ("LongFile", "spec/a.cc", "\n" * 401, "401 lines, 400 at most"),
    ("LongHeader", "spec/a.h", "\n" * 151, "151 lines, 150 at most"),
)
STANDING = ("git/mirror.h", "provisioners/provisioner.h", "provisioners/postgres/quote.h",
            "reconciler/apply.h", "reconciler/cli/common.h", "reconciler/operations/operation.h",
            "reconciler/server/http.h", "reconciler/planner.h",
            "spec/names.h", "reconciler/testing.h")
FINE = (
    ("spec/a.cc", '#include "spec/names.h"\n#include <yaml-cpp/parser.h>\n#include <sys/un.h>\n'),
    ("provisioners/postgres/b.cc", '#include "provisioners/provisioner.h"\n#include <pqxx/pqxx>\n'),
    ("reconciler/planner_b.cc", '#include "reconciler/planner.h"\n#include <vector>\n'),
    ("reconciler/planner_test.cc", '#include "reconciler/testing.h"\n#include <gtest/gtest.h>\n'),
    ("reconciler/documents.h", "#include <nlohmann/json_fwd.hpp>\n"),
    ("reconciler/cli/b.cc", '#include "reconciler/apply.h"\n#include <fmt/format.h>\n'),
)


def house(folder, files):
    """A small house of these files beside those that others include."""
    root = pathlib.Path(folder)
    for path, text in [(one, "") for one in STANDING] + list(files):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


class ArchitectureTest(unittest.TestCase):
    def test_this_house_is_in_order(self):
        self.assertTrue((ROOT / "spec/place.h").is_file())
        found = violations(ROOT)
        self.assertEqual([], found, "\n" + "\n".join(found))

    def test_a_planted_violation_is_found(self):
        for name, path, text, expected in PLANTED:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                found = violations(house(folder, [(path, text)]))
                self.assertEqual(1, len(found), found)
                self.assertIn(path, found[0])
                self.assertIn(expected, found[0])

    def test_what_is_allowed_is_not_reported(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual([], violations(house(folder, FINE)))


if __name__ == "__main__":
    unittest.main()
