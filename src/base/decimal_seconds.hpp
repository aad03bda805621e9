#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace ptests {

/// A time in seconds, rounded to microseconds, in as few digits as tell it: "0.001234", "12", "-1.5". For what is written for every test:
/// the shortest digits of any double take ten times as long to find.
class DecimalSeconds {
 public:
  explicit DecimalSeconds(std::chrono::duration<double> time);
  std::string_view text() const { return {begin_, static_cast<std::size_t>(end_ - begin_)}; }
  DecimalSeconds(const DecimalSeconds&) = delete;
  DecimalSeconds& operator=(const DecimalSeconds&) = delete;

 private:
  std::array<char, 32> digits_{};
  const char* begin_;
  const char* end_;
};

}  // namespace ptests
