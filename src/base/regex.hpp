#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace re2 {
class RE2;
}

namespace ptests {

/// One regular expression in CMake's syntax, run by RE2 over bytes in linear time.
/// Source of the syntax: cmake-language "Regex Specification": `^ $ . [ ] [^ ] * + ? | ( )`; a backslash makes the next
/// character literal; inside brackets a backslash is itself; `.` matches a newline; `^` and `$` match only at the ends.
class Regex {
 public:
  static Result<Regex> compile(std::string_view cmake_syntax);
  bool found_in(std::string_view text) const;
  const std::string& source() const { return source_; }

 private:
  Regex(std::string source, std::shared_ptr<const re2::RE2> program);
  std::string source_;
  std::shared_ptr<const re2::RE2> program_;
};

/// The longest piece of `cmake_syntax` that stands for itself: what its author looks for in a name. "" when there is none.
std::string longest_literal(std::string_view cmake_syntax);

/// `cmake_syntax` rewritten for RE2 (exposed for its tests).
std::string to_re2_syntax(std::string_view cmake_syntax);

}  // namespace ptests
