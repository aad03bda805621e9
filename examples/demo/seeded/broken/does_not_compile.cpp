// Not run: the compiler refuses it, and the tests beside it run all the same.
#include <doctest/doctest.h>

#include <string>

TEST_CASE("a number is no text") {
  const std::string text = 42;
  CHECK(text == "42");
}
