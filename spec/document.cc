#include "spec/document.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <sstream>

#include "spec/encoding.h"
#include "spec/place.h"
#include "spec/result.h"
#include "spec/tree_builder.h"

namespace bough {
namespace {

constexpr std::string_view kCoreTags = "tag:yaml.org,2002:";

/// Thrown through the parser to leave it, since its callbacks have no other way; what happened is
/// in the findings.
struct Halt {};

Position position_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {mark.line + 1, mark.column + 1};
}

void go_on(bool further) {
  if (!further) throw Halt{};
}

/// Passes the parser's events on to the tree.
class TreeEvents final : public YAML::EventHandler {
 public:
  TreeEvents(TreeBuilder& builder, Findings& findings) : builder_(builder), findings_(findings) {}

  Position start() const { return start_; }
  /// Where the last text begins that is quoted or tagged as one.
  std::optional<Position> last_quoted() const { return last_quoted_; }

  void OnDocumentStart(const YAML::Mark& mark) override { start_ = position_of(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    go_on(builder_.leaf({position_of(mark), Null{}}, anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    go_on(builder_.alias(position_of(mark), anchor));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    const bool quoted = tag == "!" || tag == std::string(kCoreTags) + "str";
    last_quoted_ = quoted ? std::optional(position_of(mark)) : std::nullopt;
    go_on(builder_.leaf({position_of(mark), Scalar{value, quoted}}, anchor));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    go_on(builder_.begin(TreeBuilder::Kind::sequence, position_of(mark), anchor));
  }
  void OnSequenceEnd() override { go_on(builder_.end()); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    go_on(builder_.begin(TreeBuilder::Kind::mapping, position_of(mark), anchor));
  }
  void OnMapEnd() override { go_on(builder_.end()); }

 private:
  void check_tag(const YAML::Mark& mark, std::string_view tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    static constexpr std::array<std::string_view, 7> kKnown{"str",  "int", "float", "bool",
                                                            "null", "seq", "map"};
    if (tag.starts_with(kCoreTags) &&
        std::find(kKnown.begin(), kKnown.end(), tag.substr(kCoreTags.size())) != kKnown.end())
      return;
    findings_.say(position_of(mark), "unknown-tag", fmt::format("unknown tag {}", in_quotes(tag)),
                  "remove it, or quote the text if the `!` belongs to it");
  }

  TreeBuilder& builder_;
  Findings& findings_;
  Position start_;
  std::optional<Position> last_quoted_;
};

/// Leaves the parser as soon as a further document holds anything.
class FurtherEvents final : public YAML::EventHandler {
 public:
  Position start;

  void OnDocumentStart(const YAML::Mark& mark) override { start = position_of(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { throw Halt{}; }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {
    throw Halt{};
  }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    throw Halt{};
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    throw Halt{};
  }
  void OnMapEnd() override {}
};

std::string_view rest_from(std::string_view text, Position at) {
  for (int i = 1; i < at.line; ++i) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(std::min(static_cast<std::size_t>(at.column - 1), text.size()));
}

std::string_view line_at(std::string_view text, int line) {
  const std::string_view rest = rest_from(text, {line, 1});
  return rest.substr(0, rest.find('\n'));
}

/// What stands behind the anchors and tags that a value may begin with.
std::string_view without_properties(std::string_view value) {
  while (value.starts_with('&') || value.starts_with('!')) {
    const std::size_t end = std::min(value.find_first_of(" \t\n"), value.size());
    value.remove_prefix(std::min(value.find_first_not_of(" \t\r\n", end), value.size()));
  }
  return value;
}

/// Whether a text that begins with a quote ends with one, too.
bool closes(std::string_view text) {
  if (!text.starts_with('\'') && !text.starts_with('"')) return true;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[0] == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == text[0])
      return true;
  }
  return false;
}

/// Where the parser's complaint is at home, in words of ours.
struct Trouble {
  std::string_view parser_says;
  std::string_view message;
  std::string_view fix;
};
constexpr std::array kTroubles{
    Trouble{"illegal map value", "a `:` stands where none can be",
            "quote the value if it contains `: `, or check the indentation"},
    Trouble{"illegal map key", "a `?` stands where none can be", "quote the text"},
    Trouble{"illegal block entry", "a list entry `-` stands where none can be",
            "begin the list on its own line, and check the indentation"},
    Trouble{"illegal flow end", "a closing bracket does not match",
            "check the brackets, or quote the text"},
    Trouble{"illegal tab", "a tab is used for indentation", "indent with spaces"},
    Trouble{"end of map flow", "the mapping in `{ }` is not closed here",
            "close it, separate entries by commas, and quote values such as \"${db.URL}\""},
    Trouble{"end of sequence flow", "the list in `[ ]` is not closed here",
            "close it, and separate entries by commas"},
    Trouble{"end of map not found", "this does not continue the mapping around it",
            "check the indentation, and quote the whole text if it begins with a quote"},
    Trouble{"end of sequence not found", "this does not continue the list around it",
            "begin each entry with `- `, at the same indentation"},
    Trouble{"illegal EOF in scalar", "a quoted text is not closed", "add the closing quote"},
    Trouble{"illegal document indicator", "a quoted text is not closed before `---` or `...`",
            "add the closing quote"},
    Trouble{"unknown escape", "unknown escape in a double-quoted text",
            "write `\\\\` for a backslash, or use single quotes"},
    Trouble{"the referenced anchor", "the alias names no anchor before it",
            "define the anchor with `&`, or quote the text if the `*` belongs to it"},
    Trouble{"unknown token", "a text cannot begin with this character", "quote the text"},
    Trouble{"bad file", "values are nested too deeply", ""},
};

void report(const YAML::Exception& exception, std::string_view text, Position at,
            Findings& findings) {
  const std::string_view line = line_at(text, at.line);
  const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
  if (const auto tab = indentation.find('\t'); tab != std::string_view::npos)
    return findings.say({at.line, static_cast<int>(tab) + 1}, "tab",
                        "a tab is used for indentation", "indent with spaces");
  for (const Trouble& trouble : kTroubles)
    if (std::string_view(exception.msg).starts_with(trouble.parser_says))
      return findings.say(at, "syntax", std::string(trouble.message), std::string(trouble.fix));
  findings.say(at, "syntax", printable(exception.msg));
}

/// Brackets that the end of the file leaves open are better shown where they were opened.
Position place_of(const YAML::Exception& exception, std::string_view text,
                  const TreeBuilder& builder) {
  const Position at = position_of(exception.mark);
  const bool in_brackets = std::string_view(exception.msg).starts_with("end of");
  const bool at_end = rest_from(text, at).find_first_not_of(" \t\r\n") == std::string_view::npos;
  const bool lost = in_brackets && (at == Position{} || at_end);
  return lost && builder.innermost_open() ? *builder.innermost_open() : at;
}

/// The parser takes a quoted text that the end of the file cuts off, and with it all that the open
/// quote swallows.
void check_quotes(std::optional<Position> last, std::string_view text, Findings& findings) {
  if (last && !closes(without_properties(rest_from(text, *last))))
    findings.say(*last, "syntax", "a quoted text is not closed", "add the closing quote");
}

void refuse_further(Position at, std::string_view text, Findings& findings) {
  if (line_at(text, at.line).starts_with("---"))
    return findings.say(at, "second-document", "a second document begins here",
                        "keep one document in the file");
  findings.say(at, "syntax", "this does not belong to the document before it",
               "check the indentation");
}

/// Only an empty document may follow the first one. A parser that does not move on would give
/// documents for ever, so it is asked twice at most.
void check_end(YAML::Parser& parser, Position first, std::string_view text, Findings& findings) {
  FurtherEvents further;
  try {
    if (!parser.HandleNextDocument(further)) return;
    if (further.start == first)
      return findings.say(first, "syntax", "a text cannot begin with this character",
                          "quote the text");
    const Position second = further.start;
    if (parser.HandleNextDocument(further)) refuse_further(second, text, findings);
  } catch (const Halt&) {
    refuse_further(further.start, text, findings);
  }
}

/// The one fence around the parser: whether the tree is complete.
bool parse(std::string_view text, TreeBuilder& builder, Findings& findings) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeEvents events(builder, findings);
    if (!parser.HandleNextDocument(events)) return true;
    check_quotes(events.last_quoted(), text, findings);
    check_end(parser, events.start(), text, findings);
    return true;
  } catch (const Halt&) {
    return false;
  } catch (const YAML::Exception& exception) {
    report(exception, text, place_of(exception, text, builder), findings);
    return false;
  } catch (const std::exception&) {
    findings.say({}, "syntax", "the file cannot be read as YAML");
    return false;
  }
}

bool is_decimal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789.eE+-_") != std::string_view::npos)
    return false;
  std::string digits(text);
  std::erase(digits, '_');
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  return stop == end && error != std::errc::invalid_argument;
}

