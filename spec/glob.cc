#include <algorithm>
#include <vector>

#include "spec/config.h"

namespace bough {
namespace {

/// One piece of a pattern.
enum class Piece {
  byte,   ///< itself
  one,    ///< `?`: any byte of a path part
  part,   ///< `*`: any bytes within a path part
  parts,  ///< `**/` where a part begins: any number of whole parts
  all,    ///< `**`: any bytes
};
struct Token {
  Piece piece;
  char byte = 0;
};

std::vector<Token> tokens_of(std::string_view pattern) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < pattern.size();) {
    const std::string_view rest = pattern.substr(i);
    const bool at_part = i == 0 || pattern[i - 1] == '/';
    if (at_part && rest.starts_with("**/")) {
      tokens.push_back({Piece::parts});
      i += 3;
    } else if (rest.starts_with("**")) {
      tokens.push_back({Piece::all});
      i += 2;
    } else {
      const char c = pattern[i++];
      tokens.push_back({c == '*' ? Piece::part : c == '?' ? Piece::one : Piece::byte, c});
    }
  }
  return tokens;
}

/// For each beginning of a text whether the tokens so far match it.
using Matches = std::vector<bool>;

Matches after_byte(const Matches& before, Token token, std::string_view text) {
  Matches after(before.size(), false);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool fits = token.piece == Piece::one ? text[i] != '/' : text[i] == token.byte;
    after[i + 1] = before[i] && fits;
  }
  return after;
}

Matches after_bytes(const Matches& before, Token token, std::string_view text) {
  Matches after = before;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (after[i] && (token.piece == Piece::all || text[i] != '/')) after[i + 1] = true;
  return after;
}

Matches after_parts(const Matches& before, std::string_view text) {
  Matches after = before;
  bool reached = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    reached = reached || before[i];
    if (reached && text[i] == '/') after[i + 1] = true;
  }
  return after;
}

Matches advanced(const Matches& before, Token token, std::string_view text) {
  switch (token.piece) {
    case Piece::byte:
    case Piece::one:
      return after_byte(before, token, text);
    case Piece::part:
    case Piece::all:
      return after_bytes(before, token, text);
    case Piece::parts:
      break;
  }
  return after_parts(before, text);
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  Matches matches(text.size() + 1, false);
  matches[0] = true;
  for (const Token& token : tokens_of(pattern)) matches = advanced(matches, token, text);
  return matches.back();
}

bool watched(const RepositoryConfig& repository, const BranchName& branch) {
  const auto matches = [&](const std::string& pattern) {
    return glob_matches(pattern, branch.text());
  };
  return std::any_of(repository.include.begin(), repository.include.end(), matches) &&
         std::none_of(repository.exclude.begin(), repository.exclude.end(), matches);
}

}  // namespace bough
