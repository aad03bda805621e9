#pragma once

// Tells ptests about the test cases of an executable that uses Catch2 (2.13, or 3), beside any reporter. Include it in one source (more do
// no harm); the ready-made main does: paralleltests/main/catch2.cpp. With Catch2 2 it stands before <catch2/catch.hpp>, or that one is
// included with CATCH_CONFIG_EXTERNAL_INTERFACES, CATCH_CONFIG_MAIN or CATCH_CONFIG_RUNNER.

#if !defined(CATCH_VERSION_MAJOR) && defined(__has_include)
#if __has_include(<catch2/catch_version_macros.hpp>)
#include <catch2/catch_version_macros.hpp>
#endif
#endif

#if defined(CATCH_VERSION_MAJOR) && CATCH_VERSION_MAJOR >= 3
#include <catch2/catch_assertion_result.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/catch_version_macros.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#elif !defined(CATCH_VERSION_MAJOR)
#ifndef CATCH_CONFIG_EXTERNAL_INTERFACES
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#endif
#include <catch2/catch.hpp>
#elif !defined(CATCH_CONFIG_EXTERNAL_INTERFACES)
#error "paralleltests/catch2.hpp: include it before <catch2/catch.hpp>, or define CATCH_CONFIG_EXTERNAL_INTERFACES before both"
#endif

#include <string>
#include <type_traits>

#include "events.hpp"

#ifndef CATCH_CONFIG_DISABLE

namespace paralleltests {

namespace detail {

inline const char* catch2_version() {
  static const std::string version =
      std::to_string(CATCH_VERSION_MAJOR) + "." + std::to_string(CATCH_VERSION_MINOR) + "." + std::to_string(CATCH_VERSION_PATCH);
  return version.c_str();
}

#if CATCH_VERSION_MAJOR >= 3
using Catch2Base = Catch::EventListenerBase;
using Catch2Config = Catch::IConfig const*;
#else
using Catch2Base = Catch::TestEventListenerBase;
using Catch2Config = Catch::ReporterConfig const&;
#endif

}  // namespace detail

class Catch2Listener : public detail::Catch2Base {
 public:
  explicit Catch2Listener(detail::Catch2Config config)
      : detail::Catch2Base(config), events_(Events::of("catch2", detail::catch2_version())) {}

  void testCaseStarting(Catch::TestCaseInfo const& info) override {
    if (!events_.mine()) return;
    name_ = info.name;
    crashed_ = false;
    failures_.clear();
    events_.start(info.lineInfo.file, static_cast<unsigned long>(info.lineInfo.line), name_);
  }

  void testCaseEnded(Catch::TestCaseStats const& stats) override {
    // Catch2 ends a crashed case by itself. It did not end.
    if (!events_.mine() || crashed_) return;
    const bool has_failed = stats.totals.testCases.failed > 0;
    if (has_failed && failures_.text().empty()) add_reason(stats);
    events_.end(has_failed                           ? Status::failed
                : is_skipped(stats.totals.testCases) ? Status::skipped
                                                     : Status::passed,
                name_, failures_.text());
  }

  void fatalErrorEncountered(Catch::StringRef error) override { tell_crash(static_cast<std::string>(error).c_str()); }

#if CATCH_VERSION_MAJOR >= 3
  void assertionEnded(Catch::AssertionStats const& stats) override { take(stats); }
#else
  void assertionStarting(Catch::AssertionInfo const&) override {}
  bool assertionEnded(Catch::AssertionStats const& stats) override {
    take(stats);
    return true;
  }
#endif

 private:
#if CATCH_VERSION_MAJOR >= 3
  template <class Counts>
  static auto count_skipped(const Counts& counts, int) -> decltype(counts.skipped > 0) {
    return counts.skipped > 0;
  }
  template <class Counts>
  static bool count_skipped(const Counts&, long) {
    return false;
  }
  static bool is_skipped(const Catch::Counts& counts) { return count_skipped(counts, 0); }
#else
  static bool is_skipped(const Catch::Counts&) { return false; }
#endif

  void tell_crash(const char* error) {
    if (!events_.mine() || crashed_) return;
    crashed_ = true;
    events_.note(name_, error, failures_);
  }

  void take(Catch::AssertionStats const& stats) {
    const Catch::AssertionResult& result = stats.assertionResult;
    const int type = result.getResultType();
    // 2.13 tells listeners of a crash only in this way.
    if (type == Catch::ResultWas::FatalErrorCondition) return tell_crash(std::string(result.getMessage()).c_str());
    const bool is_skip = type == 4;  // ResultWas::ExplicitSkip, since 3.3
    if ((result.isOk() && !is_skip) || !events_.mine() || failures_.full()) return;
    std::string text = words_of(result);
    std::size_t count = stats.infoMessages.size();
    // The last one repeats the assertion's own message.
    if (result.hasMessage() && count > 0) --count;
    for (std::size_t i = 0; i < count; ++i) text += "\n  logged: " + std::string(stats.infoMessages[i].message);
    const Catch::SourceLineInfo place = result.getSourceInfo();
    failures_.add(at(place.file, static_cast<unsigned long>(place.line), text));
  }

  static std::string words_of(Catch::AssertionResult const& result) {
    const std::string message(result.getMessage());
    const int type = result.getResultType();
    std::string words = result.hasExpression() ? result.getExpressionInMacro() : static_cast<std::string>(result.getTestMacroName());
    if (type == Catch::ResultWas::ThrewException) return (words.empty() ? "" : words + " ") + "threw exception: " + message;
    if (type == Catch::ResultWas::DidntThrowException) return words + " did not throw";
    if (result.hasExpandedExpression()) words += " with expansion: " + result.getExpandedExpression();
    if (!message.empty()) words += (words.empty() ? "" : ": ") + message;
    return words;
  }

  void add_reason(Catch::TestCaseStats const& stats) {
    const Catch::TestCaseInfo& info = info_of(stats.testInfo);
    const unsigned long line = static_cast<unsigned long>(info.lineInfo.line);
    const char* const reason = info.expectedToFail() ? "should have failed, but did not" : "no assertions, and -w NoAssertions was given";
    failures_.add(at(info.lineInfo.file, line, reason));
  }

  // TestCaseStats has an object in version 2, a pointer in 3.
  static const Catch::TestCaseInfo& info_of(const Catch::TestCaseInfo& info) { return info; }
  static const Catch::TestCaseInfo& info_of(const Catch::TestCaseInfo* info) { return *info; }

  Events& events_;
  std::string name_;
  bool crashed_ = false;
  Failures failures_;
};

namespace detail {

using Catch2Registrar = Catch::ListenerRegistrar<Catch2Listener>;

// Newer ones want a name.
template <class Registrar>
void register_catch2(std::true_type /*without a name*/) {
  static const Registrar registrar{};
}
template <class Registrar>
void register_catch2(std::false_type /*without a name*/) {
  static const Registrar registrar("paralleltests");
}

inline bool register_catch2_once() {
  // Listing makes no listener: say here that there is one.
  static const bool is_on = Events::of("catch2", catch2_version()).on();
  if (is_on) register_catch2<Catch2Registrar>(std::is_default_constructible<Catch2Registrar>());
  return is_on;
}

}  // namespace detail

namespace {

__attribute__((unused)) const bool k_is_catch2_registered = detail::register_catch2_once();

}  // namespace

}  // namespace paralleltests

#endif
