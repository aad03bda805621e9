#include <doctest/doctest.h>

#include <fmt/format.h>

#include <algorithm>

#include "framework/listener_reader.hpp"

using namespace ptests;

namespace {

// What real programs wrote. doctest 2.4.9: a case that dies is the last one.
constexpr std::string_view k_doctest = R"--(ptests 1 doctest 2.4.9
start 63425774173966 77 3 d.cpp pass
end 63425774221779 104 passed pass %
start 63425774234622 104 5 d.cpp exception
end 63425774394336 329 failed exception d.cpp:5:%20test%20case%20threw%20exception:%20boom%2050%25%20x%0Ay%0A%20%20logged:%20ctx
start 63425774409339 329 6 d.cpp nasty%20,%20;%20[%20]%20\%20"%20*%20/%20:%20100%25%20é%20%20two
end 63425774425454 359 passed nasty%20,%20;%20[%20]%20\%20"%20*%20/%20:%20100%25%20é%20%20two %
start 63425774436088 359 7 d.cpp %
end 63425774450115 389 passed % %
start 63425774459936 389 8 d.cpp dup
end 63425774474086 416 passed dup %
start 63425774484042 416 9 d.cpp dup
end 63425774611480 622 failed dup d.cpp:9:%20CHECK(%20false%20)%20with%20expansion:%20false
start 63425774642881 622 25 d.cpp crash
note 63425774723653 837 crash SIGSEGV%20-%20Segmentation%20violation%20signal%0Ad.cpp:25:%20CHECK(%201%20==%202%20)%20with%20expansion:%201%20==%202
)--";

// GoogleTest 1.12.1, in a pipe: a skipped one, one whose suite could not be set up, and an exit in a test.
constexpr std::string_view k_gtest = R"--(ptests 1 gtest %
start 63425827954182 - 6 g.cpp S.skip
end 63425848445864 - skipped S.skip g.cpp:6:%20why%20not
start 63425848574001 - 22 g.cpp F.a
end 63425848598684 - failed F.a g.cpp:21:%20Failed%0Ano%20set-up
start 63425848648255 - 31 g.cpp Z.DISABLED_exit0
)--";

// Catch2 2.13.10.
constexpr std::string_view k_catch2 = R"--(ptests 1 catch2 2.13.10
start 63202753005544 64 12 c.cpp tmpl%20-%20int
end 63202753098687 575 failed tmpl%20-%20int c.cpp:12:%20CHECK(%20sizeof(TestType)%20==%201%20)%20with%20expansion:%204%20==%201
start 63202753151545 602 16 c.cpp should%20bad
end 63202753182574 626 failed should%20bad c.cpp:16:%20should%20have%20failed,%20but%20did%20not
)--";

std::vector<TestCase> cases_of(std::initializer_list<std::string_view> ids) {
  std::vector<TestCase> cases;
  for (const std::string_view id : ids) {
    TestCase one;
    one.id = id;
    cases.push_back(one);
  }
  return cases;
}

std::vector<std::size_t> all_of(const std::vector<TestCase>& cases) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < cases.size(); ++i) indices.push_back(i);
  return indices;
}

std::string words_of(const CaseEvent& event) {
  const std::string offset = event.output_offset ? std::to_string(*event.output_offset) : "-";
  const std::string message = event.message.empty() ? "" : fmt::format(" <{}>", event.message);
  switch (event.kind) {
    case CaseEvent::Kind::started: return fmt::format("{} started {}{}\n", event.index, offset, message);
    case CaseEvent::Kind::noted: return fmt::format("{} noted {}{}\n", event.index, offset, message);
    case CaseEvent::Kind::ended: return fmt::format("{} ended {} {}{}\n", event.index, offset, status_name(event.status), message);
  }
  return {};
}

/// Without the times, which are looked at on their own.
std::string words_of(const std::vector<CaseEvent>& events) {
  std::string words;
  for (const CaseEvent& event : events) words += words_of(event);
  return words;
}

/// In pieces of `size` bytes.
std::vector<CaseEvent> read(std::string_view stream, const std::vector<TestCase>& cases, const std::vector<std::size_t>& chosen,
                            std::size_t size = std::string_view::npos) {
  std::vector<CaseEvent> events;
  const auto reader = make_listener_reader(cases, chosen);
  while (!stream.empty()) {
    reader->read(stream.substr(0, size), events);
    stream.remove_prefix(std::min(size, stream.size()));
  }
  reader->finish(events);
  return events;
}

std::string told(std::string_view stream, const std::vector<TestCase>& cases) { return words_of(read(stream, cases, all_of(cases))); }

const std::vector<TestCase> k_doctest_cases =
    cases_of({"", "crash", "dup", "dup", "exception", "nasty , ; [ ] \\ \" * / : 100% é  two", "not run", "pass"});

