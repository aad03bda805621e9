#include <doctest/doctest.h>

#include "cli/thresholds.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

cli::Options parsed(const Words& words) {
  const Result<cli::Options> options = cli::parse_options(words);
  REQUIRE_MESSAGE(options, message(options));
  return *options;
}

std::string error_of(const Words& words) { return message(cli::parse_options(words)); }

}  // namespace

TEST_CASE("thresholds are of a machine that is protected, and that tells what they are about") {
  CHECK(error_of({"--protect=off", "--mem-threshold=1G"}) == "--mem-threshold: nothing is watched with --protect=off");
  CHECK(error_of({"--cpu-threshold=90", "--protect=off"}) == "--cpu-threshold: nothing is watched with --protect=off");
  CHECK(parsed({"--cpu-threshold=90", "--protect=off", "--protect=on"}).cpu_threshold == 90);

  MachineState machine;
  CHECK(cli::make_thresholds({}, machine, 2));
  const auto fault = [&](const cli::Options& options) { return message(cli::make_thresholds(options, machine, 2)); };
  CHECK(fault(parsed({"--cpu-threshold=90"}))
            .starts_with("--cpu-threshold: this machine tells no CPU pressure (there is no /proc/pressure/cpu)"));
  CHECK(fault(parsed({"--mem-threshold=1G"})).starts_with("--mem-threshold: this machine does not tell how much memory is available"));
  machine.cpu_pressure = 0;
  machine.memory_total = machine.memory_available = 1 << 30;
  const auto thresholds = cli::make_thresholds(parsed({"--cpu-threshold=90", "--mem-threshold=100"}), machine, 2);
  REQUIRE(thresholds);
  CHECK(thresholds->stop.cpu_pressure == 90);
  CHECK(thresholds->stop.memory_available == 100);
  CHECK_FALSE(thresholds->hold.cpu_pressure);
  CHECK(thresholds->hold.memory_available > 100);
}
