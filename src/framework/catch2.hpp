#pragma once

#include <memory>

#include "framework/adapter.hpp"

namespace ptests {

/// Catch2 2.13 and 3.
///
/// TestCase::id is the name as the listing gives it. 2.13 wraps long names, and where a line break may stand for a space or for nothing the
/// id has '\n'. Names are selected through quoted test specs. A spec takes no account of case, of white space at the ends, and of `*` at
/// the ends; a case that runs for such a reason only, though it was not asked for, is left out by the reader.
std::unique_ptr<Adapter> make_catch2_adapter();

}  // namespace ptests
