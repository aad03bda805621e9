#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "suite/select.hpp"

namespace ptests::cli {

enum class Format { human, json };

/// What the user typed for `ptests run` and `ptests list`.
struct Options {
  std::string build_directory;  ///< "" = the current one
  std::string configuration;
  int jobs = 0;  ///< 0 = the processors of this machine
  std::optional<double> timeout;
  std::string junit;
  bool build = true;
  bool from_build_tool = false;
  bool list = false;
  bool help = false;
  Format format = Format::human;
  Selection selection;
};

/// Parses the words behind the subcommand. An error names the word, with the option that may have been meant.
Result<Options> parse_options(const std::vector<std::string>& words);

/// The options as help shows them, from the same table; fits 80 columns.
std::string describe_options();

}  // namespace ptests::cli
