#ifdef OWN_MAIN
#define CATCH_CONFIG_MAIN
#endif
#include <catch2/catch.hpp>

#include "common.hpp"

struct FailingFixture {
  FailingFixture() { throw std::runtime_error("no set-up"); }
};

TEST_CASE("passes", "[quick]") { CHECK(true); }
TEST_CASE("fails") { CHECK(1 == 2); }
TEST_CASE("passes behind a failure") { CHECK(true); }
TEST_CASE("throws") { throw std::runtime_error("thrown on purpose"); }
TEST_CASE("crashes") { matrix::crash(); }
TEST_CASE("exits") { std::exit(0); }
TEST_CASE("hangs") { matrix::hang(); }
TEST_CASE("disabled", "[.]") { CHECK(false); }
TEST_CASE("fails as expected", "[!shouldfail]") { CHECK(false); }
TEST_CASE("prints much") { matrix::print_much(); }
TEST_CASE("prints much and fails") {
  matrix::print_much();
  CHECK(false);
}
TEST_CASE("imitates") { matrix::print_like_a_framework(); }
TEST_CASE("a, b; [c] \\ \"d\" * /e: f & <g> 'h' %41 é") { CHECK(true); }
TEST_CASE("a, b; [c] \\ \"d\" * /e: f & <g> 'h' %41 é and more") { CHECK(false); }
TEST_CASE(
    "a name longer than the eighty columns at which lists are broken, with signs (and more) right there: a/b - and a second line, which it "
    "needs too, behind") {
  CHECK(true);
}
TEMPLATE_TEST_CASE("templated", "", char, int) { CHECK(sizeof(TestType) == 1); }
TEST_CASE_METHOD(FailingFixture, "set-up fails") { CHECK(true); }
TEST_CASE("threads") { CHECK(matrix::run_threads()); }
TEST_CASE("has parts") {
  ++matrix::visits();
  SECTION("one") { CHECK(true); }
  SECTION("two") { CHECK(false); }
}
TEST_CASE("leaves something behind") { ++matrix::visits(); }
TEST_CASE("wants to be first") { CHECK(matrix::visits() == 0); }