constexpr std::string_view k_doctest_told =
    "7 started 77\n7 ended 104 passed\n"
    "4 started 104\n4 ended 329 failed <d.cpp:5: test case threw exception: boom 50% x\ny\n  logged: ctx>\n"
    "5 started 329\n5 ended 359 passed\n"
    "0 started 359\n0 ended 389 passed\n"
    "2 started 389\n2 ended 416 passed\n"
    "3 started 416\n3 ended 622 failed <d.cpp:9: CHECK( false ) with expansion: false>\n"
    "1 started 622\n1 noted 837 <SIGSEGV - Segmentation violation signal\nd.cpp:25: CHECK( 1 == 2 ) with expansion: 1 == 2>\n";

}  // namespace

TEST_CASE("what a listener wrote is known by its first line") {
  CHECK(is_of_listener(k_doctest));
  CHECK(is_of_listener(k_gtest));
  CHECK(is_of_listener(k_catch2));
  CHECK_FALSE(is_of_listener(""));
  CHECK_FALSE(is_of_listener("ptests 1"));
  CHECK_FALSE(is_of_listener("ptests 12 doctest 2.4.9\n"));
  CHECK_FALSE(is_of_listener("ptests 2 doctest 2.4.9\n"));
  CHECK_FALSE(is_of_listener("start 1 2 3 f a\n"));
}

TEST_CASE("a stream of doctest's listener: duplicates in their order, nasty and empty names, and a case that died has no end") {
  CHECK(told(k_doctest, k_doctest_cases) == k_doctest_told);
}

TEST_CASE("a stream of GoogleTest's listener: skipped, failed in the suite's set-up, an exit, and no offsets in a pipe") {
  CHECK(told(k_gtest, cases_of({"F.a", "S.skip", "Z.DISABLED_exit0"})) ==
        "1 started -\n1 ended - skipped <g.cpp:6: why not>\n"
        "0 started -\n0 ended - failed <g.cpp:21: Failed\nno set-up>\n"
        "2 started -\n");
}

TEST_CASE("a stream of Catch2's listener") {
  CHECK(told(k_catch2, cases_of({"tmpl - int", "should bad"})) ==
        "0 started 64\n0 ended 575 failed <c.cpp:12: CHECK( sizeof(TestType) == 1 ) with expansion: 4 == 1>\n"
        "1 started 602\n1 ended 626 failed <c.cpp:16: should have failed, but did not>\n");
}

TEST_CASE("a listener's events are the same in pieces of any size") {
  for (const std::size_t size : {1U, 2U, 3U, 7U, 64U, 500U}) {
    CAPTURE(size);
    CHECK(words_of(read(k_doctest, k_doctest_cases, all_of(k_doctest_cases), size)) == k_doctest_told);
  }
}

TEST_CASE("a listener's stream that is cut anywhere tells just its whole lines, and each as soon as it is there") {
  for (std::size_t cut = 0; cut <= k_doctest.size(); ++cut) {
    CAPTURE(cut);
    const std::string_view head = k_doctest.substr(0, cut);
    const std::size_t whole = head.rfind('\n') == std::string_view::npos ? 0 : head.rfind('\n') + 1;
    const auto lines = static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n'));
    const std::vector<CaseEvent> events = read(head, k_doctest_cases, all_of(k_doctest_cases));
    CHECK(words_of(events) == told(head.substr(0, whole), k_doctest_cases));
    CHECK(events.size() == (lines == 0 ? 0 : lines - 1));
  }
}

TEST_CASE("a listener's stream that lost its head anywhere never crashes its reader") {
  for (std::size_t cut = 0; cut <= k_doctest.size(); ++cut) {
    CHECK(told(k_doctest.substr(cut), k_doctest_cases).size() <= k_doctest_told.size());
    std::string changed(k_doctest);
    if (cut < changed.size()) changed.erase(cut, 1);
    told(changed, k_doctest_cases);
  }
}

TEST_CASE("a listener's times are the machine's monotonic clock, and an end has a duration") {
  const std::vector<TestCase> cases = cases_of({"pass"});
  const std::vector<CaseEvent> events = read(k_doctest, cases, all_of(cases));
  REQUIRE(events.size() == 2);
  CHECK(events[0].at->count() == doctest::Approx(63425.774173966).epsilon(1e-12));
  CHECK_FALSE(events[0].duration.has_value());
  CHECK(events[1].duration->count() == doctest::Approx(0.000047813).epsilon(1e-3));
}

