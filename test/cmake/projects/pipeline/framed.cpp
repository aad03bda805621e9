#include <doctest/doctest.h>

#include "check.h"
#include "library.h"
TEST_CASE("framed") { CHECK(check("framed", library_value()) == 0); }
