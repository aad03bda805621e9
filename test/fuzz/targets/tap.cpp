// The reader of TAP streams, and what becomes of what it read.
#include <algorithm>
#include <set>
#include <tuple>

#include "check.hpp"
#include "framework/tap_cases.hpp"

namespace {

using fuzz::require;
using ptests::TapPoint;
using ptests::TapStream;

TapStream read(std::string_view stream, std::span<const std::size_t> ends) {
  ptests::TapReader reader;
  fuzz::feed(stream, ends, [&](std::string_view piece) { reader.read(piece); });
  return reader.finish();
}

auto parts_of(const TapPoint& point) {
  return std::tie(point.number, point.description, point.is_ok, point.level, point.parent, point.subtest, point.status, point.reason,
                  point.message, point.duration, point.begin, point.end, point.has_words);
}

bool same(const TapStream& one, const TapStream& other) {
  const auto same_point = [](const TapPoint& a, const TapPoint& b) { return parts_of(a) == parts_of(b); };
  return std::ranges::equal(one.points, other.points, same_point) &&
         std::tie(one.faults, one.skipped, one.others, one.is_cut) == std::tie(other.faults, other.skipped, other.others, other.is_cut);
}

void check(const TapStream& stream, std::size_t size) {
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < stream.points.size(); ++i) {
    const TapPoint& point = stream.points[i];
    require(!point.parent || (*point.parent > i && *point.parent < stream.points.size()), "a parent stands behind its children");
    require(point.level <= ptests::TapReader::k_deepest, "no subtest is deeper than allowed");
    require(point.message.size() <= ptests::CaseEvent::k_most_message, "a message is no longer than it may be");
    require(end <= point.begin && point.begin <= point.end && point.end <= size, "parts ascend, and lie in the stream");
    require(point.reason.find('\n') == std::string::npos, "a reason is one line");
    end = point.end;
  }
  std::set<std::string> names;
  for (const ptests::TestCase& one : ptests::tap_cases(stream)) require(names.insert(one.name).second, "names are unique");
  for (const int exit_code : {0, 1}) ptests::judge_tap(stream, exit_code);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input = fuzz::read_input({data, size});
  const TapStream whole = read(input.stream, fuzz::with_end({}, input.stream.size()));
  check(whole, input.stream.size());
  require(same(read(input.stream, input.bytes), whole), "what is read does not depend on how the stream was cut");
  require(same(read(input.stream, fuzz::with_end(input.cuts, input.stream.size())), whole), "nor on where");
  for (const std::size_t cut : input.cuts) check(read(std::string_view(input.stream).substr(0, cut), fuzz::with_end({}, cut)), cut);
  return 0;
}
