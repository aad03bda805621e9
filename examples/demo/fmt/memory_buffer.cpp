// A growing buffer that starts on the stack.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <iterator>
#include <string>
#include <utility>

TEST_CASE("the buffer collects pieces") {
  fmt::memory_buffer buffer;
  for (int n = 1; n <= 3; ++n) {
    fmt::format_to(std::back_inserter(buffer), "{};", n);
  }
  CHECK(fmt::to_string(buffer) == "1;2;3;");
}

TEST_CASE("the buffer outgrows its stack space") {
  fmt::basic_memory_buffer<char, 8> buffer;
  const std::string text(1000, 'x');
  buffer.append(text.data(), text.data() + text.size());
  CHECK(buffer.size() == 1000);
  CHECK(buffer.capacity() >= 1000);
  CHECK(fmt::to_string(buffer) == text);
}

TEST_CASE("a move takes the content along") {
  fmt::memory_buffer first;
  fmt::format_to(std::back_inserter(first), "content");
  const fmt::memory_buffer second = std::move(first);
  CHECK(fmt::to_string(second) == "content");
}
