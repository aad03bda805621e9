#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/outcome.hpp"
#include "framework/adapter.hpp"
#include "framework/doctest.hpp"

namespace {

using ptests::CaseEvent;
using ptests::TestCase;

constexpr std::string_view k_begin = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doctest binary=\"./cases\" version=\"2.4.9\">\n";
constexpr std::string_view k_list_options =
    R"(  <Options order_by="file" rand_seed="0" first="1" last="2147483647" abort_after="0" subcase_filter_levels="2147483647" case_sensitive="false" no_throw="false" no_skip="true"/>
)";

/// Recorded from doctest 2.4.9, as everything below. The fifth name has raw bytes: "\x0b", and a surrogate no XML reader takes.
constexpr std::string_view k_listed =
    "  <TestCase name=\"passes\" filename=\"cases.cpp\" line=\"6\" skipped=\"false\"/>\n"
    "  <TestCase name=\"twice\" filename=\"cases.cpp\" line=\"7\" skipped=\"false\"/>\n"
    "  <TestCase name=\"twice\" filename=\"cases.cpp\" line=\"8\" skipped=\"false\"/>\n"
    "  <TestCase name=\"left out\" filename=\"cases.cpp\" line=\"9\" skipped=\"true\"/>\n"
    "  <TestCase name=\"a,b;c[d]\\e&quot;f*g/h:i &lt;\xc3\xa4> &amp; \\x01\\xFF\x0b\xed\xa0\x80\n\t]]&gt;\" testsuite=\"math/all\" "
    "filename=\"cases.cpp\" line=\"10\" skipped=\"false\"/>\n"
    "  <TestCase name=\"of&lt;int>\" filename=\"cases.cpp\" line=\"11\" skipped=\"false\"/>\n"
    "  <TestCase name=\"of&lt;int>\" filename=\"cases.cpp\" line=\"11\" skipped=\"false\"/>\n"
    "  <TestCase name=\"throws\" filename=\"cases.cpp\" line=\"12\" skipped=\"false\"/>\n"
    "  <TestCase filename=\"cases.cpp\" line=\"13\" skipped=\"false\"/>\n"
    "  <OverallResultsTestCases unskipped=\"9\"/>\n"
    "</doctest>\n";
constexpr std::string_view k_nasty_id = "a,b;c[d]\\e\"f*g/h:i <\xc3\xa4> & \\x01\\xFF\\x0B\\xED\\xA0\\x80\n\t]]>";

std::string listing() { return std::string(k_begin).append(k_list_options).append(k_listed); }

std::vector<TestCase> listed() {
  auto cases = ptests::make_doctest_adapter()->parse_list("", listing());
  REQUIRE(cases);
  return *std::move(cases);
}

/// The listing's error, for a document that is wrong.
ptests::Error list_error(std::string_view results) {
  const auto cases = ptests::make_doctest_adapter()->parse_list("", results);
  REQUIRE_FALSE(cases);
  return cases.error();
}

std::string run_begin(int first, int last) {
  return std::string(k_begin) + "  <Options order_by=\"file\" rand_seed=\"0\" first=\"" + std::to_string(first) + "\" last=\"" +
         std::to_string(last) +
         "\" abort_after=\"0\" subcase_filter_levels=\"2147483647\" case_sensitive=\"false\" no_throw=\"false\" no_skip=\"false\"/>\n";
}

const std::string k_first_cases = R"(  <TestSuite>
    <TestCase name="passes" filename="cases.cpp" line="6">
      <Message type="WARNING" filename="cases.cpp" line="6">
        <Text>
          &lt;/Text>&lt;/Message>