bool is_number(std::string_view text) {
  const auto prefixed = [&](std::string_view prefix, std::string_view digits) {
    return text.starts_with(prefix) && text.size() > prefix.size() &&
           text.find_first_not_of(digits, prefix.size()) == std::string_view::npos;
  };
  return is_decimal(text) || prefixed("0x", "0123456789abcdefABCDEF_") ||
         prefixed("0o", "01234567_") || prefixed("0b", "01_");
}

}  // namespace

std::optional<Node> read_document(std::string_view text, Findings& findings, std::size_t largest) {
  const auto readable = decoded(text, largest, findings);
  if (!readable) return std::nullopt;
  TreeBuilder builder(findings);
  if (!parse(*readable, builder, findings)) return std::nullopt;
  return std::move(builder).take();
}

const Node* find(const Node& node, std::string_view key) {
  const auto* mapping = std::get_if<Mapping>(&node.content);
  if (!mapping) return nullptr;
  for (const Entry& entry : mapping->entries)
    if (entry.key == key)
      return std::holds_alternative<Null>(entry.value.content) ? nullptr : &entry.value;
  return nullptr;
}

std::string text_at(const Node& node, std::string_view key) {
  const Node* value = find(node, key);
  const auto* scalar = value ? std::get_if<Scalar>(&value->content) : nullptr;
  return scalar ? scalar->text : std::string();
}

