#ifdef OWN_MAIN
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#endif
#include <doctest/doctest.h>

#include "common.hpp"

struct FailingFixture {
  FailingFixture() { throw std::runtime_error("no set-up"); }
};

TEST_CASE("passes") { CHECK(true); }
TEST_CASE("fails") { CHECK(1 == 2); }
TEST_CASE("passes behind a failure") { CHECK(true); }
TEST_CASE("throws") { throw std::runtime_error("thrown on purpose"); }
TEST_CASE("crashes") { matrix::crash(); }
TEST_CASE("exits") { std::exit(0); }
TEST_CASE("hangs") { matrix::hang(); }
TEST_CASE("disabled" * doctest::skip()) { CHECK(false); }
TEST_CASE("fails as expected" * doctest::should_fail()) { CHECK(false); }
TEST_CASE("prints much") { matrix::print_much(); }
TEST_CASE("prints much and fails") {
  matrix::print_much();
  CHECK(false);
}
TEST_CASE("imitates") { matrix::print_like_a_framework(); }
TEST_CASE("a, b; [c] \\ \"d\" * /e: f & <g> 'h' %41 é") { CHECK(true); }
TEST_CASE("a, b; [c] \\ \"d\" * /e: f & <g> 'h' %41 é and more") { CHECK(false); }
TEST_CASE("*") { CHECK(true); }
TEST_CASE("twice") { CHECK(true); }
TEST_CASE("twice") { CHECK(false); }
TEST_CASE_TEMPLATE("templated", T, char, int) { CHECK(sizeof(T) == 1); }
TEST_CASE_FIXTURE(FailingFixture, "set-up fails") { CHECK(true); }
TEST_CASE("threads") { CHECK(matrix::run_threads()); }
TEST_CASE("has parts") {
  ++matrix::visits();
  SUBCASE("one") { CHECK(true); }
  SUBCASE("two") { CHECK(false); }
}
TEST_SUITE("group") {
  TEST_CASE("passes") { CHECK(true); }
}
TEST_CASE("leaves something behind") { ++matrix::visits(); }
TEST_CASE("wants to be first") { CHECK(matrix::visits() == 0); }
