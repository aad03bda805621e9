// Death by SIGSEGV.
#include <doctest/doctest.h>

TEST_CASE("reads through a null pointer") {
  const volatile int* nowhere = nullptr;
  CHECK(*nowhere == 0);
}
