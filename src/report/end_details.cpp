#include "report/end_details.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ptests {

namespace {

constexpr std::size_t k_most_named = 20;

}  // namespace

std::string on_one_line(std::string_view text) { return join(split(text, '\n'), "\\n"); }

std::string with_newline(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

std::string left_lines(const TestResult& result) {
  const std::size_t named = std::min(result.left.size(), k_most_named);
  std::string text;
  for (std::size_t i = 0; i < named; ++i)
    text += fmt::format("left running, killed: {} {}\n", result.left[i].pid, on_one_line(without_escapes(result.left[i].command)));
  if (named < result.left.size()) text += fmt::format("left running, killed: {} more\n", result.left.size() - named);
  return text;
}

std::size_t most_in_xml(Status status) { return is_failure(status) || status == Status::quarantined ? k_most_output : k_most_output / 16; }

std::uint64_t error_log_size(const TestResult& result) { return result.error_log.empty() ? 0 : file_size_or_zero(result.error_log); }

std::string end_details(const TestResult& result) {
  std::string text = left_lines(result) + with_newline(without_escapes(result.stacks));
  if (!result.core_file.empty()) text += fmt::format("Core dump: {}\n", result.core_file);
  if (!result.kept_temporary.empty()) text += fmt::format("Temporary files: {}\n", result.kept_temporary);
  return text;
}

}  // namespace ptests
