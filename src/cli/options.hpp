#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/limits.hpp"
#include "core/test.hpp"
#include "report/summary.hpp"
#include "run/retry.hpp"
#include "run/runner.hpp"
#include "schedule/shard.hpp"
#include "suite/select.hpp"
#include "suite/stress.hpp"

namespace ptests::cli {

enum class Format { human, json };

/// What a limit means that this machine cannot enforce.
enum class LimitsPolicy { enforce, best_effort };

/// Whether builds in tests get idle processors: automatic = when the build tools of this machine take them in the way we serve them.
enum class JobserverMode { automatic, on, off };

/// What the user typed for `ptests run` and `ptests list`.
struct Options {
  std::string build_directory;  ///< "" = the current one
  std::string configuration;
  std::string junit;
  std::string history;  ///< "" = paralleltests/history.db in the build directory
  int jobs = 0;         ///< 0 = the processors of this machine
  bool build = true;
  bool from_build_tool = false;
  bool list = false;
  bool list_cases = false;  ///< in the list: cases in the place of their executables
  bool help = false;
  Format format = Format::human;
  bool show_tags = false;  ///< in the list, for people
  std::optional<SummaryKind> summary;

  Limits limits;                         ///< for tests that set none of their own
  std::optional<int> timeout_signal;     ///< as the next two, for tests that say nothing of it; nothing = SIGTERM
  std::optional<Seconds> timeout_grace;  ///< nothing = 1 s
  bool processor_affinity = false;
  bool override_limits = false;  ///< the limits, and the three above, are for the other tests too
  LimitsPolicy limits_policy = LimitsPolicy::enforce;
  StepOptions steps;               ///< of compilers and linkers
  std::optional<Capture> capture;  ///< for tests that set none of their own
  LeakPolicy leak = LeakPolicy::report;
  std::optional<Seconds> leak_grace;  ///< nothing = 0.2 s
  bool keep_tmp = false;
  bool backtrace = true;
  bool protect = true;
  JobserverMode jobserver = JobserverMode::automatic;
  std::optional<double> memory_threshold;  ///< bytes available
  std::optional<std::string> share;        ///< the machine with other runs, in this directory; "" = the one of all runs
  std::optional<double> cpu_threshold;     ///< per cent of the time somebody waits for a processor

  BatchOptions batches;  ///< how test cases are packed into processes
  RetryOptions retry;
  EarlyEnd early_end;
  std::string resource_spec_file;
  int max_running = 0;  ///< tests at a time, however little they need; 0 = 8 a processor, at least 16; one with -j1
  bool explain = false;
  bool resume = false;
  bool rerun_failed = false;  ///< `selection` has what it stands for
  std::optional<Shard> shard;
  std::optional<Stress> stress;
  std::optional<std::uint32_t> shuffle;  ///< the seed of a random order; nothing = the order that saves time

  Selection selection;
};

/// Parses the words behind the subcommand. An error names the word, with the option that may have been meant.
Result<Options> parse_options(const std::vector<std::string>& words);

/// The options as help shows them, from the same table; fits 80 columns.
std::string describe_options();

}  // namespace ptests::cli