TEST_CASE("a clock that ran backwards gives no duration") {
  const std::vector<TestCase> cases = cases_of({"a"});
  const std::vector<CaseEvent> events = read("ptests 1 doctest 2\nstart 9 0 1 f a\nend 8 0 passed a %\n", cases, all_of(cases));
  REQUIRE(events.size() == 2);
  CHECK_FALSE(events[1].duration.has_value());
}

TEST_CASE("of cases that were not asked for a listener's reader tells nothing") {
  const std::vector<TestCase>& cases = k_doctest_cases;
  CHECK(words_of(read(k_doctest, cases, {3, 7})) ==
        "7 started 77\n7 ended 104 passed\n3 started 389\n3 ended 416 passed\n");  // the first "dup" that starts is the first chosen one
  CHECK(words_of(read(k_doctest, cases, {})).empty());
  CHECK(words_of(read(k_doctest, cases, {99})).empty());
}

TEST_CASE("a repetition of a case that was asked for once is not told") {
  const std::string once = "start 1 0 1 f a\nend 2 5 passed a %\n";
  CHECK(told("ptests 1 gtest %\n" + once + once, cases_of({"a"})) == "0 started 0\n0 ended 5 passed\n");
}

TEST_CASE("lines that are not of the listeners' form are left out") {
  const std::vector<TestCase> cases = cases_of({"a", "", "na"});
  const auto none = [&](std::string_view line) {
    CAPTURE(line);
    CHECK(told(fmt::format("ptests 1 doctest 2\n{}\n", line), cases).empty());
  };
  for (const std::string_view line : {"",
                                      " ",
                                      "start",
                                      "start 1 2 3 f",
                                      "start 1 2 3 f a more",
                                      "start  1 2 3 f a",
                                      "start 1 2 3 f  a",
                                      " start 1 2 3 f a",
                                      "start 1 2 3 f a ",
                                      "start x 2 3 f a",
                                      "start 1 x 3 f a",
                                      "start 1 2 x f a",
                                      "start 1 -2 3 f a",
                                      "start +1 2 3 f a",
                                      "start 1  3 f a",
                                      "start - 2 3 f a",
                                      "start 1 2 - f a",
                                      "start 1 2 3 % ",
                                      "start 1 2 3 f a%",
                                      "start 1 2 3 f %6",
                                      "start 1 2 3 f %6g",
                                      "start 1 2 3 f %0a",
                                      "start 1 2 3 f a\r",
                                      "start 1 2 3 f a\t",
                                      "start 1 2 3 f na%%",
                                      "start 1 2 3 f% a",
                                      "START 1 2 3 f a",
                                      "starts 1 2 3 f a",
                                      "start 99999999999999999999999 2 3 f a",
                                      "end 1 2 passed a %",
                                      "note 1 2 a %",
                                      "hello 1 2 a",
                                      "ptests 1 doctest 2"})
    none(line);
  const auto not_ended = [&](std::string_view line) {
    CAPTURE(line);
    CHECK(told(fmt::format("ptests 1 doctest 2\nstart 1 2 3 f a\n{}\n", line), cases) == "0 started 2\n");
  };
  for (const std::string_view line : {"end 1 2 passed a", "end 1 2 passed a % %", "end 1 2 crashed a %", "end 1 2 passed b %",
                                      "end 1 2 passed a %%", "end 1 2 Passed a %", "end 1 2 passed  a %", "end 1 x passed a %",
                                      "end 1 2 passed na %", "note 1 2 a", "note 1 2 b %", "note 1 2 a % %", "later 1 2 passed a %"})
    not_ended(line);
  std::string with_zero = "start 1 2 3 f a";
  with_zero += '\0';
  none(with_zero);
}

TEST_CASE("two lines that a full disk made one are left out") {
  CHECK(told("ptests 1 doctest 2\nstart 1 0 1 f astart 2 5 1 f b\nend 1 0 passed aend 2 5 passed b %\n", cases_of({"a", "astart", "b"}))
            .empty());
}

TEST_CASE("escapes need not be needed, and decode to any byte") {
  std::string id = "a";
  id += '\0';
  id += "\xff\x7f b";
  CHECK(told("ptests 1 doctest 2\nstart 1 0 1 % %61%00%FF%7F%20b\n", cases_of({id})) == "0 started 0\n");
}

TEST_CASE("without a first line of version 1 nothing is told") {
  CHECK(told("ptests 2 doctest 2\nstart 1 0 1 f a\n", cases_of({"a"})).empty());
  CHECK(told("start 1 0 1 f a\n", cases_of({"a"})).empty());
  CHECK(told("start 1 0 1 f a\nptests 1 doctest 2\nstart 1 0 1 f a\n", cases_of({"a"})).empty());
}