&lt;OverallResultsAsserts test_case_success="false"/>
        </Text>
      </Message>
      <OverallResultsAsserts successes="1" failures="0" test_case_success="true" duration="9.9e-05"/>
    </TestCase>
    <TestCase name="twice" filename="cases.cpp" line="7">
      <Expression success="false" type="CHECK" filename="cases.cpp" line="7">
        <Original>
          a == 2
        </Original>
        <Expanded>
          1 == 2
        </Expanded>
        <Info>
          a := 1
        </Info>
      </Expression>
      <OverallResultsAsserts successes="0" failures="1" test_case_success="false" duration="0.5"/>
    </TestCase>
    <TestCase name="twice" filename="cases.cpp" line="8">
      <SubCase name="x" filename="cases.cpp" line="8">
        <SubCase name="y" filename="cases.cpp" line="8">
          <Expression success="false" type="REQUIRE" filename="cases.cpp" line="8">
            <Original>
              1 > 2
            </Original>
            <Expanded>
              1 >  2
            </Expanded>
          </Expression>
        </SubCase>
      </SubCase>
      <OverallResultsAsserts successes="0" failures="1" test_case_success="false" duration="0.000106"/>
    </TestCase>
  </TestSuite>
)";
const std::string k_nasty_case =
    "  <TestSuite name=\"math/all\">\n"
    "    <TestCase name=\"a,b;c[d]\\e&quot;f*g/h:i &lt;\xc3\xa4> &amp; \\x01\\xFF\x0b\xed\xa0\x80\n\t]]&gt;\" filename=\"cases.cpp\" "
    "line=\"10\">\n"
    "      <Message type=\"FATAL ERROR\" filename=\"cases.cpp\" line=\"10\">\n"
    "        <Text>\n"
    "          \xed\xa0\x80 \x0c ]]>\n"
    "        </Text>\n"
    "      </Message>\n"
    "      <OverallResultsAsserts successes=\"0\" failures=\"1\" test_case_success=\"false\" duration=\"4e-05\"/>\n"
    "    </TestCase>\n"
    "  </TestSuite>\n";
const std::string k_run_end = R"(  <OverallResultsAsserts successes="1" failures="3"/>
  <OverallResultsTestCases successes="1" failures="3"/>
</doctest>
)";

std::string shown(const std::vector<CaseEvent>& events) {
  std::string text;
  for (const CaseEvent& event : events) {
    const char* kind = event.kind == CaseEvent::Kind::started ? "started" : event.kind == CaseEvent::Kind::noted ? "noted" : "ended";
    text += kind + (" " + std::to_string(event.index));
    if (event.kind == CaseEvent::Kind::ended) text += " " + std::string(ptests::status_name(event.status));
    text += "\n";
    if (!event.message.empty()) text += event.message + "\n";
  }
  return text;
}

/// What a reader tells of `bytes`, given in pieces of `step`.
std::vector<CaseEvent> read(const std::vector<TestCase>& cases, const std::vector<std::size_t>& chosen, std::string_view bytes,
                            std::size_t step = 1'000'000) {
  std::vector<CaseEvent> events;
  const auto reader = ptests::make_doctest_adapter()->make_reader(cases, chosen);
  for (std::size_t at = 0; at < bytes.size(); at += step) reader->read(bytes.substr(at, step), events);
  reader->finish(events);
  return events;
}

/// The same of one case, which doctest is told to run as the first.
std::string told(const TestCase& test_case, const std::string& elements) {
  return shown(read({test_case}, {0}, run_begin(1, 1) + "  <TestSuite>\n" + elements));
}

TestCase case_at(std::string id, int line) {
  TestCase test_case;
  test_case.name = test_case.id = std::move(id);
  test_case.location = {"cases.cpp", line};
  return test_case;
}

bool has(const std::vector<std::string>& arguments, std::string_view argument) {
  return std::find(arguments.begin(), arguments.end(), argument) != arguments.end();
}

ptests::CaseCommand command(const std::vector<std::size_t>& chosen, bool has_listener = false) {
  return ptests::make_doctest_adapter()->run_command(listed(), chosen, {"/in", "/out"}, {7}, has_listener);
}

constexpr std::string_view k_told = R"(started 0
ended 0 passed
started 1
ended 1 failed
cases.cpp:7: CHECK( a == 2 ) with expansion: 1 == 2
  with: a := 1
started 2
ended 2 failed
cases.cpp:8: REQUIRE( 1 > 2 ) with expansion: 1 >  2
  in subcase: x / y
started 4
ended 4 failed
cases.cpp:10: \xED\xA0\x80 \x0C ]]>
)";

std::string whole_run() { return run_begin(1, 4) + k_first_cases + k_nasty_case + k_run_end; }

}  // namespace

