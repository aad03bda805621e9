#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/regex.hpp"
#include "suite/evaluate.hpp"
#include "suite/expression.hpp"
#include "suite/select.hpp"

namespace ptests {

/// A positional word, understood.
struct Word {
  std::string text;
  std::optional<std::string> path;  ///< of a source or a folder, absolute, may be a glob; nothing = a glob of names
};

/// A Selection whose texts were read.
struct Patterns {
  std::vector<Regex> names;
  std::vector<Regex> not_names;
  std::vector<Regex> labels;
  std::vector<Regex> not_labels;
  std::vector<Word> words;
  std::vector<Expression> expressions;
};

bool any_matches(const std::vector<Regex>& regexes, const std::string& text);

/// Whether the word, a name or a glob, is the name of `test`.
bool is_name(const std::string& word, const Test& test);
/// Whether `test` is what the word means.
bool is_meant(const Word& word, const Test& test, const BuildTree& tree);

/// Skipped or disabled the last time, or it will be now.
TestSet skipped_tests(const Known& known);

/// The first word that somebody meant as it stands and that means nothing here: a positional word, a tag, an exact argument in an
/// expression; nothing when there is none.
std::optional<Error> find_slip(const Suite& suite, const Selection& selection, const Patterns& patterns);

/// "did you mean ...?", or where to look.
std::string did_you_mean(const std::vector<std::string>& names);

/// Why nothing is left of the suite.
Error explain_none(const Selection& selection, const Patterns& patterns, const Known& known);

}  // namespace ptests
