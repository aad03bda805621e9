#include "cli/retry_values.hpp"

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"
#include "suite/values.hpp"

namespace ptests::cli {

namespace {

tl::unexpected<Error> expected(std::string_view option, std::string_view what, const std::string& value, std::string hint = "") {
  return fail(fmt::format("{}: expected {}, got \"{}\"", option, what, value), std::move(hint));
}

constexpr std::array<Choice<Repeat::Mode>, 3> k_modes{
    {{"until-fail", Repeat::Mode::until_fail}, {"until-pass", Repeat::Mode::until_pass}, {"after-timeout", Repeat::Mode::after_timeout}}};

}  // namespace

Result<int> parse_count(const std::string& option, const std::string& value, int least) {
  const int count = parse_int(value).value_or(least - 1);
  if (count < least) return expected(option, fmt::format("a number of at least {}", least), value);
  return count;
}

Result<Retries> parse_retries(const std::string& value) {
  const auto wrong = [&] {
    return expected("--retries", "N, N:DELAY or N:DELAY:BACKOFF", value, "--retries 2:0.5 waits half a second first");
  };
  const std::vector<std::string> parts = split(value, ':');
  if (parts.empty() || parts.size() > 3) return wrong();
  Retries retries;
  retries.count = parse_int(parts[0]).value_or(-1);
  if (retries.count < 0) return wrong();
  if (parts.size() > 1) {
    const std::optional<double> delay = parse_duration(parts[1]);
    if (!delay) return wrong();
    retries.delay = Seconds(*delay);
  }
  if (parts.size() > 2) {
    const std::optional<double> backoff = parse_number(parts[2]);
    if (!backoff || *backoff < 1) return wrong();
    retries.backoff = *backoff;
  }
  return retries;
}

Result<Repeat> parse_repeat(const std::string& value) {
  const std::size_t colon = value.find(':');
  const auto mode = parse_choice(k_modes, value.substr(0, colon));
  const int count = colon == std::string::npos ? 0 : parse_int(value.substr(colon + 1)).value_or(0);
  if (!mode || count < 1)
    return expected("--repeat", "until-fail:N, until-pass:N or after-timeout:N", value, "N: so many attempts at the most");
  return Repeat{*mode, count};
}

Result<EarlyEnd> parse_fail_fast(const std::string& value) {
  EarlyEnd early_end{.most_failures = 1};
  std::string count = value;
  if (value == "now" || value.ends_with(":now")) {
    early_end.action = EarlyEnd::Action::kill_running;
    count = value == "now" ? "" : value.substr(0, value.size() - 4);
  }
  if (count.empty()) return early_end;
  early_end.most_failures = parse_int(count).value_or(0);
  if (early_end.most_failures < 1)
    return expected("--fail-fast", "nothing, N, now or N:now", value, "--fail-fast=3 starts nothing more after three failures");
  return early_end;
}

}  // namespace ptests::cli
