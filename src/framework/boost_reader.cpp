#include "framework/boost_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/utf8.hpp"
#include "framework/boost_case.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_time = "; testing time: ";

/// As many bytes of `line` as `to` may still take, in a line of their own.
void add_line(std::string& to, std::string_view line) {
  if (to.size() + 1 >= CaseEvent::k_most_message) return;
  if (!to.empty()) to += '\n';
  to += utf8_prefix(line, CaseEvent::k_most_message - to.size());
}

/// "file.cpp(12)" as "file.cpp:12: "; "" for a place that is not known.
std::string place_for_people(std::string_view place) {
  const std::size_t open = place.rfind('(');
  const int line = open == place.npos ? 0 : boost_number(place.substr(open));
  return line == 0 ? "" : fmt::format("{}:{}: ", place.substr(0, open), line);
}

/// Whether a line begins with `prefix` because it is about a unit at `location`.
bool is_place_of(std::string_view prefix, const SourceLocation& location) {
  if (location.file.empty()) return prefix.empty();
  if (!prefix.starts_with(location.file) || !prefix.ends_with("): ")) return false;
  prefix.remove_prefix(location.file.size());
  return prefix.starts_with('(') && boost_number(prefix) == location.line;
}

/// `file.cpp(12): error: in "suite/case": text`.
struct Entry {
  enum class Kind : std::uint8_t { error, fatal_error, warning, checkpoint };
  Kind kind = Kind::error;
  std::string_view place;  ///< "file.cpp(12)"
  std::string_view text;
};

/// An entry about the unit `phase`, or about the function that threw an exception.
std::optional<Entry> parse_entry(std::string_view line, std::string_view phase) {
  constexpr std::pair<std::string_view, Entry::Kind> k_kinds[] = {
      {"error: in \"", Entry::Kind::error}, {"fatal error: in \"", Entry::Kind::fatal_error}, {"warning: in \"", Entry::Kind::warning}};
  constexpr std::string_view k_checkpoint = "last checkpoint";
  for (std::size_t at = line.find("): "); at != line.npos; at = line.find("): ", at + 1)) {
    const std::string_view place = line.substr(0, at + 1);
    const std::string_view rest = line.substr(at + 3);
    if (rest == k_checkpoint || rest.starts_with("last checkpoint: ")) return Entry{Entry::Kind::checkpoint, place, rest};
    for (const auto& [words, kind] : k_kinds) {
      if (!rest.starts_with(words)) continue;
      const std::string_view behind = rest.substr(words.size());
      if (behind.starts_with(phase) && behind.substr(phase.size()).starts_with("\": "))
        return Entry{kind, place, behind.substr(phase.size() + 3)};
      const std::size_t end = behind.find("\": ");
      const bool is_function = kind == Entry::Kind::fatal_error && end != behind.npos && behind.substr(0, end).find('(') != behind.npos;
      if (is_function) return Entry{kind, place, behind.substr(end + 3)};
    }
  }
  return std::nullopt;
}

/// `file.cpp(12): Test case "suite/case" is skipped because reason`.
struct Skipped {
  std::string_view place;  ///< "file.cpp(12): "
  bool is_suite = false;
  std::string path;
  std::string_view reason;
};

std::optional<Skipped> parse_skipped(std::string_view line) {
  constexpr std::string_view k_because = "\" is skipped because ";
  const std::size_t because = line.find(k_because);
  if (because == line.npos) return std::nullopt;
  for (const std::string_view words : {"Test case \"", "Test suite \""}) {
    const std::size_t found = line.find(words);
    if (found > because) continue;
    const std::size_t begin = std::min(found + words.size(), because);
    return Skipped{line.substr(0, found), words == "Test suite \"", std::string(line.substr(begin, because - begin)),
                   line.substr(because + k_because.size())};
  }
  return std::nullopt;
}

/// What the log says of one case, or of the set-up of a suite.
class Findings {
 public:
  void take_line(std::string_view line, std::string_view phase) {
    const std::optional<Entry> entry = parse_entry(line, phase);
    if (!entry || (entry->kind == Entry::Kind::checkpoint && !is_failure_open_)) {
      // More of a failure, or a message.
      if (is_failure_open_) return add_line(failures_, line);
      note_ = utf8_prefix(line, k_most_note);
      return;
    }
    const std::string place = place_for_people(entry->place);
    is_failure_open_ = entry->kind != Entry::Kind::warning;
    if (!is_failure_open_) {
      note_ = utf8_prefix(fmt::format("{}warning: {}", place, entry->text), k_most_note);
      return;
    }
    add_line(failures_, fmt::format("{}{}{}", place, entry->kind == Entry::Kind::fatal_error ? "fatal error: " : "", entry->text));
    if (entry->kind == Entry::Kind::checkpoint) return;
    ++count_;
    has_aborted_ = has_aborted_ || entry->kind == Entry::Kind::fatal_error;
    note_.clear();
  }