TEST_CASE("doctest's listing becomes cases") {
  const std::vector<TestCase> cases = listed();
  REQUIRE(cases.size() == 9);
  CHECK(cases[0].name == "passes");
  CHECK(cases[0].id == "passes");
  CHECK(cases[0].location.file == "cases.cpp");
  CHECK(cases[0].location.line == 6);
  CHECK_FALSE(cases[0].disabled);
  CHECK(cases[1].name == "twice");
  CHECK(cases[2].name == "twice#2");
  CHECK(cases[2].id == "twice");
  CHECK(cases[3].disabled);
  CHECK(cases[4].id == k_nasty_id);
  CHECK(cases[4].name == "math/all/a,b;c[d]\\e\"f*g/h:i <\xc3\xa4> & \\x01\\xFF\\x0B\\xED\\xA0\\x80  ]]>");
  CHECK(cases[5].name == "of<int>");
  CHECK(cases[6].name == "of<int>#2");
  CHECK(cases[8].id.empty());
  CHECK(cases[8].name == "(no name)");
}

TEST_CASE("doctest's listing without cases is a list") {
  const std::string none = std::string(k_begin).append(k_list_options) + "  <OverallResultsTestCases unskipped=\"0\"/>\n</doctest>\n";
  const auto cases = ptests::make_doctest_adapter()->parse_list("", none);
  REQUIRE(cases);
  CHECK(cases->empty());
}

TEST_CASE("A doctest listing that was cut is an error wherever it was cut") {
  const std::string whole = listing();
  for (std::size_t cut = 0; cut + 1 < whole.size(); ++cut)
    CHECK_FALSE(ptests::make_doctest_adapter()->parse_list("", whole.substr(0, cut)));
}

TEST_CASE("A doctest listing that cannot be trusted is an error that says why") {
  CHECK(list_error("").message == "doctest's list of test cases is empty: the program wrote none");
  CHECK(list_error("usage: cases [options]\n").message == "doctest's list of test cases is cut short or damaged");
  CHECK(list_error(whole_run()).message == "doctest's list of test cases is none: the program ran its tests");

  std::string old = listing();
  old.erase(old.find(" skipped=\"false\""), 16);
  CHECK(list_error(old).message == "doctest 2.4.9 does not tell which test cases are skipped");

  std::string few = listing();
  few.replace(few.find("unskipped=\"9\""), 13, "unskipped=\"8\"");
  CHECK(list_error(few).message == "doctest lists 9 test cases and counts 8");

  std::string ordered = listing();
  ordered.replace(ordered.find("order_by=\"file\""), 15, "order_by=\"name\"");
  CHECK(list_error(ordered).message == "the program sets doctest's option order_by=\"name\" itself");
  CHECK_FALSE(list_error(ordered).hint.empty());

  std::string skipping = listing();
  skipping.replace(skipping.find("no_skip=\"true\""), 14, "no_skip=\"false\"");
  CHECK(list_error(skipping).message == "the program sets doctest's option no_skip=\"false\" itself");
}

TEST_CASE("doctest lists all cases into a file") {
  const auto adapter = ptests::make_doctest_adapter();
  CHECK(adapter->choice() == ptests::Adapter::Choice::range);
  CHECK(adapter->stream() == ptests::Adapter::Stream::results);
  const auto arguments = adapter->list_command({"/in", "/a b,c/out"}).arguments;
  for (const char* argument :
       {"--list-test-cases", "--dt-list-test-cases", "--reporters=xml", "--r=xml", "--dt-out=/a b,c/out", "--out=/a b,c/out",
        "--order-by=file", "--no-skip=true", "--first=1", "--last=2147483647", "--test-case=,", "--tce=,"})
    CHECK(has(arguments, argument));
}

TEST_CASE("doctest is told the places of cases among those that are not skipped") {
  const auto one = command({0}).arguments;
  CHECK(has(one, "--first=1"));
  CHECK(has(one, "--last=1"));
  CHECK(has(one, "--no-skip=false"));
  CHECK(has(one, "--dt-reporters=xml"));
  CHECK(has(one, "--out=/out"));
  CHECK(has(one, "--duration=true"));
  CHECK(has(one, "--rand-seed=7"));

  const auto range = command({2, 4, 5}).arguments;
  CHECK(has(range, "--first=3"));
  CHECK(has(range, "--dt-first=3"));
  CHECK(has(range, "--last=5"));

  const auto disabled = command({3}).arguments;
  CHECK(has(disabled, "--first=4"));
  CHECK(has(disabled, "--last=4"));
  CHECK(has(disabled, "--no-skip=true"));

  // None: behind the last one, for 0 means all.
  CHECK(has(command({}).arguments, "--first=10"));
}

