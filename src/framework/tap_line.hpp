#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/test.hpp"

namespace ptests {

// What a line of the Test Anything Protocol says, versions 12 to 14. Numbers that are too great are the greatest there is. Texts are
// without escapes (`\#`, `\\`) and without spaces around them.
// Sources: https://testanything.org/tap-version-13-specification.html and https://testanything.org/tap-version-14-specification.html;
// what is older, as TAP::Parser 3.44 reads it.

/// "TAP version 14"; which one makes no difference.
struct TapVersion {};

/// "1..5", "1..0 # SKIP no network", "1..5 todo 2 4" (Perl's Test.pm).
struct TapPlan {
  std::uint64_t count = 0;
  std::string reason;               ///< the comment, without SKIP; "" = none
  std::vector<std::uint64_t> todo;  ///< numbers, ascending
};

/// "not ok 3 - description # TODO reason".
struct TapTestLine {
  enum class Directive : std::uint8_t { none, skip, todo };
  bool is_ok = true;
  std::optional<std::uint64_t> number;
  std::string description;  ///< "" = none
  Directive directive = Directive::none;
  std::string reason;               ///< of the directive
  std::optional<Seconds> duration;  ///< "# time=12.5ms" of node-tap, "# in 12 ms" of Bats
};

/// "# text".
struct TapComment {
  std::string text;
};

/// "# Subtest: name", before the lines of the subtest.
struct TapHeader {
  std::string name;  ///< "" = none
};

/// "pragma +strict,-bail". Nobody else's keys mean anything to us.
struct TapPragma {
  std::optional<bool> is_strict;
};

/// "Bail out! reason".
struct TapBailOut {
  std::string reason;
};

struct TapBlank {};

/// No TAP.
struct TapOther {};

using TapLine = std::variant<TapOther, TapBlank, TapVersion, TapPlan, TapTestLine, TapComment, TapHeader, TapPragma, TapBailOut>;

/// `line` has no line end and no indentation.
TapLine parse_tap_line(std::string_view line);

/// A string of YAML in one line without its quotes: `'it''s'`, `"a \"b\""`, `plain`.
std::string unquote_yaml(std::string_view text);

}  // namespace ptests
