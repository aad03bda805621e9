#include "framework/gtest_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "base/utf8.hpp"
#include "framework/gtest_message.hpp"

namespace ptests {
namespace {

constexpr std::string_view k_run = "[ RUN      ] ";
constexpr std::string_view k_suite = "[----------] ";
constexpr std::string_view k_program = "[==========] ";
constexpr std::string_view k_shuffled = "Note: Randomizing tests' orders with a seed of ";

struct EndMarker {
  std::string_view text;
  Status status;
};
constexpr std::array<EndMarker, 3> k_ends{
    {{"[       OK ] ", Status::passed}, {"[  FAILED  ] ", Status::failed}, {"[  SKIPPED ] ", Status::skipped}}};

/// Takes a number off the head of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// " (3 ms)" at the end of `text`.
std::optional<Seconds> time_at_end(std::string_view text) {
  const std::size_t found = text.rfind(" (");
  if (found == text.npos) return std::nullopt;
  text.remove_prefix(found + 2);
  const std::optional<std::uint64_t> milliseconds = take_number(text);
  if (!milliseconds || text != " ms)") return std::nullopt;
  return Seconds(static_cast<double>(*milliseconds) / 1000);
}

/// "3 tests from Suite (5 ms total)" and "3 tests from Suite, where TypeParam = int" behind their marker.
struct SuiteLine {
  std::uint64_t count = 0;
  std::string_view rest;  ///< "Suite (5 ms total)"
  bool is_end = false;
};

std::optional<SuiteLine> parse_suite_line(std::string_view line) {
  const std::size_t found = line.rfind(k_suite);
  if (found == line.npos) return std::nullopt;
  line.remove_prefix(found + k_suite.size());
  const std::optional<std::uint64_t> count = take_number(line);
  const bool is_suite = count && (take(line, " tests from ") || take(line, " test from "));
  if (!is_suite) return std::nullopt;
  return SuiteLine{*count, line, line.ends_with(" ms total)")};
}

class GtestReader : public CaseReader {
 public:
  GtestReader(const std::vector<TestCase>& cases, std::vector<GtestRun> runs)
      : cases_(&cases), runs_(std::move(runs)), started_(runs_.size(), false) {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      positions_[id(i)].push_back(i);
      longest_id_ = std::max(longest_id_, id(i).size());
    }
  }

  void read(std::string_view bytes, std::vector<CaseEvent>& events) override {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      std::string_view line = bytes.substr(0, end);
      if (end == bytes.npos) return hold(line);
      if (!line_.empty() || line.size() > longest_line()) {
        hold(line);
        line = line_;
      }
      const std::uint64_t next = line_start_ + line.size() + 1;
      take_line(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line, next, events);
      line_.clear();
      line_start_ = next;
      is_folded_ = false;
      bytes.remove_prefix(end + 1);
    }
  }

  void finish(std::vector<CaseEvent>& events) override {
    // A name in a line that is not whole may be the head of another one.
    if (current_ && time_at_end(line_)) take_end(line_);
    line_.clear();
    if (current_ && end_ && (is_last_of_suite() || is_run_torn_)) end_case(*end_, events);
  }

 private:
  struct End {
    Status status = Status::passed;
    std::optional<Seconds> duration;
    std::uint64_t offset = 0;
    std::string message;
  };

  const std::string& id(std::size_t position) const { return (*cases_)[runs_[position].index].id; }
  std::string_view current_file() const { return (*cases_)[runs_[*current_].index].location.file; }

  /// What is kept of a longer line: its end.
  std::size_t kept_of_line() const { return longest_id_ + 1024; }
  std::size_t longest_line() const { return kept_of_line() + 16384; }

  /// Keeps a line that has not ended, of a very long one what matters. Where it is folded does not depend on how it came.
  void hold(std::string_view bytes) {
    while (!bytes.empty()) {
      if (line_.size() == longest_line()) fold();
      const std::string_view piece = bytes.substr(0, longest_line() - line_.size());
      line_ += piece;
      bytes.remove_prefix(piece.size());
    }
  }

  void fold() {
    const bool is_head = !std::exchange(is_folded_, true);
    if (current_) take_end(line_);
    if (is_head && !is_parameter_open_) message().take_line(utf8_prefix(line_, CaseEvent::k_most_message), {});
    const std::size_t dropped = line_.size() - kept_of_line();
    line_.erase(0, dropped);
    line_start_ += dropped;
  }

  GtestMessage& message() { return current_ ? message_ : outside_; }

