#pragma once

#include <memory>

#include "framework/adapter.hpp"

namespace ptests {

/// Boost.Test 1.74.
///
/// What its logger HRF writes into a file is read, as that ends each line with a flush; its XML comes when the process ends. A case may
/// name others that it depends on: Boost.Test runs these with it, asked for or not, and skips it unless they pass. Its random numbers only
/// shuffle cases, so CaseOrder::seed means nothing to it. Once it writes into a file, exit() in a case ends in a SIGSEGV.
std::unique_ptr<Adapter> make_boost_adapter();

}  // namespace ptests
