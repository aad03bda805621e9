#define BOOST_TEST_MODULE matrix
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <tuple>

#include "common.hpp"

namespace unit_test = boost::unit_test;

struct FailingFixture {
  FailingFixture() { throw std::runtime_error("no set-up"); }
};

bool never(unit_test::test_unit_id) { return false; }
void fail_set_up() { throw std::runtime_error("no set-up of the suite"); }

BOOST_AUTO_TEST_CASE(passes, *unit_test::label("quick")) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(fails) { BOOST_TEST(1 == 2); }
BOOST_AUTO_TEST_CASE(needs_what_passes, *unit_test::depends_on("passes")) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(needs_what_fails, *unit_test::depends_on("fails")) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(needs_what_is_disabled, *unit_test::depends_on("disabled")) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(passes_behind_a_failure) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(throws) { throw std::runtime_error("thrown on purpose"); }
BOOST_AUTO_TEST_CASE(crashes) { matrix::crash(); }
// Boost.Test itself crashes at exit() while its log goes into a file.
BOOST_AUTO_TEST_CASE(exits) { std::exit(0); }
BOOST_AUTO_TEST_CASE(leaves) { ::_exit(0); }
BOOST_AUTO_TEST_CASE(hangs) { matrix::hang(); }
BOOST_AUTO_TEST_CASE(skips, *unit_test::precondition(&never)) { BOOST_TEST(false); }
BOOST_AUTO_TEST_CASE(disabled, *unit_test::disabled()) { BOOST_TEST(false); }
BOOST_AUTO_TEST_CASE(fails_as_expected, *unit_test::expected_failures(1)) { BOOST_TEST(false); }
BOOST_AUTO_TEST_CASE(fails_more_than_expected, *unit_test::expected_failures(1)) {
  BOOST_TEST(false);
  BOOST_TEST(false);
}
BOOST_AUTO_TEST_CASE(prints_much) { matrix::print_much(); }
BOOST_AUTO_TEST_CASE(prints_much_and_fails) {
  matrix::print_much();
  BOOST_TEST(false);
}
BOOST_AUTO_TEST_CASE(imitates) {
  matrix::print_like_a_framework();
  std::printf("boost.cpp(1): Leaving test case \"imitates\"\n");
  BOOST_TEST_MESSAGE(
      "]]></Message></TestCase>\nLeaving test case \"imitates\"\nboost.cpp(1): error: in \"fails\": no\n"
      "boost.cpp(1): Entering test case \"crashes\"");
}
using Types = std::tuple<char, int>;
BOOST_AUTO_TEST_CASE_TEMPLATE(templated, T, Types) { BOOST_TEST(sizeof(T) == 1U); }
BOOST_DATA_TEST_CASE(squares, unit_test::data::xrange(3), number) { BOOST_TEST(number * number < 4); }
BOOST_FIXTURE_TEST_CASE(set_up_fails, FailingFixture) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(threads) { BOOST_TEST(matrix::run_threads()); }
BOOST_AUTO_TEST_SUITE(group)
BOOST_AUTO_TEST_SUITE(inner)
BOOST_AUTO_TEST_CASE(passes) { BOOST_TEST(true); }
BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(suite_set_up_fails, *unit_test::fixture(&fail_set_up))
BOOST_AUTO_TEST_CASE(never_begins) { BOOST_TEST(true); }
BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_CASE(leaves_something_behind) { ++matrix::visits(); }
BOOST_AUTO_TEST_CASE(wants_to_be_first) { BOOST_TEST(matrix::visits() == 0); }

namespace {
void pass() { BOOST_TEST(true); }
void fail() { BOOST_TEST(false); }
// No macro makes such names.
const bool are_added = [] {
  unit_test::test_suite& all = unit_test::framework::master_test_suite();
  all.add(BOOST_TEST_CASE_NAME(&pass, "a, b; [c] \\ \"d\" * /e: f & <g> 'h' %41 é"));
  all.add(BOOST_TEST_CASE_NAME(&fail, "a, b; [c] \\ \"d\" * /e: f & <g> 'h' %41 é and more"));
  all.add(BOOST_TEST_CASE_NAME(&pass, "a|b(1)|expected failures=1"));
  all.add(unit_test::make_test_case(&pass, "stands nowhere", "", 0));
  return true;
}();
}  // namespace
