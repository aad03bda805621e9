#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "framework/adapter.hpp"

namespace ptests {

/// Whether what a process wrote to the file in PTESTS_CASE_EVENTS begins as our listeners begin it.
bool is_of_listener(std::string_view events);

/// Reads what the listeners of include/paralleltests write; the form is documented in include/paralleltests/events.hpp.
/// The second start of an id is the second of `chosen` with that id.
std::unique_ptr<CaseReader> make_listener_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen);

}  // namespace ptests
