#include "cli/defaults.hpp"

namespace ptests::cli {

namespace {

/// Source: ctest(1), DartConfiguration's TimeOut.
constexpr double k_timeout = 1500;
constexpr double k_output_size = 64.0 * 1024 * 1024;

}  // namespace

void apply_defaults(Suite& suite, const Options& options) {
  Limits defaults;
  defaults[LimitKind::timeout] = k_timeout;
  defaults[LimitKind::output_size] = k_output_size;
  for (Test& test : suite.tests) {
    test.limits.take_defaults(options.limits);
    test.limits.take_defaults(defaults);
    if (options.capture && !test.properties.contains("PTESTS_CAPTURE")) test.capture = *options.capture;
    if (test.capture == Capture::none) test.requirements.run_serial = true;
  }
}

}  // namespace ptests::cli
