#pragma once

#include <string>
#include <string_view>

#include "core/test.hpp"

namespace ptests {

/// One of the sources of `suite`.
BundledSource make_bundled_source(std::string_view suite, std::string file);

/// The source that a framework calls `file`, which is what the compiler was given; nullptr when it is none of `bundle`, or of another test.
const BundledSource* find_bundled(const Test& bundle, std::string_view file);

/// `bundle` as if it were an executable of that source alone; what a process needs stays that of the bundle.
Test make_test_of(const Test& bundle, const BundledSource& source);

}  // namespace ptests