  void take_line(std::string_view line, std::uint64_t next, std::vector<CaseEvent>& events) {
    if (next_ == 0 && line.starts_with(k_shuffled)) is_shuffled_ = true;
    const std::size_t bracket = line.find('[');
    const bool may_mark = bracket != line.npos;
    if (may_mark && take_start(line, next, events)) return;
    if (may_mark && (current_ ? take_suite_end(line, events) : take_outside(line, events))) return;
    if (may_mark && current_ && take_end(line)) return;
    if (is_parameter_open_) {
      // A parameter may have several lines; the time stands behind it.
      end_->duration = time_at_end(line);
      is_parameter_open_ = !end_->duration;
      return;
    }
    const std::string_view file = current_ ? current_file() : std::string_view{};
    if (is_folded_) {
      message().take_end_of_line(line, file);
    } else {
      message().take_line(line, file);
    }
  }

  // ---- starts

  bool take_start(std::string_view line, std::uint64_t next, std::vector<CaseEvent>& events) {
    const std::size_t found = line.rfind(k_run);
    if (found == line.npos) return false;
    const std::string_view name = line.substr(found + k_run.size());
    const std::optional<std::size_t> position = position_of(name);
    if (!position) {
      note_strange_start(name);
      return false;
    }
    if (current_) end_case(end_ ? *end_ : *torn_end_, events);
    start_case(*position, next, events);
    return true;
  }

  /// Which case it can be that starts now. While one runs that has not ended it is none: that one prints such a line itself.
  std::optional<std::size_t> position_of(std::string_view name) const {
    const auto found = positions_.find(name);
    if (found == positions_.end()) return std::nullopt;
    const auto later = std::find_if(found->second.begin(), found->second.end(), [&](std::size_t position) { return may_start(position); });
    if (later == found->second.end()) return std::nullopt;
    if (!current_) return *later;
    if (!end_ && !torn_end_) return std::nullopt;
    return *later == next_ || is_shuffled_ || is_run_torn_ ? std::optional(*later) : std::nullopt;
  }

  /// In a random order anything that has not started may be the next.
  bool may_start(std::size_t position) const { return is_shuffled_ ? !started_[position] : position >= next_; }

  void note_strange_start(std::string_view name) {
    if (current_ && name == id(*current_)) is_nested_ = true;
    if (positions_.contains(name)) return;
    // GoogleTest prints the marker, the name and the end of the line one after the other: another thread's output may come in between.
    const bool is_name = name.find('.') != name.npos && name.find(' ') == name.npos;
    const bool has_next = !is_shuffled_ && next_ < runs_.size() && name.starts_with(id(next_));
    if (!is_name || has_next) is_run_torn_ = true;
  }

  void start_case(std::size_t position, std::uint64_t offset, std::vector<CaseEvent>& events) {
    current_ = position;
    next_ = position + 1;
    started_[position] = true;
    end_.reset();
    torn_end_.reset();
    is_nested_ = is_parameter_open_ = is_run_torn_ = false;
    message_ = {};
    outside_.close();
    if (!runs_[position].chosen) return;
    CaseEvent event;
    event.kind = CaseEvent::Kind::started;
    event.index = runs_[position].index;
    event.output_offset = offset;
    events.push_back(std::move(event));
  }

  // ---- ends

  /// The last end before the next case starts is the true one.
  bool take_end(std::string_view line) {
    if (line.find("[  ") == line.npos) return false;
    for (const EndMarker& marker : k_ends) {
      const std::string own = fmt::format("{}{}", marker.text, id(*current_));
      const std::size_t found = line.rfind(own);
      const std::string_view rest = found == line.npos ? std::string_view{} : line.substr(found + own.size());
      const std::optional<Seconds> duration = time_at_end(rest);
      const bool has_parameter = marker.status == Status::failed && rest.starts_with(", where ");
      if (has_parameter || (duration && rest.rfind(" (") == 0)) {
        end_ = make_end(marker.status, line_start_ + found, duration);
        is_parameter_open_ = !duration;
        return true;
      }
      const std::size_t any = line.rfind(marker.text);
      const bool may_be_torn = any != line.npos && is_torn(line.substr(any + marker.text.size()));
      if (may_be_torn) torn_end_ = make_end(marker.status, line_start_ + any, {});
    }
    return false;
  }

  /// Whether another thread's output came between the marker and what belongs behind it.
  bool is_torn(std::string_view rest) const {
    if (is_folded_ || rest.ends_with("listed below:")) return false;
    const std::string_view name = rest.substr(0, rest.rfind(" ("));
    if (positions_.contains(name)) return name == id(*current_) && name.size() == rest.size();
    const bool is_name = name.find('.') != name.npos && name.find(' ') == name.npos;
    return !is_name;
  }

  End make_end(Status status, std::uint64_t offset, std::optional<Seconds> duration) {
    message_.close();
    End end{.status = status, .duration = duration, .offset = offset, .message = {}};
    if (status == Status::failed) end.message = message_.failures();
    if (status == Status::skipped) end.message = message_.skips();
    // When the set-up of a suite or of the program failed, GoogleTest skips the cases, without a reason, and fails.
    const std::string& set_up = outside_.failures().empty() ? set_up_failures_ : outside_.failures();
    if (status == Status::skipped && end.message.empty() && !set_up.empty()) {
      end.status = Status::failed;
      end.message = set_up;
    }
    return end;
  }

