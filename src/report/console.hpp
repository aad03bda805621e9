#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/seams.hpp"
#include "report/progress_line.hpp"
#include "report/test_total.hpp"

namespace ptests {

struct ConsoleOptions {
  std::function<void(std::string_view)> write;  ///< where the text goes
  bool colour = false;
  int columns = 0;        ///< of the terminal, so that result lines fit; 0 = as wide as the longest name asks for
  bool progress = false;  ///< a line at the bottom says what goes on; for terminals
  std::size_t most_output = std::size_t{64} * 1024;  ///< bytes of a failed test's output shown
};

/// What a person watches: CTest's lines, with the output of failed tests, what else is known of their end, and the path of their log.
class Console final : public Reporter {
 public:
  explicit Console(ConsoleOptions options) : options_(std::move(options)) {}
  void on(const Event& event) override;
  void flush() override;

 private:
  void run_started(const RunStarted& event);
  void cases_listed(const CasesListed& event);
  void fit_columns(const std::vector<const Test*>& tests);
  void build_output(const BuildOutput& event);
  void step_finished(const StepFinished& event);
  void words_told(const std::vector<std::string>& targets, std::string_view words);
  bool take_told(const std::string& output);
  bool is_told(const BuildOutput& event);
  void build_finished(const BuildFinished& event);
  void test_started(const TestStarted& event);
  void attempt_finished(const AttemptFinished& event);
  void test_finished(const TestResult& result);
  void count(const TestResult& result);
  void test_requeued(const TestRequeued& event);
  void run_finished(const RunFinished& event);
  void show_details(const TestResult& result);
  void show_file(const std::string& path);
  void show_labels();
  void show_early_end(const RunFinished& event);
  std::string coloured(std::string text, std::string_view code) const;
  void print(std::string_view text);
  void print_line(std::string_view line);
  /// An empty line, unless the last one is empty.
  void separate();

  /// The lists at the end and a line of them.
  enum class List { did_not_run, leaked, flaky, quarantined, failed };
  struct Listed {
    int number = 0;
    std::string name;
    std::string word;
    List list = List::failed;
  };
  static List list_of(Status status);
  void show_list(std::string_view title, List list);
  struct LabelTime {
    double seconds = 0;
    int tests = 0;
  };

  ConsoleOptions options_;
  ProgressLine progress_;
  std::string shown_progress_;  ///< stands at the bottom of the terminal
  std::string held_;            ///< goes out together with the line of the test that starts next
  TestTotal total_;
  int count_width_ = 1;
  int number_width_ = 1;
  std::size_t name_width_ = 30;
  int done_ = 0;
  int passed_ = 0;
  int failed_ = 0;
  const BuildTree* tree_ = nullptr;
  /// What a compiler or linker was to make, and why that is not there.
  struct StepFailure {
    std::string output;
    std::string text;
  };
  std::map<std::string, std::vector<StepFailure>> failures_;  ///< by target
  std::set<std::string> told_outputs_;                        ///< whose failure stands at a test
  bool inside_told_failure_ = false;                          ///< the build tool says it once more
  bool is_over_ = false;
  bool after_empty_line_ = false;
  bool build_shown_ = false;  ///< what the build tool printed stands above
  std::vector<Listed> listed_;
  std::map<std::string, LabelTime> labels_;
};

}  // namespace ptests
