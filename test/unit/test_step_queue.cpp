#include <doctest/doctest.h>

#include "schedule/step_queue.hpp"

using namespace ptests;
using Kind = BuildStep::Kind;

TEST_CASE("the longest chain is compiled first, and libraries before all tests, the longest of them first") {
  StepQueue queue(0);
  CHECK_FALSE(queue.next_compile());
  queue.add(1, Kind::compile, Seconds(1));
  queue.add(2, Kind::compile, Seconds(3));
  queue.add(3, Kind::compile, Seconds(3));
  queue.add(4, Kind::compile, k_needed_by_many);
  queue.add(5, Kind::compile, k_needed_by_many + Seconds(2));
  for (const StepId expected : {5U, 4U, 2U, 3U, 1U}) {
    CHECK(queue.next_compile() == expected);
    queue.remove(expected);
  }
  CHECK(queue.empty());
}

TEST_CASE("only a chain as long as asked for is given") {
  StepQueue queue(0);
  queue.add(1, Kind::compile, Seconds(2));
  CHECK(queue.next_compile(Seconds(2)) == 1U);
  CHECK_FALSE(queue.next_compile(Seconds(2.1)));
  queue.add(2, Kind::compile, k_needed_by_many);
  CHECK(queue.next_compile(Seconds(1e9)) == 2U);
}

TEST_CASE("linkers are a queue of their own, no more than asked for at a time") {
  StepQueue queue(2);
  queue.add(1, Kind::compile, Seconds(9));
  CHECK_FALSE(queue.next_link());
  queue.add(2, Kind::link, Seconds(1));
  queue.add(3, Kind::link, Seconds(2));
  CHECK(queue.next_link() == 3U);
  queue.count_links(2);
  CHECK_FALSE(queue.next_link());
  queue.count_links(-1);
  CHECK(queue.next_link() == 3U);
  queue.remove(3);
  queue.remove(3);
  CHECK(queue.next_link() == 2U);
  CHECK(queue.next_compile() == 1U);
}
