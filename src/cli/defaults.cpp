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
  for (Test& test : suite.tests) {
    if (options.override_limits) test.limits.replace_by(options.limits);
    const auto takes = [&](const char* property) { return options.override_limits || !test.properties.contains(property); };
    if (options.timeout_signal && takes("TIMEOUT_SIGNAL_NAME")) test.limits.timeout_signal = *options.timeout_signal;
    if (options.timeout_grace && takes("TIMEOUT_SIGNAL_GRACE_PERIOD")) test.limits.grace = *options.timeout_grace;
    if (options.processor_affinity && takes("PROCESSOR_AFFINITY")) test.limits.processor_affinity = true;
    if (options.capture && !test.properties.contains("PTESTS_CAPTURE")) test.capture = *options.capture;
    if (test.capture == Capture::none) test.requirements.run_serial = true;
    test.limits.take_defaults(options.limits);
    test.limits.take_defaults(defaults);
    std::optional<double>& output_size = test.limits[LimitKind::output_size];
    if (!output_size && test.capture != Capture::none) output_size = k_output_size;
  }
}

}  // namespace ptests::cli
