// What a format string known only at run time can do wrong.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

namespace {

template <typename... Arguments>
std::string error_of(const char* format, const Arguments&... arguments) {
  try {
    return "no error: " + fmt::format(fmt::runtime(format), arguments...);
  } catch (const fmt::format_error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("every mistake has its own message") {
  CHECK(error_of("{}") == "argument not found");
  CHECK(error_of("{1}", 0) == "argument not found");
  CHECK(error_of("{name}", 0) == "argument not found");
  CHECK(error_of("{:d}", "text") == "invalid type specifier");
  CHECK(error_of("{:.2}", 42) == "precision not allowed for this argument type");
  CHECK(error_of("{0} {}", 1, 2) == "cannot switch from manual to automatic argument indexing");
  CHECK(error_of("{:99999999999}", 1) == "number is too big");
}

TEST_CASE("a system error tells what the system said") {
  const std::string text = fmt::system_error(2, "cannot open {}", "a.txt").what();
  CHECK(text == "cannot open a.txt: No such file or directory");
}
