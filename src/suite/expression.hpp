#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.hpp"
#include "base/result.hpp"

namespace ptests {

/// How the argument of a predicate is compared with a text.
struct Matcher {
  enum class How : std::uint8_t {
    exact,     ///< (=text)
    contains,  ///< (text)
    glob,      ///< (~glob), the whole text; `*` matches `/` too
    regex,     ///< (/re/), found anywhere
  };
  How how = How::exact;
  std::string text;
  std::optional<Regex> regex;

  bool matches(const std::string& candidate) const;
};

/// One question about a test.
struct Predicate {
  enum class Kind : std::uint8_t { name, label, suite, level, file, framework, status, speed, priority, deps, rdeps, all, none };
  Kind kind = Kind::all;
  Matcher matcher;                 ///< of names, labels, suites, files and frameworks
  std::vector<std::string> words;  ///< of levels, states, speeds and priorities: one of them, in lower case
  std::size_t at = 0;              ///< where it stands in the expression, in bytes
};

/// A selection as `-e` takes it:
///
///     name(text) name(=text) name(~glob) name(/re/)      label(x) = tag(x)   suite(x)   framework(x)   file(glob)
///     level(unit|integration|system)                     priority(P0|P1|P2|P3)          speed(slow|fast)
///     status(failed|new|flaky|slow|quarantined|passed|skipped|outstanding)
///     deps(name) rdeps(name)                             all() none()
///
/// with `and` `&`, `or` `|`, `not` `!` and parentheses; `not` binds closer than `and`, that closer than `or`. The argument of label, suite
/// and framework is exact, that of file is a glob of the path in the source directory, unless one of `= ~ /` says otherwise. Arguments
/// are trimmed; parentheses in them stand in pairs or behind a backslash; a list of words is separated by commas.
struct Expression {
  enum class Kind : std::uint8_t { predicate, all_of, any_of, none_of };
  Kind kind = Kind::predicate;
  Predicate predicate;
  std::vector<Expression> parts;

  /// An error names the column and shows it.
  static Result<Expression> parse(std::string_view text);
};

/// `message` with the place in `expression` that it is about: its column, and the expression with a caret under it.
Error error_at(std::string_view expression, std::size_t at, std::string_view message, std::string hint);

}  // namespace ptests
