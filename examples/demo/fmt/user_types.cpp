// A formatter for a type of one's own, with a presentation of its own.
#include <doctest/doctest.h>
#include <fmt/format.h>

struct Point {
  double x;
  double y;
};

/// {} is (x, y); {:p} is polar: |x y|.
template <>
struct fmt::formatter<Point> {
  bool length_only = false;

  constexpr auto parse(format_parse_context& context) {
    auto it = context.begin();
    if (it != context.end() && *it == 'p') {
      length_only = true;
      ++it;
    }
    return it;
  }

  template <typename Context>
  auto format(const Point& p, Context& context) const {
    if (length_only) {
      return fmt::format_to(context.out(), "|{} {}|", p.x, p.y);
    }
    return fmt::format_to(context.out(), "({:.1f}, {:.1f})", p.x, p.y);
  }
};

TEST_CASE("the type formats like a built-in one") {
  CHECK(fmt::format("{}", Point{1, 2}) == "(1.0, 2.0)");
  CHECK(fmt::format("{:p}", Point{3, 4}) == "|3 4|");
  CHECK(fmt::format("{1} then {0}", Point{0, 0}, Point{1, 1}) == "(1.0, 1.0) then (0.0, 0.0)");
}

TEST_CASE("an unknown presentation is refused") { CHECK_THROWS_AS(fmt::format(fmt::runtime("{:q}"), Point{0, 0}), fmt::format_error); }