std::string_view description(const Node& node) {
  const auto of_scalar = [](const Scalar& scalar) -> std::string_view {
    const Plain kind = scalar.quoted ? Plain::text : plain_kind(scalar.text);
    if (kind == Plain::text) return "a text";
    return kind == Plain::number ? "a number" : "a yes-or-no value";
  };
  return std::visit(Match{[](const Null&) -> std::string_view { return "nothing"; }, of_scalar,
                          [](const Sequence&) -> std::string_view { return "a list"; },
                          [](const Mapping&) -> std::string_view { return "a mapping"; }},
                    node.content);
}

Plain plain_kind(std::string_view text) {
  if (plain_boolean(text)) return Plain::boolean;
  return is_number(text) ? Plain::number : Plain::text;
}

std::optional<bool> plain_boolean(std::string_view text) {
  static constexpr std::array<std::string_view, 11> kYes{
      "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"};
  static constexpr std::array<std::string_view, 11> kNo{"false", "False", "FALSE", "no", "No", "NO",
                                                        "off",   "Off",   "OFF",   "n",  "N"};
  if (std::find(kYes.begin(), kYes.end(), text) != kYes.end()) return true;
  if (std::find(kNo.begin(), kNo.end(), text) != kNo.end()) return false;
  return std::nullopt;
}

}  // namespace bough