TEST_CASE("doctest prints as usual when our listener is there") {
  const auto arguments = command({1}, true).arguments;
  CHECK(has(arguments, "--no-colors=true"));
  CHECK(has(arguments, "--minimal=true"));
  CHECK(has(arguments, "--first=2"));
  CHECK_FALSE(has(arguments, "--reporters=xml"));
  CHECK_FALSE(has(arguments, "--out=/out"));
}

TEST_CASE("doctest's seed is a number it can read") {
  const auto seeded = [](std::uint32_t seed) {
    return ptests::make_doctest_adapter()->run_command(listed(), std::vector<std::size_t>{0}, {"/in", "/out"}, {seed}, false).arguments;
  };
  CHECK(has(seeded(4294967295U), "--rand-seed=2147483647"));
  for (const std::string& argument : seeded(0)) CHECK(argument.find("rand-seed") == std::string::npos);
}

TEST_CASE("doctest's run is told case by case") {
  const std::vector<TestCase> cases = listed();
  const auto events = read(cases, {0, 1, 2, 4}, whole_run());
  CHECK(shown(events) == k_told);
  REQUIRE(events.size() == 8);
  REQUIRE(events[3].duration);
  CHECK(events[3].duration->count() == 0.5);
  REQUIRE(events[1].duration);
  CHECK(events[1].duration->count() == 9.9e-05);
}

TEST_CASE("doctest's run may be cut anywhere") {
  const std::vector<TestCase> cases = listed();
  const std::string run = whole_run();
  for (const std::size_t step : {1U, 2U, 3U, 7U, 64U}) CHECK(shown(read(cases, {0, 1, 2, 4}, run, step)) == k_told);
  for (std::size_t cut = 0; cut <= run.size(); ++cut) {
    std::vector<CaseEvent> events;
    const auto reader = ptests::make_doctest_adapter()->make_reader(cases, std::vector<std::size_t>{0, 1, 2, 4});
    reader->read(std::string_view(run).substr(0, cut), events);
    REQUIRE(k_told.starts_with(shown(events)));
    reader->read(std::string_view(run).substr(cut), events);
    REQUIRE(shown(events) == k_told);
  }
}

TEST_CASE("doctest's events come as early as they can") {
  const std::vector<TestCase> cases = listed();
  const auto reader = ptests::make_doctest_adapter()->make_reader(cases, std::vector<std::size_t>{0});
  std::vector<CaseEvent> events;
  reader->read(run_begin(1, 1) + "  <TestSuite>\n    <TestCase name=\"passes\" filename=\"cases.cpp\" line=\"6\"", events);
  CHECK(events.empty());
  reader->read(">", events);
  CHECK(shown(events) == "started 0\n");
  reader->read("\n      <OverallResultsAsserts successes=\"1\" failures=\"0\" test_case_success=\"true\" duration=\"9.9e-05\"/>", events);
  CHECK(shown(events) == "started 0\nended 0 passed\n");
}

TEST_CASE("doctest's cases that were not asked for are left out") {
  const std::vector<TestCase> cases = listed();
  // The second "twice" alone: the first one is not taken for it.
  const std::string run = run_begin(3, 3) + k_first_cases + k_run_end;
  CHECK(shown(read(cases, {2}, run)) ==
        "started 2\nended 2 failed\ncases.cpp:8: REQUIRE( 1 > 2 ) with expansion: 1 >  2\n  in subcase: x / y\n");
}