  int count() const { return count_; }  ///< of failed assertions and exceptions
  bool has_aborted() const { return has_aborted_; }
  const std::string& failures() const { return failures_; }
  /// The last message, when no failure came behind it.
  const std::string& note() const { return note_; }

 private:
  static constexpr std::size_t k_most_note = 1024;

  int count_ = 0;
  bool has_aborted_ = false;
  bool is_failure_open_ = false;
  std::string failures_;
  std::string note_;
};

class BoostReader final : public CaseReader {
 public:
  BoostReader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) : cases_(&cases), stages_(cases.size()) {
    for (const std::size_t index : chosen) stages_[index].is_chosen = true;
    units_.reserve(cases.size());
    for (std::size_t index = 0; index < cases.size(); ++index) {
      units_.push_back(parse_boost_id(cases[index].id));
      const std::string& path = units_.back().path;
      by_path_.emplace(path, index);
      add_to_suite("", index);
      for (std::size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1))
        add_to_suite(path.substr(0, slash), index);
      most_line_ = std::max(most_line_, path.size() + cases[index].location.file.size() + CaseEvent::k_most_message);
    }
  }

  void read(std::string_view bytes, std::vector<CaseEvent>& events) override {
    events_ = &events;
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, end);
      line_ += part.substr(0, most_line_ - std::min(most_line_, line_.size()));
      if (end == bytes.npos) break;
      bytes.remove_prefix(end + 1);
      take_line(std::exchange(line_, {}));
    }
    events_ = nullptr;
  }

  /// The process has ended in the middle of a case.
  void finish(std::vector<CaseEvent>& events) override {
    if (!case_ || !stages_[case_->index].is_chosen) return;
    std::string message = case_->findings.failures();
    if (const std::string& note = case_->findings.note(); !note.empty()) add_line(message, "last message: " + note);
    if (!message.empty()) add_event(events, CaseEvent::Kind::noted, case_->index).message = std::move(message);
  }

 private:
  struct Stage {
    bool is_chosen = false;
    bool has_run = false;
  };
  /// A suite or a case that runs.
  struct Open {
    std::size_t index = 0;  ///< of a case
    std::string path;       ///< "" = the module
    std::string phase;      ///< what Boost calls it where it tells of failures: its path, or the name of the module
    std::string leaving;    ///< the line that tells of its end, up to the time
    Findings findings;
    bool has_units = false;  ///< some unit in a suite began: what failed before that is its set-up
  };

  void add_to_suite(const std::string& suite, std::size_t index) {
    std::vector<std::size_t>& chosen = chosen_in_[suite];
    if (stages_[index].is_chosen) chosen.push_back(index);
  }

  void take_line(const std::string& line) {
    if (case_) {
      if (is_end(line, *case_)) return end_case(line);
      return case_->findings.take_line(line, case_->phase);
    }
    if (take_start(line) || take_skipped(line) || open_.empty()) return;
    Open& suite = open_.back();
    if (is_end(line, suite)) return end_suite();
    if (!suite.has_units) suite.findings.take_line(line, suite.phase);
  }

  static CaseEvent& add_event(std::vector<CaseEvent>& events, CaseEvent::Kind kind, std::size_t index) {
    CaseEvent& event = events.emplace_back();
    event.kind = kind;
    event.index = index;
    return event;
  }

  // ---- starts

  /// `file.cpp(12): Entering test case "name"`.
  bool take_start(std::string_view line) {
    constexpr std::string_view k_entering = "Entering test ";
    const std::size_t found = line.find(k_entering);
    if (found == line.npos || !line.ends_with('"')) return false;
    const std::string_view place = line.substr(0, found);
    const std::string_view unit = line.substr(found + k_entering.size());
    const std::size_t quote = unit.find('"');
    if (quote + 1 == unit.size()) return false;
    const std::string_view kind = unit.substr(0, quote);
    const std::string name(unit.substr(quote + 1, unit.size() - quote - 2));
    Open open;
    open.leaving = fmt::format("{}Leaving test {}", place, unit);
    open.phase = name;
    if (kind == "module ") return open_.empty() && start_suite(std::move(open));
    if (open_.empty()) return false;
    const std::string& suite = open_.back().path;
    open.phase = open.path = suite.empty() ? name : suite + '/' + name;
    if (kind == "suite ") return start_suite(std::move(open));
    return kind == "case " && start_case(std::move(open), place);
  }

  bool start_suite(Open suite) {
    if (!chosen_in_.contains(suite.path)) return false;
    if (!open_.empty()) open_.back().has_units = true;
    open_.push_back(std::move(suite));
    return true;
  }

  bool start_case(Open started, std::string_view place) {
    const auto found = by_path_.find(started.path);
    if (found == by_path_.end() || stages_[found->second].has_run) return false;
    if (!is_place_of(place, (*cases_)[found->second].location)) return false;
    open_.back().has_units = true;
    started.index = found->second;
    stages_[started.index].has_run = true;
    if (stages_[started.index].is_chosen) add_event(*events_, CaseEvent::Kind::started, started.index);
    case_ = std::move(started);
    return true;
  }

  bool take_skipped(std::string_view line) {
    const std::optional<Skipped> skipped = open_.empty() ? std::nullopt : parse_skipped(line);
    if (!skipped) return false;
    open_.back().has_units = true;
    if (skipped->is_suite) {
      end_all_in(skipped->path, Status::skipped, skipped->reason);
    } else if (const auto found = by_path_.find(skipped->path);
               found != by_path_.end() && is_place_of(skipped->place, (*cases_)[found->second].location)) {
      end_unstarted(found->second, Status::skipped, skipped->reason);
    }
    return true;
  }

  // ---- ends

  static bool is_end(std::string_view line, const Open& open) {
    if (!line.starts_with(open.leaving)) return false;
    line.remove_prefix(open.leaving.size());
    return line.empty() || (line.starts_with(k_time) && line.ends_with('s'));
  }

  void end_case(std::string_view line) {
    const Open ended = *std::exchange(case_, std::nullopt);
    if (!stages_[ended.index].is_chosen) return;
    const Findings& findings = ended.findings;
    const int expected = units_[ended.index].expected_failures;
    CaseEvent& event = add_event(*events_, CaseEvent::Kind::ended, ended.index);
    event.duration = duration_in(line.substr(ended.leaving.size()));
    if (!findings.has_aborted() && findings.count() <= expected) return;
    event.status = Status::failed;
    if (expected > 0 && !findings.has_aborted())
      add_line(event.message, fmt::format("failed assertions: {}, expected: {}", findings.count(), expected));
    add_line(event.message, findings.failures());
  }

  /// "; testing time: 12ms" or "12us"; none is less than that.
  static Seconds duration_in(std::string_view text) {
    const double unit = text.ends_with("us") ? 1e-6 : 1e-3;
    return Seconds(boost_number(text) * unit);
  }

  void end_suite() {
    const Open ended = std::move(open_.back());
    open_.pop_back();
    if (!ended.has_units && ended.findings.count() > 0) end_all_in(ended.path, Status::failed, ended.findings.failures());
  }

  /// Those that Boost does not begin.
  void end_all_in(const std::string& suite, Status status, std::string_view reason) {
    const auto chosen = chosen_in_.find(suite);
    if (chosen == chosen_in_.end()) return;
    for (const std::size_t index : chosen->second) end_unstarted(index, status, reason);
  }

  void end_unstarted(std::size_t index, Status status, std::string_view reason) {
    if (!stages_[index].is_chosen || std::exchange(stages_[index].has_run, true)) return;
    add_event(*events_, CaseEvent::Kind::started, index);
    CaseEvent& event = add_event(*events_, CaseEvent::Kind::ended, index);
    event.status = status;
    add_line(event.message, reason);
  }

  const std::vector<TestCase>* cases_;
  std::vector<BoostCase> units_;  ///< of each case
  std::vector<Stage> stages_;     ///< of each case
  std::unordered_map<std::string, std::size_t> by_path_;
  std::unordered_map<std::string, std::vector<std::size_t>> chosen_in_;  ///< by the path of a suite; "" = the module
  std::size_t most_line_ = CaseEvent::k_most_message;                    ///< bytes of a line that are kept
  std::vector<CaseEvent>* events_ = nullptr;

  std::string line_;        ///< what came of the line
  std::vector<Open> open_;  ///< the module and suites
  std::optional<Open> case_;
};

}  // namespace

std::unique_ptr<CaseReader> make_boost_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) {
  return std::make_unique<BoostReader>(cases, chosen);
}

}  // namespace ptests
