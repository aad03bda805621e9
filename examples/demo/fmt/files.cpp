// Printing to a file, by stdio and by fmt's own buffered output.
#include <doctest/doctest.h>
#include <fmt/os.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace {

std::string content_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("print writes to a stdio stream") {
  std::FILE* file = std::fopen("fmt.files.print.txt", "w");
  REQUIRE(file != nullptr);
  fmt::print(file, "{}\n", 42);
  std::fclose(file);
  CHECK(content_of("fmt.files.print.txt") == "42\n");
  std::remove("fmt.files.print.txt");
}

TEST_CASE("output_file buffers until it is closed") {
  {
    auto out = fmt::output_file("fmt.files.out.txt");
    for (int n = 0; n < 1000; ++n) {
      out.print("{:03};", n);
    }
  }
  CHECK(content_of("fmt.files.out.txt").size() == 4000);
  std::remove("fmt.files.out.txt");
}

TEST_CASE("a file that cannot be opened is a system error") {
  CHECK_THROWS_AS(fmt::output_file("no/such/folder/file.txt"), std::system_error);
}
