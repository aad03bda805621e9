#include "framework/tap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "base/utf8.hpp"

namespace ptests {

namespace {

constexpr std::size_t k_indent = 4;  ///< of a subtest
constexpr std::size_t k_most_faults = 5;
constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";

std::string name_of(std::string_view text) { return printable_text(utf8_prefix(text, TapReader::k_most_name)); }

/// "TODO: reason".
std::string with_reason(std::string_view what, const std::string& reason) {
  return reason.empty() ? std::string(what) : fmt::format("{}: {}", what, printable_text(reason));
}

Outcome outcome_of(const TapTestLine& line) {
  switch (line.directive) {
    case TapTestLine::Directive::skip: return {Status::skipped, printable_text(line.reason)};
    case TapTestLine::Directive::todo:
      return {Status::passed, with_reason(line.is_ok ? "passed unexpectedly, TODO" : "failed as expected, TODO", line.reason)};
    case TapTestLine::Directive::none: break;
  }
  return {line.is_ok ? Status::passed : Status::failed, ""};
}

}  // namespace

// ---- Lines ------------------------------------------------------------------

void TapReader::read(std::string_view bytes) {
  while (!bytes.empty()) {
    if (std::exchange(is_return_pending_, false)) {
      const bool is_pair = bytes.front() == '\n';
      if (is_pair) bytes.remove_prefix(1);
      end_line(std::exchange(line_, {}), offset_ += is_pair ? 1 : 0);
      continue;
    }
    const auto is_end = [](char c) { return c == '\n' || c == '\r'; };
    const std::string_view text(bytes.data(), static_cast<std::size_t>(std::find_if(bytes.begin(), bytes.end(), is_end) - bytes.begin()));
    const bool is_newline = text.size() < bytes.size() && bytes[text.size()] == '\n';
    const bool is_whole = is_newline && line_.empty();
    if (!is_whole) line_ += text.substr(0, k_most_line - line_.size());
    offset_ += text.size();
    bytes.remove_prefix(text.size());
    if (bytes.empty()) return;
    is_return_pending_ = !is_newline;
    bytes.remove_prefix(1);
    ++offset_;
    if (is_newline) end_line(is_whole ? text.substr(0, k_most_line) : std::exchange(line_, {}), offset_);
  }
}

void TapReader::end_line(std::string_view line, std::uint64_t end) {
  line_end_ = end;
  ++line_number_;
  if (!stream_.is_cut) take_line(line);
}

void TapReader::take_line(std::string_view line) {
  if (line_number_ == 1 && line.starts_with(k_byte_order_mark)) line.remove_prefix(k_byte_order_mark.size());
  if (yaml_indent_ && take_yaml(line)) return;
  const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
  const std::string_view text = line.substr(indent);
  const bool may_begin_yaml = words_ && !words_->has_yaml() && indent > k_indent * stream_.points.back().level;
  if (may_begin_yaml && text.starts_with("---") && text.find_first_not_of(" \t", 3) == text.npos) {
    words_->begin_yaml();
    yaml_indent_ = indent;
    stream_.points.back().end = line_end_;
    return;
  }
  take_text(line, parse_tap_line(line.substr(std::min(line.find_first_not_of(" \t"), line.size()))));
}

/// False when the block has ended without its end, and the line is none of it.
bool TapReader::take_yaml(std::string_view line) {
  const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
  const std::string_view text = line.substr(indent);
  const bool ends = text.starts_with("...") && text.find_first_not_of(" \t", 3) == text.npos && indent > 0 && indent <= *yaml_indent_;
  if (!ends && !text.empty() && indent < *yaml_indent_) {
    yaml_indent_.reset();
    return false;
  }
  if (ends)
    yaml_indent_.reset();
  else
    words_->add_yaml(line.substr(std::min(*yaml_indent_, line.size())));
  stream_.points.back().end = line_end_;
  return true;
}

void TapReader::take_text(std::string_view line, const TapLine& parsed) {
  if (std::holds_alternative<TapBlank>(parsed)) return;
  if (const auto* comment = std::get_if<TapComment>(&parsed)) {
    if (!words_ || stream_.points.back().is_ok) return;
    words_->add_comment(comment->text);
    stream_.points.back().end = line_end_;
    return;
  }
  close_point();
  if (const auto* bail_out = std::get_if<TapBailOut>(&parsed))
    return cut(bail_out->reason.empty() ? "Bail out!" : "Bail out! " + printable_text(bail_out->reason));
  const std::size_t indent = line.find_first_not_of(' ');
  const std::size_t level = indent / k_indent;
  const bool is_at_level = indent % k_indent == 0 && level <= k_deepest && line[indent] != '\t';
  if (!is_at_level || !is_open_to(level, parsed)) return no_tap(level, line);
  if (const auto* header = std::get_if<TapHeader>(&parsed)) {
    while (levels_.size() > level + 1) abandon();
    std::fill(headers_.begin() + static_cast<std::ptrdiff_t>(level), headers_.end(), std::nullopt);
    headers_[level] = name_of(header->name);
  } else if (const auto* plan = std::get_if<TapPlan>(&parsed)) {
    take(level, *plan);
  } else if (const auto* point = std::get_if<TapTestLine>(&parsed)) {
    take(level, *point);
  } else {
    enter(level);
    if (const auto* pragma = std::get_if<TapPragma>(&parsed); pragma != nullptr && pragma->is_strict)
      levels_.back().is_strict = *pragma->is_strict;
  }
}

/// Where a subtest is open, nothing counts outside of it but what may end it.
bool TapReader::is_open_to(std::size_t level, const TapLine& parsed) const {
  if (std::holds_alternative<TapOther>(parsed)) return false;
  const bool may_end = !std::holds_alternative<TapVersion>(parsed) && !std::holds_alternative<TapPragma>(parsed);
  return level + 1 >= levels_.size() || may_end;
}

void TapReader::no_tap(std::size_t level, std::string_view line) {
  ++stream_.others;
  has_words_ = true;
  if (!levels_[std::min(level, levels_.size() - 1)].is_strict) return;
  constexpr std::size_t k_shown = 60;
  add_fault(
      fmt::format("line {} is no TAP, in a stream with `pragma +strict`: {}", line_number_, printable_text(utf8_prefix(line, k_shown))));
}

void TapReader::add_fault(std::string fault) {
  if (!stream_.is_cut && stream_.faults.size() < k_most_faults) stream_.faults.push_back(std::move(fault));
}

/// Nothing that follows counts.
void TapReader::cut(std::string fault) {
  stream_.faults = {std::move(fault)};
  stream_.is_cut = true;
}

// ---- Documents --------------------------------------------------------------

/// Opens the subtests down to `level`.
void TapReader::enter(std::size_t level) {
  while (levels_.size() <= level) {
    const std::size_t opened = levels_.size();
    Level next;
    // Older versions of Test::More indent the header too.
    std::optional<std::string>& own = headers_[opened];
    if (headers_[opened - 1])
      next.name = *headers_[opened - 1];
    else if (opened == level && own)
      next.name = *std::exchange(own, std::nullopt);
    next.first_point = stream_.points.size();
    next.is_strict = levels_.back().is_strict;
    levels_.push_back(std::move(next));
  }
}

void TapReader::take(std::size_t level, const TapPlan& plan) {
  while (levels_.size() > level + 1) abandon();
  enter(level);
  Level& document = levels_.back();
  if (document.plan) {
    document.see(fmt::format("there is a second plan, 1..{}", plan.count));
    return;
  }
  document.plan = plan;
  document.is_plan_behind = document.points > 0;
}

void TapReader::take(std::size_t level, TapTestLine line) {
  if (stream_.points.size() >= k_most_points) return cut(fmt::format("more than {} test points", k_most_points));
  while (levels_.size() > level + 2) abandon();
  const bool ends_subtest = levels_.size() == level + 2;
  if (ends_subtest && line.description.empty() && headers_[level]) line.description = *headers_[level];
  enter(level);
  Level& document = levels_[level];
  TapPoint point;
  point.number = document.count(line);
  if (document.plan && std::binary_search(document.plan->todo.begin(), document.plan->todo.end(), point.number))
    line.directive = TapTestLine::Directive::todo;
  if (ends_subtest) end_subtest(line);
  point.description = name_of(line.description);
  point.level = level;
  point.is_ok = line.is_ok;
  Outcome outcome = outcome_of(line);
  point.status = outcome.status;
  point.reason = std::move(outcome.reason);
  point.duration = line.duration;
  point.end = line_end_;
  point.has_words = std::exchange(has_words_, false);
  stream_.points.push_back(std::move(point));
  words_.emplace();
  std::fill(headers_.begin() + static_cast<std::ptrdiff_t>(level), headers_.end(), std::nullopt);
}

/// The innermost subtest ends by a point that comes next.
void TapReader::end_subtest(const TapTestLine& line) {
  const Level& subtest = levels_.back();
  const std::size_t level = levels_.size() - 1;
  std::vector<TapPoint>& points = stream_.points;
  const Outcome parent = outcome_of(line);
  const bool excuses = line.directive != TapTestLine::Directive::none;
  for (std::size_t i = subtest.first_point; i < points.size(); ++i) {
    if (points[i].level == level && points[i].subtest.empty()) points[i].parent = points.size();
    if (!excuses || points[i].status != Status::failed) continue;
    points[i].status = parent.status;
    points[i].reason = with_reason("failed in a subtest that is not to count", line.reason);
  }
  const std::string problem = subtest.problem();
  if (!problem.empty() && line.is_ok && !excuses) add_fault(fmt::format("subtest \"{}\": {}", name_of(line.description), problem));
  levels_.pop_back();
}

/// The innermost subtest has no end.
void TapReader::abandon() {
  const std::size_t level = levels_.size() - 1;
  const Level gone = std::move(levels_.back());
  levels_.pop_back();
  std::vector<TapPoint>& points = stream_.points;
  if (gone.name.empty()) {
    points.erase(points.begin() + static_cast<std::ptrdiff_t>(gone.first_point), points.end());
    return;
  }
  std::string path;
  // One that is not named is known by the number of the point that would end it.
  for (std::size_t i = 1; i < level; ++i)
    path += (levels_[i].name.empty() ? fmt::format("{}", levels_[i - 1].points + 1) : levels_[i].name) + "/";
  path += gone.name;
  for (std::size_t i = gone.first_point; i < points.size(); ++i)
    if (points[i].level == level && !points[i].parent) points[i].subtest = path;
  add_fault(fmt::format("no test point ends the subtest \"{}\"", path));
}

void TapReader::close_point() {
  yaml_indent_.reset();
  if (!words_) return;
  TapPoint& point = stream_.points.back();
  point.message = words_->message();
  if (point.status == Status::failed) point.reason = printable_text(words_->reason());
  if (!point.duration) point.duration = words_->duration();
  words_.reset();
}

void TapReader::Level::see(std::string what) {
  if (fault.empty()) fault = std::move(what);
}

std::uint64_t TapReader::Level::count(const TapTestLine& line) {
  ++points;
  if (is_plan_behind) see(fmt::format("test points stand before and behind the plan 1..{}", plan->count));
  const std::uint64_t number = line.number.value_or(points);
  if (!numbers.insert(number).second && line.number) see(fmt::format("two test points have the number {}", number));
  greatest = std::max(greatest, number);
  return number;
}

/// What is wrong with it now that it has ended; "" = nothing.
std::string TapReader::Level::problem() const {
  std::string text;
  const std::uint64_t planned = plan ? plan->count : points;
  if (points < planned) {
    std::uint64_t missing = 1;
    while (numbers.contains(missing)) ++missing;
    text = fmt::format("{} of {} planned test points came, number {} is missing", points, planned, missing);
  } else if (points > planned) {
    text = fmt::format("{} test points came, {} {} planned", points, planned, planned == 1 ? "was" : "were");
  } else if (plan && (greatest > planned || numbers.contains(0))) {
    text = fmt::format("test point {} is not within the plan 1..{}", greatest > planned ? greatest : 0, planned);
  }
  if (!fault.empty()) text += (text.empty() ? "" : "; ") + fault;
  return text;
}

// ---- The end ----------------------------------------------------------------

TapStream TapReader::finish() {
  if (std::exchange(is_return_pending_, false) || !line_.empty()) end_line(std::exchange(line_, {}), offset_);
  close_point();
  while (levels_.size() > 1) abandon();
  if (!stream_.is_cut) judge_document();
  complete_points();
  return std::exchange(stream_, {});
}

/// What is wrong with the outermost document is told first.
void TapReader::judge_document() {
  const Level& document = levels_.front();
  std::string problem = document.problem();
  if (document.points == 0 && document.plan && document.plan->count == 0) {
    stream_.skipped = printable_text(document.plan->reason);
  } else if (offset_ == 0) {
    problem = "it printed nothing: no plan and no test point";
  } else if (!document.plan) {
    const std::string_view without = document.points == 0 ? "there is no plan and no test point" : "there is no plan (1..N)";
    problem = fmt::format("{} in its output{}{}", without, problem.empty() ? "" : "; ", problem);
  }
  if (!problem.empty()) stream_.faults.insert(stream_.faults.begin(), std::move(problem));
}

/// Where each begins, and why those failed that only sum up a subtest.
void TapReader::complete_points() {
  struct Children {
    std::size_t count = 0;
    std::vector<std::string> failed;
  };
  std::vector<TapPoint>& points = stream_.points;
  std::vector<std::optional<Children>> children(points.size());
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    TapPoint& point = points[i];
    point.begin = std::exchange(end, point.end);
    if (point.status == Status::failed && point.reason.empty() && children[i] && !children[i]->failed.empty())
      point.reason = describe_failed_points(children[i]->failed, children[i]->count);
    if (!point.parent) continue;
    std::optional<Children>& siblings = children[*point.parent];
    if (!siblings) siblings.emplace();
    ++siblings->count;
    if (point.status == Status::failed)
      siblings->failed.push_back(point.description.empty() ? fmt::format("{}", point.number) : point.description);
  }
}

}  // namespace ptests
