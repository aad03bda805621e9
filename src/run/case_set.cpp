#include "run/case_set.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "core/bundle.hpp"
#include "run/launch.hpp"

namespace ptests {

namespace {

/// The bytes of `file` from `begin` to `end`, as far as they are there.
std::string read_part(const std::string& file, std::uint64_t begin, std::uint64_t end) {
  if (end <= begin) return "";
  const Result<MappedFile> mapped = MappedFile::open(file);
  if (!mapped) return "";
  const std::string_view text = mapped->text();
  if (begin >= text.size()) return "";
  return std::string(text.substr(begin, end - begin));
}

}  // namespace

bool can_have_cases(const Test& test) {
  const Expectations& expectations = test.expectations;
  return !test.framework.empty() && test.capture != Capture::none && !expectations.will_fail && !expectations.skip_return_code &&
         expectations.pass_regexes.empty() && expectations.fail_regexes.empty() && expectations.skip_regexes.empty();
}

std::unique_ptr<CaseProcess> make_case_process(CaseSet& set, const Test& parent, std::string_view name) {
  auto process = std::make_unique<CaseProcess>();
  process->set = &set;
  process->test = parent;
  // What it leaves running would be there for no test that requires the fixture: others of its processes come and go.
  process->test.requirements.fixtures_setup.clear();
  const std::string begin = fmt::format("{}/{}", set.folder, name);
  process->log = begin + ".log";
  process->events = begin + ".events";
  process->places = {begin + ".input", begin + ".results"};
  return process;
}

Test make_case_pattern(const Test& parent) {
  Test pattern = parent;
  // Those are for whoever looks at the executable.
  pattern.properties.clear();
  pattern.suite_properties.clear();
  pattern.environment.clear();
  pattern.environment_changes.clear();
  pattern.ctest_cases.reset();
  return pattern;
}

Test make_case_test(const Test& pattern, const TestCase& of) {
  const BundledSource* source = find_bundled(pattern, of.location.file);
  Test test = source != nullptr ? make_test_of(pattern, *source) : pattern;
  test.bundle.clear();
  test.name += "/" + (source != nullptr ? of.name_in_file : of.name);
  if (!of.location.file.empty()) test.location = {source != nullptr ? source->file : of.location.file, of.location.line};
  test.disabled = of.disabled;
  for (const std::string& label : of.labels)
    if (std::find(test.labels.begin(), test.labels.end(), label) == test.labels.end()) test.labels.push_back(label);
  return test;
}

std::string cut_case_log(const CaseProcess& process, const CaseVerdict& verdict, int attempt) {
  const CaseSet& set = *process.set;
  const bool has_words_elsewhere = !set.has_listener && set.adapter->stream() == Adapter::Stream::results;
  std::string text;
  if (verdict.output_begin)
    text = read_part(process.log, *verdict.output_begin, verdict.output_end ? *verdict.output_end : file_size_or_zero(process.log));
  else if (verdict.outcome.status != Status::passed && file_size_or_zero(process.log) > 0 &&
           (!has_words_elsewhere || verdict.message.empty()))
    return process.log;
  if (has_words_elsewhere && !verdict.message.empty()) text += verdict.message + "\n";
  if (text.empty()) return "";
  const std::string file =
      attempt_log(fmt::format("{}/{}-{}.log", set.folder, verdict.index + 1, file_name_for(set.cases[verdict.index].name)), attempt);
  return write_file_atomically(file, text) ? file : process.log;
}

}  // namespace ptests
