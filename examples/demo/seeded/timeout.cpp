// Runs longer than its TIMEOUT of one second.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <thread>

TEST_CASE("waits for two seconds") {
  std::puts("waiting for an answer ...");
  std::fflush(stdout);
  std::this_thread::sleep_for(std::chrono::seconds(2));
}
