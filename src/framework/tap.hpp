#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/outcome.hpp"
#include "core/test_case.hpp"
#include "framework/tap_line.hpp"
#include "framework/tap_words.hpp"

namespace ptests {

/// One line `ok` or `not ok`, and what stands behind it.
struct TapPoint {
  std::uint64_t number = 0;
  std::string description;            ///< printable; "" = none
  bool is_ok = true;                  ///< what the line says, whatever its directive
  std::size_t level = 0;              ///< 1 = in a subtest
  std::optional<std::size_t> parent;  ///< the point that ended its subtest; it stands behind its children
  std::string subtest;                ///< names of the subtests it is in, where these have no end: "a/b"
  Status status = Status::passed;     ///< passed, failed or skipped
  std::string reason;                 ///< one line; "" = nothing to say
  std::string message;                ///< the YAML block and the comments behind it, at most CaseEvent::k_most_message bytes
  std::optional<Seconds> duration;    ///< as the stream says
  std::uint64_t begin = 0;            ///< the part of the stream that is its own, in bytes: all behind the point before it
  std::uint64_t end = 0;
  bool has_words = false;  ///< in this part stands what is no TAP
};

/// What a whole stream says.
struct TapStream {
  std::vector<TapPoint> points;        ///< as they came
  std::vector<std::string> faults;     ///< what is wrong with the stream itself; each one line
  std::optional<std::string> skipped;  ///< why there are no points: 1..0
  std::size_t others = 0;              ///< lines that are no TAP
  bool is_cut = false;                 ///< what stands behind `Bail out!`, or behind too many points, was not looked at
};

/// Reads a stream of the Test Anything Protocol, versions 12 to 14. Takes any bytes, cut anywhere.
///
/// - The first point at the level of a subtest's parent ends it, whatever its name: producers word it in other ways than the header.
/// - A subtest that nothing ends is no TAP when no header named it; else its points count, and the stream has a fault.
/// - What is wrong inside of a subtest is a fault of the stream when the point that ends it says `ok`. When that is TODO or SKIP, no point
///   in the subtest fails.
/// - Nothing counts behind `Bail out!`, at whatever level.
class TapReader {
 public:
  static constexpr std::size_t k_most_points = 100'000;  ///< of a stream: more are a fault, and nothing behind them is read
  static constexpr std::size_t k_most_line = 65'536;     ///< bytes; what a line has beyond that is left out
  static constexpr std::size_t k_deepest = 16;           ///< level; what is indented further is no TAP
  static constexpr std::size_t k_most_name = 512;        ///< bytes of a description

  TapReader() : levels_(1), headers_(k_deepest + 1) {}
  void read(std::string_view bytes);
  /// So far. What stands behind the last one may still be added to it, and its subtest may not have ended.
  const std::vector<TapPoint>& points() const { return stream_.points; }
  /// The stream has ended.
  TapStream finish();

 private:
  /// A document: the stream, or a subtest that is open.
  struct Level {
    void see(std::string what);
    std::uint64_t count(const TapTestLine& line);
    std::string problem() const;

    std::string name;             ///< its header's; "" = it has none
    std::size_t first_point = 0;  ///< this and all behind it are in here
    std::optional<TapPlan> plan;
    bool is_plan_behind = false;  ///< it came behind points
    std::string fault;            ///< the first that was seen as lines came
    std::uint64_t points = 0;
    std::unordered_set<std::uint64_t> numbers;
    std::uint64_t greatest = 0;  ///< number
    bool is_strict = false;
  };

  void end_line(std::string_view line, std::uint64_t end);
  void take_line(std::string_view line);
  bool take_yaml(std::string_view line);
  void take_text(std::string_view line, const TapLine& parsed);
  bool is_open_to(std::size_t level, const TapLine& parsed) const;
  void enter(std::size_t level);
  void take(std::size_t level, const TapPlan& plan);
  void take(std::size_t level, TapTestLine line);
  void end_subtest(const TapTestLine& line);
  void abandon();
  void close_point();
  void cut(std::string fault);
  void no_tap(std::size_t level, std::string_view line);
  void add_fault(std::string fault);
  void judge_document();
  void complete_points();

  TapStream stream_;
  std::vector<Level> levels_;                        ///< that are open; the first is the stream
  std::vector<std::optional<std::string>> headers_;  ///< by level: of the subtest that may follow below it
  std::optional<TapWords> words_;                    ///< behind the last point
  std::optional<std::size_t> yaml_indent_;           ///< a block is open
  bool has_words_ = false;                           ///< no TAP came since the last point

  std::string line_;                ///< the begin of one whose end has not come
  bool is_return_pending_ = false;  ///< the last byte was \r, and \n may follow
  std::uint64_t offset_ = 0;
  std::uint64_t line_end_ = 0;
  std::uint64_t line_number_ = 0;
};

}  // namespace ptests
