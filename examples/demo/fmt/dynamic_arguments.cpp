// An argument list built at run time.
#include <doctest/doctest.h>
#include <fmt/args.h>

#include <string>

TEST_CASE("arguments are pushed one by one") {
  fmt::dynamic_format_arg_store<fmt::format_context> arguments;
  arguments.push_back(42);
  arguments.push_back("text");
  arguments.push_back(1.5);
  CHECK(fmt::vformat("{} {} {}", arguments) == "42 text 1.5");
}

TEST_CASE("the list can be emptied and filled again") {
  fmt::dynamic_format_arg_store<fmt::format_context> arguments;
  arguments.push_back(1);
  arguments.clear();
  arguments.push_back(std::string("second"));
  CHECK(fmt::vformat("{}", arguments) == "second");
}

TEST_CASE("named arguments too") {
  fmt::dynamic_format_arg_store<fmt::format_context> arguments;
  arguments.push_back(fmt::arg("answer", 42));
  CHECK(fmt::vformat("{answer}", arguments) == "42");
}