TEST_CASE("doctest's cases of one name and one line are told apart by their order") {
  const std::vector<TestCase> cases = listed();
  const std::string element = R"(    <TestCase name="of&lt;int>" filename="cases.cpp" line="11">
      <OverallResultsAsserts successes="1" failures="0" test_case_success="true" duration="4e-06"/>
    </TestCase>
)";
  CHECK(shown(read(cases, {5, 6}, run_begin(5, 6) + "<TestSuite>\n" + element + element + element)) ==
        "started 5\nended 5 passed\nstarted 6\nended 6 passed\n");
  CHECK(shown(read(cases, {6}, run_begin(6, 6) + "<TestSuite>\n" + element)) == "started 6\nended 6 passed\n");
}

TEST_CASE("A doctest run of another range than the one asked for tells nothing") {
  const std::vector<TestCase> cases = listed();
  CHECK(read(cases, {0, 1, 2, 4}, run_begin(1, 3) + k_first_cases).empty());
  CHECK(read(cases, {0, 1}, run_begin(1, 4) + k_first_cases).empty());
  // A main() that sets the order after the command line.
  std::string by_name = whole_run();
  by_name.replace(by_name.find("order_by=\"file\""), 15, "order_by=\"name\"");
  CHECK(read(cases, {0, 1, 2, 4}, by_name).empty());
  // A listing, and a case that is left out.
  CHECK(told(case_at("left out", 9), "<TestCase name=\"left out\" filename=\"cases.cpp\" line=\"9\" skipped=\"true\"/>").empty());
  CHECK(told(case_at("passes", 6), "<TestCase name=\"passes\" filename=\"cases.cpp\" line=\"6\" skipped=\"false\"/>").empty());
}

TEST_CASE("A doctest case that crashes does not end") {
  const std::string crash = R"(    <TestCase name="crashes" filename="cases.cpp" line="18">
      <SubCase name="in here" filename="cases.cpp" line="18">
        <Expression success="false" type="CHECK" filename="cases.cpp" line="18">
          <Original>
            1 == 2
          </Original>
          <Expanded>
            1 == 2
          </Expanded>
        </Expression>
        <Exception crash="true">
          SIGABRT - Abort (abnormal termination) signal
        </Exception>
      </SubCase>
      <OverallResultsAsserts successes="0" failures="1" test_case_success="false" duration="6.5e-05"/>
    </TestCase>
  </TestSuite>
  <OverallResultsAsserts successes="2" failures="12"/>
  <OverallResultsTestCases successes="3" failures="10"/>
</doctest>
)";
  CHECK(told(case_at("crashes", 18), crash) == R"(started 0
noted 0
cases.cpp:18: SIGABRT - Abort (abnormal termination) signal
  in subcase: in here
cases.cpp:18: CHECK( 1 == 2 )
  in subcase: in here
)");
}

TEST_CASE("A doctest case that leaves the process has only started") {
  CHECK(told(case_at("leaves", 19), "    <TestCase name=\"leaves\" filename=\"cases.cpp\" line=\"19\">\n") == "started 0\n");
}

TEST_CASE("doctest's exceptions are worded for people") {
  const std::string thrown = R"(    <TestCase name="throws" filename="cases.cpp" line="12">
      <SubCase name="deep" filename="cases.cpp" line="12">
        <Exception crash="false">
          exception thrown in subcase - will translate later when the whole test case has been exited (cannot translate while there is an active exception)
        </Exception>
      </SubCase>
      <Exception crash="false">
        boom
      </Exception>
      <OverallResultsAsserts successes="0" failures="0" test_case_success="false" duration="4.8e-05"/>
)";
  CHECK(told(case_at("throws", 12), thrown) == "started 0\nended 0 failed\ncases.cpp:12: exception: boom\n  in subcase: deep\n");

  const std::string expected = R"(    <TestCase name="exceptions" filename="cases.cpp" line="13">
      <Expression success="false" type="CHECK" filename="cases.cpp" line="13">
        <Original>
          boom() == 1
        </Original>
        <Exception>
          "boom"
        </Exception>
      </Expression>
      <Expression success="false" type="CHECK_THROWS" filename="cases.cpp" line="13">
        <Original>
          1
        </Original>
      </Expression>
      <Expression success="false" type="CHECK_THROWS_AS" filename="cases.cpp" line="13">
        <Original>
          boom()
        </Original>
        <Exception>
          "boom"
        </Exception>
        <ExpectedException>
          int
        </ExpectedException>
      </Expression>
      <Expression success="false" type="CHECK_THROWS_WITH" filename="cases.cpp" line="13">
        <Original>
          boom()
        </Original>
        <Exception>
          "boom"
        </Exception>
        <ExpectedExceptionString>
          zap
        </ExpectedExceptionString>
      </Expression>
      <OverallResultsAsserts successes="0" failures="4" test_case_success="false" duration="0.000151"/>
)";
  CHECK(told(case_at("exceptions", 13), expected) == R"(started 0
ended 0 failed
cases.cpp:13: CHECK( boom() == 1 ) threw: "boom"
cases.cpp:13: CHECK_THROWS( 1 ) did not throw
cases.cpp:13: CHECK_THROWS_AS( boom(), int ) threw another exception: "boom"
cases.cpp:13: CHECK_THROWS_WITH( boom(), "zap" ) threw another exception: "boom"
)");
}

