#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/test_case.hpp"

namespace ptests {

/// What makes a test executable list its cases or run some of them.
struct CaseCommand {
  std::vector<std::string> arguments;    ///< behind those the test has
  std::vector<std::string> environment;  ///< "NAME=value"
  std::string input;                     ///< what is to stand in `CasePlaces::input` first; "" = the file is not needed
};

/// How ctest runs one case: nobody prepares a file or reads what the process tells.
struct LoneCase {
  std::vector<std::string> arguments;    ///< behind those the test has
  std::vector<std::string> environment;  ///< "NAME=value"
  // Regular expressions in CMake's syntax; "" = there is none.
  std::string skipped;   ///< of an output that says so
  std::string none_ran;  ///< of an output that says so, which is a failure
};

/// Files for one process, each its own: absolute paths.
struct CasePlaces {
  std::string input;    ///< for CaseCommand::input
  std::string results;  ///< for the framework's own results, where it can write these into a file
};

/// How a process is to run its cases.
struct CaseOrder {
  std::uint32_t seed = 0;  ///< of the framework's own random numbers; 0 = it takes its own
  /// In which order a process runs them. A framework that chooses cases by their place keeps to the declared one.
  enum class By : std::uint8_t { declaration, chance } by = By::declaration;
};

/// Turns what a process tells into events. Takes any bytes, cut anywhere; what makes no sense is left out.
class CaseReader {
 public:
  virtual ~CaseReader() = default;
  /// The next bytes of the stream. Events are appended in their order; of cases that were not asked for there are none.
  virtual void read(std::string_view bytes, std::vector<CaseEvent>& events) = 0;
  /// The stream has ended: what was held back in case more came.
  virtual void finish(std::vector<CaseEvent>& /*events*/) {}
};

/// How a test framework lists, runs and tells of its cases. Pure: processes and files are the Runner's.
class Adapter {
 public:
  /// Which cases one process can run.
  enum class Choice : std::uint8_t {
    any,    ///< any set, in the order of the list
    range,  ///< neighbours in the list of those that are not disabled, or one disabled one
    all,    ///< all of them: there is no list and no choice
  };
  /// Where a process without our listener tells of its cases.
  enum class Stream : std::uint8_t { output, results };

  virtual ~Adapter() = default;
  virtual Choice choice() const = 0;
  virtual Stream stream() const = 0;
  /// Whether that tells the cases apart in any order; else they have to come in that of the list.
  virtual bool reads_any_order() const { return false; }
  virtual CaseCommand list_command(const CasePlaces& places) const = 0;
  /// `output` is what the listing printed, `results` what it wrote to CasePlaces::results. Names are unique. An error says what is wrong
  /// with the listing, and what to do.
  virtual Result<std::vector<TestCase>> parse_list(std::string_view output, std::string_view results) const = 0;
  /// Runs exactly the cases of `chosen`, ascending indices into `cases`. With our listener in the executable (`has_listener`) its output
  /// is the framework's usual one.
  virtual CaseCommand run_command(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen, const CasePlaces& places,
                                  const CaseOrder& order, bool has_listener) const = 0;
  /// Each of the cases as run_command() runs it, in words only; the output is the framework's usual one.
  virtual std::vector<LoneCase> lone_cases(const std::vector<TestCase>& cases) const;
  /// Of the stream of a process that runs `chosen`. `cases` outlives it.
  virtual std::unique_ptr<CaseReader> make_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) const = 0;
};

/// For "doctest", "gtest", "catch2" and "boost". nullptr for any other word: such an executable is run as a whole.
std::unique_ptr<Adapter> make_adapter(std::string_view framework);

/// Makes names unique: the second "a" becomes "a#2"; and for each file its names_in_file.
void make_names_unique(std::vector<TestCase>& cases);

}  // namespace ptests
