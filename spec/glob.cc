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

/// Which ends of the text's beginnings match one more token, given which match without it.
std::vector<bool> advanced(const std::vector<bool>& before, Token token, std::string_view text) {
  std::vector<bool> after(text.size() + 1, false);
  if (token.piece == Piece::part || token.piece == Piece::all) after[0] = before[0];
  if (token.piece == Piece::parts) after = before;
  bool reached = before[0];
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (token.piece) {
      case Piece::byte:
        after[i + 1] = before[i] && text[i] == token.byte;
        break;
      case Piece::one:
        after[i + 1] = before[i] && text[i] != '/';
        break;
      case Piece::part:
        after[i + 1] = before[i + 1] || (after[i] && text[i] != '/');
        break;
      case Piece::all:
        after[i + 1] = before[i + 1] || after[i];
        break;
      case Piece::parts:
        if (reached && text[i] == '/') after[i + 1] = true;
        reached = reached || before[i + 1];
        break;
    }
  }
  return after;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  std::vector<bool> matches(text.size() + 1, false);
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