TEST_CASE("doctest's decorators decide what is a failure") {
  const auto ended = [](const std::string& decorators, const std::string& results) {
    return told(case_at("c", 3),
                "<TestCase name=\"c\" filename=\"cases.cpp\" line=\"3\"" + decorators + ">\n<OverallResultsAsserts " + results + "/>\n");
  };
  CHECK(ended(" should_fail=\"true\"", R"(successes="0" failures="0" test_case_success="false")") ==
        "started 0\nended 0 failed\ncases.cpp:3: should have failed, but did not\n");
  CHECK(ended(" should_fail=\"true\"", R"(successes="0" failures="1" test_case_success="true")") == "started 0\nended 0 passed\n");
  CHECK(ended(" may_fail=\"true\"", R"(successes="0" failures="1" test_case_success="true")") == "started 0\nended 0 passed\n");
  CHECK(ended("", R"(successes="0" failures="1" test_case_success="false" expected_failures="2")") ==
        "started 0\nended 0 failed\ncases.cpp:3: failed assertions: 1, expected: 2\n");
  CHECK(ended("", R"(successes="0" failures="2" test_case_success="true" expected_failures="2")") == "started 0\nended 0 passed\n");
  CHECK(ended(" timeout=\"0.05\"", R"(successes="0" failures="0" test_case_success="false" duration="0.105136")") ==
        "started 0\nended 0 failed\ncases.cpp:3: took 0.105136 s, more than its timeout of 0.05 s\n");
}

