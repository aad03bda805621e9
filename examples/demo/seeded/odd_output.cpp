// Fails after printing what no XML document can hold: reports have to stay well-formed.
#include <doctest/doctest.h>

#include <cstdio>

TEST_CASE("prints invalid UTF-8, a NUL, a control character and the end of a CDATA section") {
  const char output[] = "latin-1 \xe9, NUL \0, bell \a, escape \x1b[0m, ]]> & <tag>\n";
  std::fwrite(output, 1, sizeof output - 1, stdout);
  std::fflush(stdout);
  FAIL("on purpose");
}
