#pragma once

#include <string>

#include "base/result.hpp"
#include "run/retry.hpp"
#include "run/runner.hpp"

namespace ptests::cli {

/// --retries: "2", "2:0.5" (seconds before the first retry), "2:0.5:2" (each further delay is twice as long).
Result<Retries> parse_retries(const std::string& value);

/// --repeat: "until-fail:N", "until-pass:N", "after-timeout:N", as ctest has it.
Result<Repeat> parse_repeat(const std::string& value);

/// --fail-fast: "" (the first failure), "N", "now" (what runs is killed), "N:now". Its most_time is left alone.
Result<EarlyEnd> parse_fail_fast(const std::string& value);

/// A number of at least `least`, for the option `option`.
Result<int> parse_count(const std::string& option, const std::string& value, int least);

}  // namespace ptests::cli
