#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/outcome.hpp"

namespace ptests {

/// "left running, killed: 4711 sleep 1000\n", a line a process; "" when it left none. Very many are not all named.
std::string left_lines(const TestResult& result);

/// What is known of a test's end besides its reason and its output, for people, in whole lines: what it left running, the stacks of
/// its threads, its core dump, its temporary files where they were kept.
std::string end_details(const TestResult& result);

/// Bytes of one output that a report gets: all of it is in the test's own log.
inline constexpr std::size_t k_most_output = std::size_t{1024} * 1024;
/// The same in XML, which few people read for what a test printed that passed.
std::size_t most_in_xml(Status status);

/// Bytes of its stderr, where that was kept apart.
std::uint64_t error_log_size(const TestResult& result);

/// `text` with line breaks as "\n".
std::string on_one_line(std::string_view text);
/// `text` ends in a line break, unless it is empty.
std::string with_newline(std::string text);

}  // namespace ptests