  void end_case(const End& end, std::vector<CaseEvent>& events) {
    const GtestRun run = runs_[*current_];
    if (run.chosen) {
      CaseEvent event;
      event.kind = CaseEvent::Kind::ended;
      event.index = run.index;
      event.status = end.status;
      event.message = end.message;
      event.duration = end.duration;
      event.output_offset = end.offset;
      events.push_back(std::move(event));
    }
    current_.reset();
  }

  // ---- suites

  std::uint64_t count_of_suite(std::string_view suite) const {
    const auto is_in = [&](const GtestRun& run) {
      const std::string_view name = (*cases_)[run.index].id;
      return name.size() > suite.size() && name.starts_with(suite) && name[suite.size()] == '.';
    };
    return static_cast<std::uint64_t>(std::count_if(runs_.begin(), runs_.end(), is_in));
  }

  bool is_last_of_suite() const {
    const auto suite_of = [&](std::size_t position) { return std::string_view(id(position)).substr(0, id(position).find('.')); };
    if (!is_shuffled_) return next_ == runs_.size() || suite_of(*current_) != suite_of(next_);
    for (std::size_t position = 0; position < runs_.size(); ++position)
      if (!started_[position] && suite_of(position) == suite_of(*current_)) return false;
    return true;
  }

  /// "[----------] 3 tests from Suite (5 ms total)". A test that runs its own executable prints it too, and is not believed.
  bool take_suite_end(std::string_view line, std::vector<CaseEvent>& events) {
    if ((!end_ && !torn_end_) || is_nested_) return false;
    const std::optional<SuiteLine> found = parse_suite_line(line);
    if (!found || !found->is_end) return false;
    const std::string_view suite = found->rest.substr(0, found->rest.rfind(" ("));
    const std::string_view name = id(*current_);
    const bool is_own = name.size() > suite.size() && name.starts_with(suite) && name[suite.size()] == '.';
    if (!is_own || found->count != count_of_suite(suite)) return false;
    end_case(end_ ? *end_ : *torn_end_, events);
    outside_ = {};
    return true;
  }

  bool take_outside(std::string_view line, std::vector<CaseEvent>& events) {
    const std::optional<SuiteLine> found = parse_suite_line(line);
    if (found && !found->is_end) {
      // What failed before the first suite is the program's set-up, and counts for all.
      outside_.close();
      if (!has_suite_) set_up_failures_ = outside_.failures();
      has_suite_ = true;
      outside_ = {};
      return true;
    }
    return !found && take_program_end(line, events);
  }

  /// "[==========] 3 tests from 2 test suites ran." without any start: the program's set-up skips all.
  bool take_program_end(std::string_view line, std::vector<CaseEvent>& events) {
    const std::size_t found = line.rfind(k_program);
    if (found == line.npos || has_suite_ || next_ != 0) return false;
    line.remove_prefix(found + k_program.size());
    const bool is_end = take_number(line) == runs_.size() && line.find(" ran.") != line.npos;
    if (!is_end) return false;
    outside_.close();
    const End skipped{.status = Status::skipped, .duration = {}, .offset = line_start_ + found, .message = outside_.skips()};
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      start_case(i, skipped.offset, events);
      end_case(skipped, events);
    }
    return true;
  }

  const std::vector<TestCase>* cases_;
  std::vector<GtestRun> runs_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> positions_;  ///< in runs_, by id
  std::size_t longest_id_ = 0;

  std::string line_;  ///< the part of a line that came, of a long one its end
  std::uint64_t line_start_ = 0;
  bool is_folded_ = false;  ///< the head of the line was dropped

  bool is_shuffled_ = false;            ///< they run in a random order
  std::vector<bool> started_;           ///< of runs_
  std::size_t next_ = 0;                ///< in runs_: behind what started last; what is to start next, unless they are shuffled
  std::optional<std::size_t> current_;  ///< in runs_
  GtestMessage message_;                ///< of the current case
  std::optional<End> end_;              ///< it seems to have ended
  std::optional<End> torn_end_;         ///< the same, less sure
  bool is_parameter_open_ = false;      ///< what follows is the rest of a parameter
  bool is_nested_ = false;              ///< the case itself printed that it starts
  bool is_run_torn_ = false;            ///< the start of a case was not readable
  GtestMessage outside_;                ///< what failed outside of cases since the suite began
  std::string set_up_failures_;         ///< the same before the first suite
  bool has_suite_ = false;
};

}  // namespace

std::unique_ptr<CaseReader> make_gtest_reader(const std::vector<TestCase>& cases, std::vector<GtestRun> runs) {
  return std::make_unique<GtestReader>(cases, std::move(runs));
}

}  // namespace ptests
