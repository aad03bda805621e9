#include "framework/boost.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include "framework/boost_case.hpp"
#include "framework/boost_list.hpp"
#include "framework/boost_reader.hpp"

namespace ptests {

namespace {

/// Bytes of one argument; Linux takes 128 KiB.
constexpr std::size_t k_most_argument = std::size_t{64} << 10U;

using Cases = std::vector<std::size_t>;

/// What one process is to run. Each case is named: where a suite is, Boost.Test may run less of it when something depends on a part of it.
class Selection {
 public:
  Selection(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen)
      : cases_(&cases), selected_(chosen.begin(), chosen.end()), is_selected_(cases.size(), false) {
    units_.reserve(cases.size());
    for (const TestCase& one : cases) units_.push_back(parse_boost_id(one.id));
    for (const std::size_t index : chosen) is_selected_[index] = true;
    is_default_ = !chosen.empty();
    for (std::size_t index = 0; index < cases.size(); ++index)
      if (is_selected_[index] == cases[index].disabled) is_default_ = false;
    for (std::size_t done = 0; done < selected_.size();) add_needs(selected_[done++], selected_);
    for (std::size_t done = 0; done < left_out_.size();) add_needs(left_out_[done++], left_out_);
    has_company_ = selected_.size() > chosen.size();
  }

  /// There is always one: else one in the environment would count.
  std::vector<std::string> arguments() const {
    if (is_default_) return {"--run_test=!,"};        // leaves nothing out
    if (selected_.empty()) return {"--run_test=!*"};  // leaves all out
    std::vector<std::string> arguments;
    for (const std::string& filter : filters(selected_)) arguments.push_back("--run_test=" + filter);
    for (const std::string& filter : filters(left_out_)) arguments.push_back("--run_test=!" + filter);
    return arguments;
  }

  /// Whether cases run that were not asked for.
  bool has_company() const { return has_company_; }

 private:
  /// Adds what the case depends on to `enabled`, but for disabled cases: Boost.Test would run these too, and what they depend on.
  void add_needs(std::size_t index, Cases& enabled) {
    for (const std::string& need : units_[index].needs) {
      if (!known_needs_.insert(need).second) continue;
      for (std::size_t other = 0; other < units_.size(); ++other) {
        if (is_selected_[other] || !is_at_or_below(units_[other].path, need)) continue;
        is_selected_[other] = true;
        ((*cases_)[other].disabled ? left_out_ : enabled).push_back(other);
      }
    }
  }

  /// "suite/a,b".
  std::vector<std::string> filters(const Cases& wanted) const {
    std::map<std::string_view, std::vector<std::string_view>> names;  // by "suite/"
    for (const std::size_t index : wanted) {
      const std::string_view path = units_[index].path;
      const std::size_t begin = path.rfind('/') + 1;
      names[path.substr(0, begin)].push_back(path.substr(begin));
    }
    std::vector<std::string> filters;
    for (const auto& [suite, of_suite] : names) {
      filters.emplace_back(suite);
      std::string_view separator;
      for (const std::string_view name : of_suite) {
        if (!separator.empty() && filters.back().size() > k_most_argument) {
          filters.emplace_back(suite);
          separator = "";
        }
        filters.back().append(separator).append(name);
        separator = ",";
      }
    }
    return filters;
  }

  const std::vector<TestCase>* cases_;
  std::vector<BoostCase> units_;
  Cases selected_;                 ///< and what these need
  Cases left_out_;                 ///< disabled ones that they need, and what only these need
  std::vector<bool> is_selected_;  ///< or is in left_out_
  std::unordered_set<std::string_view> known_needs_;
  bool is_default_ = false;  ///< it runs what Boost.Test runs when it is not told what to run
  bool has_company_ = false;
};

/// The combined form beats what the environment says of the log, but it has no way to write a path with `,` or `:`.
std::vector<std::string> log_arguments(const std::string& file) {
  if (file.find_first_of(",:") == std::string::npos) return {"--logger=HRF,test_suite," + file};
  return {"--log_format=HRF", "--log_level=test_suite", "--log_sink=" + file};
}

class BoostAdapter final : public Adapter {
 public:
  Choice choice() const override { return Choice::any; }
  Stream stream() const override { return Stream::results; }

  CaseCommand list_command(const CasePlaces& places) const override {
    CaseCommand command;
    command.arguments = {"--list_content=DOT", "--report_sink=" + places.results};
    return command;
  }

  Result<std::vector<TestCase>> parse_list(std::string_view output, std::string_view results) const override {
    Result<std::vector<TestCase>> cases = parse_boost_list(results, output);
    if (cases) make_names_unique(*cases);
    return cases;
  }

  CaseCommand run_command(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen, const CasePlaces& places,
                          const CaseOrder& /*order*/, bool /*has_listener*/) const override {
    const Selection selection(cases, chosen);
    CaseCommand command;
    command.arguments = log_arguments(places.results);
    // A crash is to be the end of the process.
    command.arguments.emplace_back("--catch_system_errors=no");
    // The exit code would be that of cases which were not asked for, too.
    if (selection.has_company()) command.arguments.emplace_back("--result_code=no");
    for (std::string& argument : selection.arguments()) command.arguments.push_back(std::move(argument));
    return command;
  }

  /// The exit code of a case that depends on others is theirs, too.
  std::vector<LoneCase> lone_cases(const std::vector<TestCase>& cases) const override {
    std::vector<LoneCase> all;
    for (std::size_t index = 0; index < cases.size(); ++index) {
      LoneCase one;
      one.arguments = {"--catch_system_errors=no"};
      const BoostCase unit = parse_boost_id(cases[index].id);
      const auto words =
          unit.needs.empty() ? std::vector{"--run_test=" + std::string(unit.path)} : Selection(cases, {&index, 1}).arguments();
      one.arguments.insert(one.arguments.end(), words.begin(), words.end());
      all.push_back(std::move(one));
    }
    return all;
  }

  std::unique_ptr<CaseReader> make_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) const override {
    return make_boost_reader(cases, chosen);
  }
};

}  // namespace

std::unique_ptr<Adapter> make_boost_adapter() { return std::make_unique<BoostAdapter>(); }

}  // namespace ptests
