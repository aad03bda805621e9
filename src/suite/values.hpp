#pragma once

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/limits.hpp"
#include "core/test.hpp"

namespace ptests {

/// A value that users write, in CMake and on the command line alike: what an error says was expected, and how it is written.
struct ValueForm {
  std::string_view expected;
  std::string_view hint;
};

/// For LimitKind::memory: "a size", "bytes, or with a suffix: 512M, 2G".
ValueForm limit_form(LimitKind kind);
/// For a time that is no limit.
inline constexpr ValueForm k_seconds_form{"a number", "seconds, without a unit"};
/// For a time on the command line.
inline constexpr ValueForm k_duration_form{"a time", "seconds, or with a unit: 30s, 5m, 1h"};

/// What an error says was expected when `text` was not it.
std::string_view expected_instead_of(std::string_view text, const ValueForm& form);

/// Seconds, not negative, at most 1e9 (31 years), what a larger one counts as; nothing for any other text.
std::optional<double> parse_seconds(std::string_view text);
/// The same of "90", "30s", "5m", "1.5h". CMake's properties know no units, so this is for the command line only.
std::optional<double> parse_duration(std::string_view text);

/// `text` as a value of that limit, in the unit of its LimitInfo; nothing when it is none. More than 1e9 seconds, processes and so on count
/// as 1e9.
std::optional<double> parse_limit(LimitKind kind, std::string_view text);

/// A word and what it stands for.
template <class T>
using Choice = std::pair<std::string_view, T>;

inline constexpr std::array<Choice<Capture>, 5> k_captures{
    {{"file", Capture::file}, {"split", Capture::split}, {"pipe", Capture::pipe}, {"pty", Capture::pty}, {"none", Capture::none}}};

inline constexpr std::array<Choice<LeakPolicy>, 3> k_leak_policies{
    {{"report", LeakPolicy::report}, {"fail", LeakPolicy::fail}, {"ignore", LeakPolicy::ignore}}};

/// Source: cmake-properties, TIMEOUT_SIGNAL_NAME.
inline constexpr std::array<Choice<int>, 7> k_timeout_signals{{{"SIGINT", SIGINT},
                                                               {"SIGQUIT", SIGQUIT},
                                                               {"SIGTERM", SIGTERM},
                                                               {"SIGUSR1", SIGUSR1},
                                                               {"SIGUSR2", SIGUSR2},
                                                               {"SIGHUP", SIGHUP},
                                                               {"SIGKILL", SIGKILL}}};

/// P0 is the most important.
inline constexpr std::array<Choice<int>, 4> k_priorities{{{"P0", 0}, {"P1", 1}, {"P2", 2}, {"P3", 3}}};

inline constexpr std::array<Choice<std::string_view>, 3> k_levels{{{"unit", "unit"}, {"integration", "integration"}, {"system", "system"}}};

/// What `word` stands for; nothing when it is none of `choices`.
template <class Choices>
std::optional<typename Choices::value_type::second_type> parse_choice(const Choices& choices, std::string_view word) {
  for (const auto& [known, value] : choices)
    if (known == word) return value;
  return std::nullopt;
}

/// "file, split, pipe, pty or none".
template <class Choices>
std::string list_choices(const Choices& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
    text += choices[i].first;
  }
  return text;
}

}  // namespace ptests