TEST_CASE("a line of more than 64 KiB is dropped, and what follows is read") {
  const auto with_message_of = [](std::size_t size) {
    const std::string end = "end 2 7 failed a ";
    return "ptests 1 doctest 2\nstart 1 0 1 f a\n" + end + std::string(size - end.size() - 1, 'x') + "\nstart 3 9 1 f b\n";
  };
  const std::vector<TestCase> cases = cases_of({"a", "b"});
  for (const std::size_t piece : {std::string_view::npos, std::size_t{1000}}) {
    const std::vector<CaseEvent> longest = read(with_message_of(65536), cases, all_of(cases), piece);
    REQUIRE(longest.size() == 3);
    CHECK(longest[1].message == std::string(CaseEvent::k_most_message, 'x'));
    // "b" then starts while "a" runs, and so it is not told.
    CHECK(read(with_message_of(65537), cases, all_of(cases), piece).size() == 1);
    CHECK(read(with_message_of(5'000'000), cases, all_of(cases), piece).size() == 1);
  }
  CHECK(told("ptests 1 doctest 2\nx " + std::string(100'000, 'x') + "\nstart 1 0 1 f a\n", cases_of({"a"})) == "0 started 0\n");
}

TEST_CASE("a message is cut without breaking a character") {
  std::string message(CaseEvent::k_most_message - 1, 'x');
  const std::vector<TestCase> cases = cases_of({"a"});
  const std::vector<CaseEvent> events =
      read("ptests 1 doctest 2\nstart 1 0 1 f a\nend 2 7 failed a " + message + "éé\n", cases, all_of(cases));
  REQUIRE(events.size() == 2);
  CHECK(events[1].message == message);
}

TEST_CASE("a case that its framework ended after a crash is not told as ended") {
  CHECK(told("ptests 1 doctest 2\nstart 1 0 1 f a\nnote 2 5 a SIGSEGV\nend 3 5 failed a %\nend 3 5 failed a %\n", cases_of({"a"})) ==
        "0 started 0\n0 noted 5 <SIGSEGV>\n");
}

TEST_CASE("a second process that a case executed is not taken for the first") {
  const std::vector<TestCase> cases = cases_of({"a", "b", "a"});
  const std::string head = "ptests 1 doctest 2\nstart 1 0 1 f a\nptests 1 doctest 2\n";
  CHECK(told(head + "start 2 5 1 f b\nend 3 6 failed b %\nend 4 7 passed a %\nstart 5 8 1 f b\nend 6 9 passed b %\n", cases) ==
        "0 started 0\n0 ended 7 passed\n1 started 8\n1 ended 9 passed\n");
  // The same case in it, and the second of that name afterwards.
  CHECK(told(head + "start 2 5 1 f a\nend 3 6 failed a %\nend 4 7 passed a %\nstart 5 8 1 f a\nend 6 9 passed a %\n", cases) ==
        "0 started 0\n0 ended 7 passed\n2 started 8\n2 ended 9 passed\n");
  // It crashed in a case.
  CHECK(told(head + "start 2 5 1 f b\nnote 3 6 b SIGSEGV\nend 4 7 passed a %\n", cases) == "0 started 0\n0 ended 7 passed\n");
  // It replaced the process: the case that ran never ends.
  CHECK(told(head + "start 2 5 1 f b\nend 3 6 passed b %\n", cases) == "0 started 0\n");
}

TEST_CASE("a process that starts anew before any case ran is read on") {
  CHECK(told("ptests 1 gtest %\nptests 1 gtest %\nstart 1 0 1 f a\nend 2 5 passed a %\n", cases_of({"a"})) ==
        "0 started 0\n0 ended 5 passed\n");
}

TEST_CASE("starts without end do not make a listener's reader grow") {
  std::string stream = "ptests 1 doctest 2\nstart 1 0 1 f a\n";
  for (int i = 0; i < 10'000; ++i) stream += fmt::format("start 2 0 1 f b{}\n", i);
  CHECK(told(stream + "end 3 5 passed a %\n", cases_of({"a"})) == "0 started 0\n0 ended 5 passed\n");
}

TEST_CASE("White space that a list lost or made does not hide a case") {
  const std::vector<TestCase> cases = cases_of({"a long,\nbroken name", "tab\there"});
  const std::vector<std::size_t> chosen = all_of(cases);
  const std::unique_ptr<CaseReader> reader = make_listener_reader(cases, chosen);
  std::vector<CaseEvent> events;
  reader->read("ptests 1 catch2 2.13.10\nstart 1 - 1 c.cpp a%20long,broken%20name\nend 2 - passed a%20long,broken%20name %\n", events);
  reader->read("start 3 - 2 c.cpp tab%20here\nend 4 - failed tab%20here %\n", events);
  REQUIRE(events.size() == 4);
  CHECK(events[1].index == 0);
  CHECK(events[3].index == 1);
  CHECK(events[3].status == Status::failed);
}
