#pragma once

// Tells ptests about the tests of an executable that uses GoogleTest 1.10 or newer, beside any printer. Include it in one source (more do
// no harm); the ready-made main does: paralleltests/main/gtest.cpp.

#include <gtest/gtest.h>

#include <string>

#include "events.hpp"

namespace paralleltests {

class GtestListener : public testing::EmptyTestEventListener {
 public:
  explicit GtestListener(Events& events) : events_(events) {}

  void OnTestIterationStart(const testing::UnitTest&, int) override {
    any_started_ = false;
    place_ = Place::environment;
    environment_.clear();
    suite_.clear();
  }

  void OnTestSuiteStart(const testing::TestSuite&) override {
    place_ = Place::suite;
    suite_.clear();
  }

  void OnTestStart(const testing::TestInfo& info) override {
    if (!events_.mine()) return;
    any_started_ = true;
    place_ = Place::test;
    test_.clear();
    tell_start(info);
  }

  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (part.passed() || !events_.mine()) return;
    Failures& failures = place_ == Place::test ? test_ : place_ == Place::suite ? suite_ : environment_;
    const std::string text = part.summary();
    if (failures.full() || (part.skipped() && text.empty())) return;
    const unsigned long line = part.line_number() > 0 ? static_cast<unsigned long>(part.line_number()) : 0;
    failures.add(part.file_name() == nullptr ? text : at(part.file_name(), line, text));
  }

  void OnTestEnd(const testing::TestInfo& info) override {
    if (!events_.mine()) return;
    place_ = Place::suite;
    const testing::TestResult& result = *info.result();
    // GoogleTest calls a test skipped whose suite or environment could not be set up.
    const bool is_passed_over = result.Skipped() && set_up_failed();
    const Status status = result.Failed() || is_passed_over ? Status::failed : result.Skipped() ? Status::skipped : Status::passed;
    std::string message = test_.text();
    if (message.empty() && status != Status::passed) message = set_up_message();
    events_.end(status, name_of(info), message);
  }

  void OnTestIterationEnd(const testing::UnitTest& all, int) override {
    // An environment that skips, or fails in older versions, leaves them all out without a word.
    if (any_started_ || !events_.mine() || (!testing::Test::HasFatalFailure() && !testing::Test::IsSkipped())) return;
    const Status status = testing::Test::HasFatalFailure() ? Status::failed : Status::skipped;
    for (int i = 0; i < all.total_test_suite_count(); ++i)
      for (int k = 0; k < all.GetTestSuite(i)->total_test_count(); ++k) {
        const testing::TestInfo& info = *all.GetTestSuite(i)->GetTestInfo(k);
        if (!info.should_run()) continue;
        tell_start(info);
        events_.end(status, name_of(info), set_up_message());
      }
  }

 private:
  enum class Place { environment, suite, test };

  static std::string name_of(const testing::TestInfo& info) { return std::string(info.test_suite_name()) + "." + info.name(); }

  static bool set_up_failed() {
    const testing::UnitTest& all = *testing::UnitTest::GetInstance();
    const testing::TestSuite* const suite = all.current_test_suite();
    return all.ad_hoc_test_result().HasFatalFailure() || (suite != nullptr && suite->ad_hoc_test_result().Failed());
  }

  std::string set_up_message() {
    const std::string of_suite = suite_.text();
    return of_suite.empty() ? environment_.text() : of_suite;
  }

  void tell_start(const testing::TestInfo& info) {
    events_.start(info.file(), info.line() > 0 ? static_cast<unsigned long>(info.line()) : 0, name_of(info));
  }

  Events& events_;
  Place place_ = Place::environment;
  bool any_started_ = false;
  Failures environment_;
  Failures suite_;
  Failures test_;
};

/// Puts the listener behind all others, so that a test starts after its `[ RUN ]` line and ends before its `[ OK ]` line. Done once before
/// main(); to be called again by who adds printers later.
inline void register_gtest_listener() {
  static GtestListener* listener = nullptr;
  Events& events = Events::of("gtest", "");  // GoogleTest does not tell its version
  if (!events.mine()) return;
  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  if (listener == nullptr)
    listener = new GtestListener(events);
  else
    listeners.Release(listener);
  listeners.Append(listener);
}

namespace detail {

inline bool register_gtest_once() {
  static const bool is_registered = (register_gtest_listener(), true);
  return is_registered;
}

}  // namespace detail

namespace {

__attribute__((unused)) const bool k_is_gtest_registered = detail::register_gtest_once();

}  // namespace

}  // namespace paralleltests
