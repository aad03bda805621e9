#pragma once

#include <memory>

#include "framework/adapter.hpp"

namespace ptests {

/// doctest 2.4.7 and later: lists and tells of its cases in XML, and picks them by their place in the list. TestCase::id is the case's
/// name as that XML has it: control characters and bytes that are no UTF-8 as \xNN.
std::unique_ptr<Adapter> make_doctest_adapter();

}  // namespace ptests
