#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ptests {

std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string lower(std::string_view text);

/// A CMake list: elements separated by `;`, `\;` is a semicolon, a `;` inside balanced `[...]` does not separate, empty
/// elements are dropped (as cmExpandList does for test properties).
std::vector<std::string> split_cmake_list(std::string_view text);

/// What ctest takes for true in a test's property: 1 ON YES TRUE Y in any case; any other text, "2" too, is false.
/// Source: CMake's cmIsOn.
bool is_cmake_on(std::string_view text);

/// The whole of `text` as a number; nothing when anything else stands in it.
std::optional<double> parse_number(std::string_view text);
std::optional<int> parse_int(std::string_view text);

/// Shell-style wildcards `*`, `?` and `[...]` against the whole of `text`; a text equal to the pattern always matches.
bool glob_match(const std::string& pattern, const std::string& text);

/// Up to `count` of `names` that a person who typed `word` may have meant, nearest first.
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names, std::size_t count);
/// The same for somebody who typed only a part of the name.
std::vector<std::string> nearest_with_part(std::string_view part, const std::vector<std::string>& names, std::size_t count);

/// `names` as `"a", "b" or "c"`; empty for none.
std::string quoted_choice(const std::vector<std::string>& names);

/// A file name for any test name: letters, digits and `._-+=,@` stay, every other byte becomes %XX; a long name is cut and
/// ends in a hash of the whole, so that different names stay different.
std::string file_name_for(std::string_view name);

/// Command line as a person would type it: words quoted for a POSIX shell where needed.
std::string shell_quoted(const std::vector<std::string>& words);

/// `text` without ANSI escape sequences (colours, cursor movement, titles).
std::string without_escapes(std::string_view text);

}  // namespace ptests
