#pragma once

// Tells ptests about the test cases of an executable that uses doctest, beside any reporter. Include it in one source (more do no harm);
// the ready-made main does: paralleltests/main/doctest.cpp.

#ifndef DOCTEST_LIBRARY_INCLUDED
#include <doctest/doctest.h>
#endif

#include <cstring>
#include <sstream>
#include <string>

#include "events.hpp"

#ifndef DOCTEST_CONFIG_DISABLE

namespace paralleltests {

class DoctestListener : public doctest::IReporter {
 public:
  explicit DoctestListener(const doctest::ContextOptions&) : events_(Events::of("doctest", DOCTEST_VERSION_STR)) {}

  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

  void test_case_start(const doctest::TestCaseData& data) override {
    if (!events_.mine()) return;
    case_ = &data;
    name_ = data.m_name;
    crashed_ = false;
    failures_.clear();
    events_.start(data.m_file.c_str(), data.m_line, name_);
  }

  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    // doctest ends a crashed case by itself. It did not end.
    if (!events_.mine() || crashed_ || case_ == nullptr) return;
    if (!stats.testCaseSuccess) add_reasons(stats);
    events_.end(stats.testCaseSuccess ? Status::passed : Status::failed, name_, failures_.text());
    case_ = nullptr;
  }

  void test_case_exception(const doctest::TestCaseException& exception) override {
    if (!events_.mine() || case_ == nullptr) return;
    if (exception.is_crash) {
      crashed_ = true;
      events_.note(name_, exception.error_string.c_str(), failures_);
      return;
    }
    // A subcase that is left by an exception cannot tell what it is. That comes once more, from the test case.
    static const char k_untold[] = "exception thrown in subcase - will translate later";
    if (std::strncmp(exception.error_string.c_str(), k_untold, sizeof k_untold - 1) == 0) return;
    std::string text = at(case_->m_file.c_str(), case_->m_line, "test case threw exception: ") + exception.error_string.c_str();
    for (int i = get_num_stringified_contexts(); i > 0; --i)
      text += std::string("\n  logged: ") + get_stringified_contexts()[i - 1].c_str();
    failures_.add(text);
  }

  void log_assert(const doctest::AssertData& data) override {
    if (!data.m_failed || (data.m_at & doctest::assertType::is_warn) != 0 || !wants_more()) return;
    failures_.add(at(data.m_file, static_cast<unsigned long>(data.m_line), words_of(data)) + contexts());
  }

  void log_message(const doctest::MessageData& data) override {
    if ((data.m_severity & doctest::assertType::is_warn) != 0 || !wants_more()) return;
    const char* const macro = (data.m_severity & doctest::assertType::is_require) != 0 ? "FAIL: " : "FAIL_CHECK: ";
    failures_.add(at(data.m_file, static_cast<unsigned long>(data.m_line), macro) + data.m_string.c_str() + contexts());
  }

 private:
  bool wants_more() { return events_.mine() && !failures_.full(); }

  static std::string contexts() {
    std::string lines;
    for (int i = 0; i < get_num_active_contexts(); ++i) {
      std::ostringstream text;
      get_active_contexts()[i]->stringify(&text);
      lines += "\n  logged: " + text.str();
    }
    return lines;
  }

  static std::string words_of(const doctest::AssertData& data) {
    namespace type = doctest::assertType;
    std::string words = std::string(doctest::assertString(data.m_at)) + "( " + data.m_expr;
    if ((data.m_at & type::is_throws_with) != 0) words += std::string(", \"") + data.m_exception_string.c_str() + "\"";
    if ((data.m_at & type::is_throws_as) != 0) words += std::string(", ") + data.m_exception_type;
    words += " )";
    const bool wants_exception = (data.m_at & (type::is_throws | type::is_throws_as | type::is_throws_with)) != 0;
    if (wants_exception && !data.m_threw) return words + " did not throw";
    if (data.m_threw) return words + (wants_exception ? " threw a different exception: " : " threw exception: ") + data.m_exception.c_str();
    return words + " with expansion: " + data.m_decomp.c_str();
  }

  /// What made it fail besides its assertions.
  void add_reasons(const doctest::CurrentTestCaseStats& stats) {
    namespace reason = doctest::TestCaseFailureReason;
    const unsigned long line = case_->m_line;
    const char* const file = case_->m_file.c_str();
    std::ostringstream text;
    if ((stats.failure_flags & reason::ShouldHaveFailedButDidnt) != 0) text << "should have failed, but did not";
    if ((stats.failure_flags & reason::DidntFailExactlyNumTimes) != 0)
      text << "should have failed " << case_->m_expected_failures << " times, but did " << stats.numAssertsFailedCurrentTest << " times";
    if (!text.str().empty()) failures_.add(at(file, line, text.str()));
    text.str("");
    if ((stats.failure_flags & reason::Timeout) != 0)
      text << "took " << stats.seconds << " s, its time limit is " << case_->m_timeout << " s";
    if (!text.str().empty()) failures_.add(at(file, line, text.str()));
  }

  Events& events_;
  const doctest::TestCaseData* case_ = nullptr;
  std::string name_;
  bool crashed_ = false;
  Failures failures_;
};

namespace {

// Before main(): nobody else can have taken the file by then.
__attribute__((unused)) const bool k_is_doctest_on = Events::of("doctest", DOCTEST_VERSION_STR).on();

}  // namespace

}  // namespace paralleltests

DOCTEST_REGISTER_LISTENER("paralleltests", 0, paralleltests::DoctestListener);

#endif