TEST_CASE("A doctest message is capped and keeps the failures") {
  std::string elements = "<TestCase name=\"c\" filename=\"cases.cpp\" line=\"3\">\n";
  const auto add = [&](const std::string& type, const std::string& text) {
    elements += "<Message type=\"" + type + "\" filename=\"cases.cpp\" line=\"4\"><Text>\n" + text + "\n</Text></Message>\n";
  };
  for (int i = 0; i < 1000; ++i) add("WARNING", "only a note " + std::to_string(i));
  add("ERROR", "giant " + std::string(100'000, 'x'));
  add("ERROR", "after the giant");
  for (int i = 0; i < 1000; ++i) add("ERROR", "one of many \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");
  elements += "<OverallResultsAsserts failures=\"1002\" test_case_success=\"false\"/>\n";
  const auto events = read({case_at("c", 3)}, {0}, run_begin(1, 1) + "<TestSuite>" + elements);
  REQUIRE(events.size() == 2);
  const std::string& message = events[1].message;
  CHECK(message.size() <= CaseEvent::k_most_message);
  CHECK(message.starts_with("cases.cpp:4: message: only a note 0\n"));
  CHECK(message.find("xxx...\ncases.cpp:4: after the giant\ncases.cpp:4: one of many") != std::string::npos);
  CHECK(message.ends_with("\n..."));
}

TEST_CASE("After damage to doctest's XML the next case is told again") {
  const std::vector<TestCase> cases = listed();
  std::string run = whole_run();
  // Two threads wrote at once.
  run.insert(run.find("<Expanded>"), "<SubCase name=\"t<Original>\n");
  const std::string expected = std::string(k_told).replace(
      k_told.find("cases.cpp:7: CHECK"), std::string_view("cases.cpp:7: CHECK( a == 2 ) with expansion: 1 == 2\n  with: a := 1\n").size(),
      "cases.cpp:7: failed assertions: 1\n");
  for (const std::size_t step : {1U, 2U, 5U, 100'000U}) CHECK(shown(read(cases, {0, 1, 2, 4}, run, step)) == expected);

  // A crash is not missed while the rest is lost.
  const std::string crash =
      "    <TestCase name=\"c\" filename=\"cases.cpp\" line=\"3\">\n<<\n      <Exception crash=\"true\">\n        SIGSEGV - Segmentation "
      "violation signal\n"
      "      </Exception>\n      <OverallResultsAsserts failures=\"0\" test_case_success=\"false\"/>\n";
  CHECK(told(case_at("c", 3), crash) == "started 0\nnoted 0\ncases.cpp:3: SIGSEGV - Segmentation violation signal\n");
}

TEST_CASE("A doctest tag without an end costs one case, and no time") {
  const std::vector<TestCase> cases = listed();
  const std::string expected = std::string(k_told).replace(
      k_told.find("cases.cpp:7: CHECK"), std::string_view("cases.cpp:7: CHECK( a == 2 ) with expansion: 1 == 2\n  with: a := 1\n").size(),
      "cases.cpp:7: failed assertions: 1\n");
  for (const char* const tag : {"<SubCase name=\"", "<SubCase ", "<!--", "<!-->", "<?a ", "<?a >", "<a b='>", "<a \xe2"})
    for (const int lines : {0, 400'000}) {
      CAPTURE(tag);
      CAPTURE(lines);
      std::string run = whole_run();
      run.insert(run.find("<Original>"), tag + std::string(static_cast<std::size_t>(lines), '\n'));
      for (const std::size_t step : {1000U, 100'001U, 10'000'000U}) CHECK(shown(read(cases, {0, 1, 2, 4}, run, step)) == expected);
    }
}

TEST_CASE("A doctest tag that was torn does not take the next line with it") {
  const std::string torn = "    <TestCase name=\"c\" filename=\"cases.cpp\" line=\"3\">\n      <Expression success=\"fal\n";
  const std::string end = "      <OverallResultsAsserts failures=\"1\" test_case_success=\"false\"/>\n";
  CHECK(told(case_at("c", 3), torn + end) == "started 0\nended 0 failed\ncases.cpp:3: failed assertions: 1\n");
  CHECK(told(case_at("c", 3), torn + "x" + end) == "started 0\n");
}

TEST_CASE("A doctest run that two processes wrote tells each case once") {
  const std::vector<TestCase> cases = listed();
  // A forked child went on to the end, then its parent did.
  const std::string both = whole_run() + k_nasty_case + k_run_end;
  CHECK(shown(read(cases, {0, 1, 2, 4}, both)) == k_told);
}

TEST_CASE("A doctest reader takes any bytes") {
  const std::vector<TestCase> cases = listed();
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 200'000; ++i) {
    state = state * 1664525U + 1013904223U;
    noise += static_cast<char>(state >> 24U);
  }
  CHECK(read(cases, {0}, noise).empty());
  CHECK(read(cases, {0}, noise, 1).empty());
  CHECK(read(cases, {}, whole_run()).empty());
  std::string spaces = "<\n" + std::string(3'000'000, ' ');
  CHECK(read(cases, {0}, spaces, 1000).empty());
}

TEST_CASE("Names become unique without taking a name that another case has") {
  std::vector<TestCase> cases;
  for (const char* name : {"a", "a", "a#2", "b", "a", "a#2"}) cases.push_back(case_at(name, 1));
  ptests::make_names_unique(cases);
  std::vector<std::string> names;
  for (const TestCase& test_case : cases) names.push_back(test_case.name);
  CHECK(names == std::vector<std::string>{"a", "a#3", "a#2", "b", "a#4", "a#2#2"});
  CHECK(cases[1].id == "a");
}

TEST_CASE("The frameworks whose cases are told apart have an adapter") {
  for (const std::string_view name : {"doctest", "gtest", "catch2"}) CHECK_MESSAGE(ptests::make_adapter(name) != nullptr, name);
  CHECK(ptests::make_adapter("exitcode") == nullptr);
  CHECK(ptests::make_adapter("Doctest") == nullptr);
  CHECK(ptests::make_adapter("") == nullptr);
}
