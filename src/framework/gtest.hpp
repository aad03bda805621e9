#pragma once

#include <memory>

#include "framework/adapter.hpp"

namespace ptests {

/// GoogleTest 1.8 and later, made for 1.12. Cases with the same id run together or one alone: a set with only some of them also runs the
/// others, of which there are no events.
std::unique_ptr<Adapter> make_gtest_adapter();

}  // namespace ptests
