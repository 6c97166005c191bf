#include "spec/ruling.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace bough {
namespace {

constexpr Severity kError = Severity::error;
constexpr Severity kWarning = Severity::warning;
constexpr Severity kNote = Severity::note;

constexpr Ruling kOfFiles[] = {
    {"alias-cycle", kError, "An alias names an anchor that ended before it.",
     "A value that holds itself would have no end.", "write the value out",
     "name: shop\nservices: &all\n- *all\n"},
    {"bad-key", kError, "A key is a text.",
     "YAML allows lists and mappings as keys; nothing in these files is named so. Mostly the "
     "indentation is wrong, or a text that begins with a bracket lacks quotes.",
     "quote the key, or check the indentation", "name: shop\n? [a]\n: b\n"},
    {"bad-merge", kError, "The key `<<` takes a mapping, or a list of mappings.",
     "Merge keys take over the keys of an anchored mapping; its own keys win.",
     "name an anchor of a mapping, as in `<<: *common`", "name: shop\n<<: text\n"},
    {"encoding", kError, "A file is valid UTF-8 without control characters.",
     "A byte order mark is fine. UTF-16 and stray bytes are not: readers differ in what they make "
     "of them.",
     "save the file as UTF-8 text", "name: shop\nregion: \x01\n"},
    {"key-case", kWarning, "Keys are written in lower case.",
     "The platform's own tool takes keys in any case, so bough does, too; editors and other "
     "readers do not.",
     "write the key in lower case", "name: shop\nDatabases: []\n"},
    {"missing-key", kError, "A key that is required is there.",
     "The platform refuses the entry when it is deployed, or, for a database without a name, takes "
     "a spec that it cannot use.",
     "add the key", "name: shop\ndatabases:\n- engine: PG\n"},
    {"more", kNote, "At most 100 diagnostics of a file are shown, errors first.",
     "What is left is often a consequence of the first ones.", "mend these first"},
    {"out-of-range", kWarning, "A number lies within the platform's limits.",
     "The platform refuses other numbers when the app is deployed; bough makes no use of them.",
     "choose a number within the limits", "name: shop\nservices:\n- name: web\n  http_port: 0\n"},
    {"repeated-key", kError, "A key stands once in a mapping, in whatever case.",
     "The platform's own tool takes the last one silently, so that a reader who looks at the first "
     "is misled.",
     "remove one of the two", "name: shop\nregion: fra\nregion: nyc\n"},
    {"second-document", kError, "A file holds one document.",
     "The platform's own tool ignores what follows `---`, so a database that stands there would "
     "never be made. An empty second document is fine.",
     "keep one document in the file", "name: shop\n---\nname: other\n"},
    {"syntax", kError, "A file is YAML or JSON.",
     "As long as it is not, nothing in it can be relied on, and bough changes nothing that it "
     "concerns.",
     "check indentation, quotes and brackets", "name: shop: two\n"},
    {"tab", kError, "Indentation is made of spaces.",
     "YAML allows no tabs there, and editors show them in different widths. In JSON they are fine.",
     "indent with spaces", "name: shop\ndatabases:\n\t- name: db\n"},
    {"too-deep", kError, "Values are nested at most 64 levels deep.",
     "No spec needs more; deeper ones are made to exhaust their reader.", "write it flatter"},
    {"too-large", kError,
     "An app.yaml has at most 256 KiB, a bough.yaml 1 MiB, and either 100,000 values, counting "
     "those that aliases repeat.",
     "No real file comes near; larger ones are made to exhaust their reader.",
     "write a smaller file, with fewer aliases"},
    {"unfamiliar-value", kWarning, "A word of a list is one that is known.",
     "The platform may have learnt new words since, and bough makes no use of this one, so it is "
     "passed over.",
     "check the spelling", "name: shop\nservices:\n- name: web\n  protocol: HTTP9\n"},
    {"unknown-key", kError, "Keys are those of the reference.",
     "The platform's own tool refuses others, too. A key that is misspelt would silently do "
     "nothing.",
     "check the spelling and the indentation", "name: shop\ndatabase: []\n"},
    {"unknown-tag", kError, "Tags are those of YAML itself: !!str, !!int, !!float, !!bool, !!null.",
     "Others ask a reader to run code or to decode data.",
     "remove it, or quote the text if the `!` belongs to it", "name: !!python/name:os.system x\n"},
    {"unknown-value", kError, "A word of a fixed list is written exactly as in the list.",
     "The platform's own tool lets any word through, and the deployment fails later.",
     "use a word of the list", "name: shop\ndatabases:\n- {name: db, engine: pg}\n"},
    {"unquoted", kNote, "Numbers and yes-or-no words that are texts stand in quotes.",
     "The text is taken as it is written (`version: 1.10` stays 1.10). The platform's own tool "
     "refuses the file, and other readers may make 1.1 of it.",
     "put it in quotes", "name: shop\ndatabases:\n- {name: db, version: 16}\n"},
    {"wrong-type", kError, "A value is of its key's type.",
     "The platform's own tool refuses others, too, without saying where they stand.",
     "see the reference for the key's type", "name: shop\ndatabases: db\n"},
};

constexpr Ruling kOfPlans[] = {
    {"commands-left-out", kWarning, "The operator lets the commands of branches run.",
     "Whoever may push decides what runs on bough's machine unless `commands` in bough.yaml says "
     "otherwise; the branch has its database all the same.",
     "set build_command and migration_command in bough.yaml, or commands: branch"},
    {"copied-note", kWarning, "Each database bears its own note.",
     "The note of a database that is there says nothing about another one: it was copied, and is "
     "not believed.",
     "remove the comment of that database"},
    {"no-branches", kError, "The remote lists branches.",
     "An empty answer says more about the remote than about the branches, so nothing is changed.",
     "push a branch, or correct the URL"},
    {"no-production-branch", kError, "The production branch is known.",
     "The remote's HEAD names no branch, so bough cannot tell production from the others, and "
     "changes nothing.",
     "set production_branch in bough.yaml"},
    {"other-version", kWarning, "An instance has the version that the spec asks for.",
     "A linked instance is of the version it is. The database is made there all the same.",
     "change the version, or the repository's instance"},
    {"scheduled-job", kNote, "Jobs of kind SCHEDULED are somebody else's.",
     "bough runs what belongs to a revision: builds, migrations, and the jobs around a deployment. "
     "Something that runs by the clock is for the platform that runs the app.",
     "nothing to do; or run it by a timer of the app's platform"},
    {"over-budget", kWarning, "A production database is smaller than limits.size.",
     "A branch's database that grows beyond it may not write; production only says so.",
     "make room, or raise limits.size"},
    {"trust-unsupported", kWarning, "trusted_sources is for dev instances.",
     "A linked server's own rules say who may connect to it, and bough cannot change them.",
     "let the addresses in there"},
    {"unreachable", kError, "The repository answers.",
     "The absence of an answer is never the absence of a branch: nothing is changed.",
     "see the message; bough test and git ls-remote help to find the cause"},
    {"unreadable-spec", kError, "The spec of a branch is a file of a fitting size.",
     "A link, a folder or an enormous file is not followed or read, and nothing of that branch is "
     "changed.",
     "commit app.yaml as a plain file"},
};

constexpr Ruling kUnknown{"", kError, "", "", ""};

const std::array<std::span<const Ruling>, 4>& tables() {
  static const std::array<std::span<const Ruling>, 4> kTables{
      rulings_of_files(), rulings_of_specs(), rulings_of_configurations(), rulings_of_plans()};
  return kTables;
}

}  // namespace

std::span<const Ruling> rulings_of_files() {
  return kOfFiles;
}

std::span<const Ruling> rulings_of_plans() {
  return kOfPlans;
}

std::vector<Ruling> rulings() {
  std::vector<Ruling> all;
  for (const auto& table : tables()) all.insert(all.end(), table.begin(), table.end());
  std::sort(all.begin(), all.end(),
            [](const Ruling& a, const Ruling& b) { return a.code < b.code; });
  return all;
}

const Ruling* find_ruling(std::string_view code) {
  for (const auto& table : tables())
    for (const Ruling& ruling : table)
      if (ruling.code == code) return &ruling;
  return nullptr;
}

const Ruling& ruling_of(std::string_view code) {
  const Ruling* ruling = find_ruling(code);
  assert(ruling && "every code has a ruling");
  return ruling ? *ruling : kUnknown;
}

}  // namespace bough
