#include "framework/ctest_cases.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace ptests {

namespace {

/// A quoted argument of CMake.
std::string cmake_quoted(std::string_view text) {
  std::string argument = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '$') argument += '\\';
    // CMake would read "\r\n" as "\n".
    if (c == '\r')
      argument += "\\r";
    else
      argument += c;
  }
  return argument + '"';
}

/// An element of a list in a property.
std::string element(std::string_view text) {
  std::string value;
  for (const char c : text) {
    if (c == ';') value += '\\';
    value += c;
  }
  return value;
}

/// Frames of what CMake calls a backtrace: where the case is, and our file as its caller, by which we know the test again.
std::string backtrace(const CTestCase& one, const std::string& file) {
  const bool is_plain = one.location.file.find_first_of(";[]\\") == std::string::npos;
  if (one.location.file.empty() || !is_plain) return fmt::format("{};0;", file);
  return fmt::format("{};{};test_case;{};0;", one.location.file, one.location.line, file);
}

/// A property more: name and value. Lists and environment grow, all else is overruled.
void add(std::string& properties, std::string_view name, std::string_view value) {
  if (!value.empty()) properties += fmt::format(" {} {}", name, cmake_quoted(value));
}

std::string properties_of(const CTestCase& one, const Test& parent) {
  std::string properties;
  if (one.disabled) add(properties, "DISABLED", "TRUE");
  for (const std::string& label : one.labels) add(properties, "LABELS", element(label));
  for (const std::string& variable : one.how.environment) add(properties, "ENVIRONMENT", element(variable));
  add(properties, "SKIP_REGULAR_EXPRESSION", one.how.skipped);
  add(properties, "FAIL_REGULAR_EXPRESSION", one.how.none_ran);
  if (!one.location.file.empty()) add(properties, "DEF_SOURCE_LINE", fmt::format("{}:{}", one.location.file, one.location.line));
  if (parent.ctest_cases) add(properties, "_BACKTRACE_TRIPLES", backtrace(one, parent.ctest_cases->file));
  return properties;
}

}  // namespace

std::string ctest_cases_text(const Test& parent, std::string_view stamp, const std::vector<CTestCase>& cases) {
  std::string text = fmt::format(
      "# The test cases of an executable, made by ptests for ctest.\n"
      "if(_paralleltests_version EQUAL 1 AND _paralleltests_stamp STREQUAL {} AND _paralleltests_command STREQUAL {})\n"
      "set(_paralleltests_listed TRUE)\n",
      cmake_quoted(stamp), cmake_quoted(join(parent.command, ";")));
  std::string command;
  for (const std::string& word : parent.command) command.append(" ").append(cmake_quoted(word));
  for (const CTestCase& one : cases) {
    text += fmt::format("set(_paralleltests_test {})\nadd_test(\"${{_paralleltests_test}}\"{}", cmake_quoted(one.name), command);
    for (const std::string& argument : one.how.arguments) text.append(" ").append(cmake_quoted(argument));
    text += ")\n_paralleltests_set_properties()\n";
    if (const std::string properties = properties_of(one, parent); !properties.empty())
      text += fmt::format("set_tests_properties(\"${{_paralleltests_test}}\" PROPERTIES{})\n", properties);
  }
  return text + "endif()\n# end\n";
}

}  // namespace ptests
