// An assertion that does not hold: the framework prints both values.
#include <doctest/doctest.h>

#include <string>

TEST_CASE("the greeting names the guest") {
  const std::string guest = "Ada";
  CHECK("Hello, " + guest == "Hello, Grace");
}
