#include <doctest/doctest.h>

#include "framework/boost.hpp"
#include "support.hpp"

using namespace ptests;
using unit::Dice;
using unit::show;
using unit::Words;
using Indices = std::vector<std::size_t>;

namespace {

const CasePlaces k_places{"/t/input", "/t/results"};

/// Boost.Test 1.74, as it was written.
constexpr std::string_view k_list = R"##(digraph G {rankdir=LR;
tu1[shape=ellipse,peripheries=2,fontname=Helvetica,color=green,label="some module"];
{
tu65536[shape=Mrecord,fontname=Helvetica,color=green,label="later|cases.cpp(10)"];
tu1 -> tu65536;
tu65536 -> tu65543[color=red,style=dotted,constraint=false];
tu65536 -> tu65541[color=red,style=dotted,constraint=false];
tu65537[shape=Mrecord,fontname=Helvetica,color=green,label="fails|cases.cpp(11)"];
tu1 -> tu65537;
tu65538[shape=Mrecord,fontname=Helvetica,color=green,label="throws|cases.cpp(13)"];
tu1 -> tu65538;
tu65539[shape=Mrecord,fontname=Helvetica,color=green,label="expected|cases.cpp(14)|expected failures=1"];
tu1 -> tu65539;
tu65540[shape=Mrecord,fontname=Helvetica,color=green,label="too_many|cases.cpp(15)|expected failures=1"];
tu1 -> tu65540;
tu65541[shape=Mrecord,fontname=Helvetica,color=yellow,label="off|cases.cpp(16)"];
tu1 -> tu65541;
tu65542[shape=Mrecord,fontname=Helvetica,color=green,label="skips|cases.cpp(17)"];
tu1 -> tu65542;
tu2[shape=Mrecord,fontname=Helvetica,color=green,label="outer|cases.cpp(18)|expected failures=2|labels: @slow one @net"];
tu1 -> tu2;
{
tu3[shape=Mrecord,fontname=Helvetica,color=green,label="inner|cases.cpp(19)|timeout=20|expected failures=2"];
tu2 -> tu3;
{
tu65543[shape=Mrecord,fontname=Helvetica,color=green,label="deep|cases.cpp(20)|timeout=10|expected failures=2|labels: @net @deep"];
tu3 -> tu65543;
}
}
tu4[shape=Mrecord,fontname=Helvetica,color=green,label="broken|cases.cpp(23)"];
tu1 -> tu4;
{
tu65544[shape=Mrecord,fontname=Helvetica,color=green,label="never_begins|cases.cpp(24)"];
tu4 -> tu65544;
}
tu5[shape=Mrecord,fontname=Helvetica,color=green,label="data|cases.cpp(26)"];
tu1 -> tu5;
{
tu65554[shape=Mrecord,fontname=Helvetica,color=green,label="_0|cases.cpp(26)"];
tu5 -> tu65554;
tu65555[shape=Mrecord,fontname=Helvetica,color=green,label="_1|cases.cpp(26)"];
tu5 -> tu65555;
}
tu65546[shape=Mrecord,fontname=Helvetica,color=green,label="templated<std__pair<int_ char>>|cases.cpp(28)"];
tu1 -> tu65546;
tu65547[shape=Mrecord,fontname=Helvetica,color=green,label="a|b(1)|labels_ _c|cases.cpp(32)"];
tu1 -> tu65547;
tu65548[shape=Mrecord,fontname=Helvetica,color=green,label="a_ b; [c] \ "d" _ _e|cases.cpp(32)"];
tu1 -> tu65548;
tu65549[shape=Mrecord,fontname=Helvetica,color=green,label=""]; tu1 -> tu2;|cases.cpp(32)"];
tu1 -> tu65549;
)##"
                                    "tu65551[shape=Mrecord,fontname=Helvetica,color=green,label=\"bad\xff \xc3\xa9\tx|cases.cpp(32)\"];"
                                    R"##(
tu1 -> tu65551;
tu65552[shape=Mrecord,fontname=Helvetica,color=green,label="nowhere|(0)"];
tu1 -> tu65552;
tu65553[shape=Mrecord,fontname=Helvetica,color=green,label="crashes|cases.cpp(36)"];
tu1 -> tu65553;
}
}
)##";

constexpr std::string_view k_log = R"##(Running 19 test cases...
Entering test module "some module"
cases.cpp(11): Entering test case "fails"
message
cases.cpp(10): Leaving test case "fails"
Leaving test case "fails"; testing time: 1us
cases.cpp(13): Entering test case "throws"
cases.cpp(1): error: in "throws": not of this case
cases.cpp(12): error: in "fails": check a == 2 has failed [1 != 2]
Failure occurred in a following context:
    while <testing>
cases.cpp(12): warning: in "fails": condition a == 3 is not satisfied
cases.cpp(12): fatal error: in "fails": critical check a == 4 has failed [1 != 4]
cases.cpp(11): Leaving test case "fails"; testing time: 129us
cases.cpp(13): Entering test case "throws"
unknown location(0): fatal error: in "throws": std::runtime_error: boom
second line
cases.cpp(13): last checkpoint: half way
cases.cpp(13): Leaving test case "throws"; testing time: 12ms
cases.cpp(14): Entering test case "expected"
cases.cpp(14): error: in "expected": check false has failed
cases.cpp(14): Leaving test case "expected"; testing time: 46us
cases.cpp(15): Entering test case "too_many"
cases.cpp(15): error: in "too_many": check false has failed
cases.cpp(15): error: in "too_many": check false has failed
cases.cpp(15): Leaving test case "too_many"; testing time: 44us
cases.cpp(16): Test case "off" is skipped because disabled
cases.cpp(17): Test case "skips" is skipped because precondition failed: not
here
cases.cpp(18): Test suite "outer" is skipped because precondition failed
cases.cpp(23): Entering test suite "broken"
unknown location(0): fatal error: in "broken": std::runtime_error: no set-up
cases.cpp(23): Leaving test suite "broken"
cases.cpp(26): Entering test suite "data"
cases.cpp(26): Entering test case "_0"
cases.cpp(26): Leaving test case "_0"; testing time: 42us
cases.cpp(26): Entering test case "_1"
thrower.cpp(5): fatal error: in "void thrower()": Throw in function void thrower()
cases.cpp(26): Leaving test case "_1"; testing time: 45us
cases.cpp(26): error: in "data": check torn_down has failed
cases.cpp(26): Leaving test suite "data"; testing time: 96us
cases.cpp(32): Entering test case "a_ b; [c] \ "d" _ _e"
cases.cpp(32): Leaving test case "a_ b; [c] \ "d" _ _e"; testing time: 34us
Entering test case "nowhere"
Leaving test case "nowhere"; testing time: 34us
cases.cpp(36): Entering test case "crashes"
cases.cpp(35): error: in "crashes": check false has failed
cases.cpp(36): warning: in "crashes": condition false is not satisfied
before the crash
)##";

const std::vector<TestCase>& all_cases() {
  static const std::vector<TestCase> cases = make_boost_adapter()->parse_list("", k_list).value();
  return cases;
}

Indices named(const Words& names) {
  Indices indices;
  for (std::size_t index = 0; index < all_cases().size(); ++index)
    if (std::find(names.begin(), names.end(), all_cases()[index].name) != names.end()) indices.push_back(index);
  REQUIRE(indices.size() == names.size());
  return indices;
}

const TestCase& one(const std::string& name) { return all_cases()[named({name}).front()]; }

std::string told(const CaseEvent& event) {
  std::string line = all_cases()[event.index].name;
  if (event.kind == CaseEvent::Kind::started) line += " started";
  if (event.kind == CaseEvent::Kind::noted) line += " noted";
  if (event.kind == CaseEvent::Kind::ended) line += fmt::format(" {}", status_name(event.status));
  return event.message.empty() ? line : line + ": " + event.message;
}

Words read_in_pieces(std::string_view log, const Indices& chosen, const Indices& cuts = {}) {
  const std::unique_ptr<CaseReader> reader = make_boost_adapter()->make_reader(all_cases(), chosen);
  std::vector<CaseEvent> events;
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    reader->read(log.substr(from, cut - from), events);
    from = cut;
  }
  reader->read(log.substr(from), events);
  reader->finish(events);
  Words lines;
  for (const CaseEvent& event : events) lines.push_back(told(event));
  return lines;
}

std::string read_all(std::string_view log, const Words& chosen) { return show(read_in_pieces(log, named(chosen))); }

/// Not "data/_0", which runs for another one's sake.
Indices chosen_in_log() {
  return named({"fails", "throws", "expected", "too_many", "skips", "outer/inner/deep", "broken/never_begins", "data/_1",
                "a_ b; [c] \\ \"d\" _ _e", "nowhere", "crashes"});
}

Words arguments_for(const std::vector<TestCase>& cases, const Indices& chosen) {
  return make_boost_adapter()->run_command(cases, chosen, k_places, {}, false).arguments;
}

/// Those that select.
std::string filters_for(const std::vector<TestCase>& cases, const Indices& chosen) {
  Words arguments = arguments_for(cases, chosen);
  std::erase_if(arguments, [](const std::string& argument) { return !argument.starts_with("--run_test="); });
  return show(arguments);
}

/// A list with one unit in the module, whose label is this.
std::string list_of(std::string_view label) {
  return fmt::format(
      "digraph G {{rankdir=LR;\ntu1[shape=ellipse,color=green,label=\"m\"];\n{{\ntu2[shape=Mrecord,color=green,label=\"{}\"];\n"
      "tu1 -> tu2;\n}}\n}}\n",
      label);
}

}  // namespace

TEST_CASE("Boost.Test's list tells names, places, labels and disabled cases, in the order in which they run") {
  Words names;
  for (const TestCase& each : all_cases()) names.push_back(each.name);
  CHECK(show(names) ==
        "[fails][throws][expected][too_many][off][skips][outer/inner/deep][broken/never_begins][data/_0][data/_1]"
        "[templated<std__pair<int_ char>>][a|b(1)|labels_ _c][a_ b; [c] \\ \"d\" _ _e][\"]; tu1 -> tu2;][bad\xff \xc3\xa9 x][nowhere]"
        "[crashes][later]");
  CHECK(one("outer/inner/deep").location.file == "cases.cpp");
  CHECK(one("outer/inner/deep").location.line == 20);
  CHECK(show(one("outer/inner/deep").labels) == "[slow one][net][deep]");
  CHECK_FALSE(one("outer/inner/deep").disabled);
  CHECK(one("off").disabled);
  CHECK(one("a|b(1)|labels_ _c").location.line == 32);
  CHECK(one("a|b(1)|labels_ _c").labels.empty());
  CHECK(one("nowhere").location.file.empty());
  // The bytes as they are, the failures that are expected, and what it depends on.
  CHECK(one("bad\xff \xc3\xa9 x").id == "bad\xff \xc3\xa9\tx");
  CHECK(one("outer/inner/deep").id == "outer/inner/deep\n2");
  CHECK(one("later").id == "later\n0\nouter/inner/deep\noff");
  // Numbers may be those of a locale.
  const auto cases = make_boost_adapter()->parse_list("", list_of("a|b.cpp(1.234)|expected failures=1,000"));
  REQUIRE(cases.has_value());
  CHECK(cases->front().location.line == 1234);
  CHECK(cases->front().id == "a\n1000");
}

TEST_CASE("a list of Boost.Test that is cut, mangled, or none at all is an error") {
  const auto error_of = [](std::string_view list, std::string_view output = "") {
    return unit::message(make_boost_adapter()->parse_list(output, list));
  };
  for (std::size_t cut = 0; cut < k_list.size(); ++cut) REQUIRE(error_of(k_list.substr(0, cut)) != "ok");
  CHECK(error_of(k_list.substr(0, k_list.size() - 2)) == "Boost.Test's list of cases ends too early");
  CHECK(error_of(list_of("no place")) ==
        "Boost.Test's list of cases makes no sense at its line \"tu2[shape=Mrecord,color=green,label=\"no place\"];\"");
  CHECK(error_of(list_of("two\nlines|a.cpp(1)")).starts_with("Boost.Test's list of cases makes no sense at its line"));
  for (const std::string name : {"a*", "a/b", "!a", "@a", ""})
    CHECK(error_of(list_of(name + "|a.cpp(1)")) == "Boost.Test cannot run a test case by its name \"" + name + "\"");
  CHECK(error_of("\nTest setup error: test unit with name 'a' registered multiple times in the test suite 'm'\n") ==
        "Boost.Test cannot set its test cases up: test unit with name 'a' registered multiple times in the test suite 'm'");
  CHECK(error_of("", "usage: program") == "the executable does not list its cases as Boost.Test does; it says: usage: program");
  CHECK(error_of("") == "the executable does not list its cases as Boost.Test does; it says: nothing");
}

TEST_CASE("any mangled list and log of Boost.Test is read without harm") {
  Dice dice(1);
  const Indices chosen = chosen_in_log();
  for (int round = 0; round < 2000; ++round) {
    std::string list(k_list);
    std::string log(k_log);
    const auto any_in = [&](const std::string& text) { return static_cast<std::size_t>(dice.roll(static_cast<int>(text.size()))); };
    for (int i = round % 4; i > 0; --i) list[any_in(list)] = "{}|\n\"-(@"[dice.roll(8)];
    // Arrows that may go in a circle.
    for (int i = 0; i < 4; ++i)
      if (const std::size_t end = list.find("\n}\n}\n"); end != list.npos)
        list.insert(end, fmt::format("\ntu6555{} -> tu655{}[color]", dice.roll(4), dice.roll(60)));
    (void)make_boost_adapter()->parse_list("", list);
    for (int i = 0; i < 4; ++i) log[any_in(log)] = static_cast<char>(dice.roll(256));
    log.erase(any_in(log), static_cast<std::size_t>(dice.roll(60)));
    (void)read_in_pieces(log, chosen);
  }
}

TEST_CASE("Boost.Test is to write its list and its log into the file, and to leave crashes alone") {
  const auto adapter = make_boost_adapter();
  CHECK(show(adapter->list_command(k_places).arguments) == "[--list_content=DOT][--report_sink=/t/results]");
  const Indices chosen = named({"fails", "data/_0", "data/_1", "outer/inner/deep"});
  CHECK(show(arguments_for(all_cases(), chosen)) ==
        "[--logger=HRF,test_suite,/t/results][--catch_system_errors=no][--run_test=fails][--run_test=data/_0,_1]"
        "[--run_test=outer/inner/deep]");
  // The short form has no way to write such a path.
  CHECK(show(adapter->run_command(all_cases(), chosen, {"", "/a,b:c"}, {}, false).arguments)
            .starts_with("[--log_format=HRF][--log_level=test_suite][--log_sink=/a,b:c][--catch_system_errors=no]"));
}

TEST_CASE("Boost.Test's filters select exactly the cases that are chosen") {
  CHECK(filters_for(all_cases(), named({"a|b(1)|labels_ _c", "a_ b; [c] \\ \"d\" _ _e", "\"]; tu1 -> tu2;", "bad\xff \xc3\xa9 x"})) ==
        "[--run_test=a|b(1)|labels_ _c,a_ b; [c] \\ \"d\" _ _e,\"]; tu1 -> tu2;,bad\xff \xc3\xa9\tx]");
  // A disabled one runs when it is named.
  CHECK(filters_for(all_cases(), named({"off"})) == "[--run_test=off]");
  CHECK(filters_for(all_cases(), {}) == "[--run_test=!*]");
  // All that is not disabled: Boost's own choice, whatever the environment says.
  Indices enabled;
  for (std::size_t index = 0; index < all_cases().size(); ++index)
    if (!all_cases()[index].disabled) enabled.push_back(index);
  CHECK(filters_for(all_cases(), enabled) == "[--run_test=!,]");
}

TEST_CASE("what a case of Boost.Test depends on runs with it, but not what is disabled") {
  CHECK(show(arguments_for(all_cases(), named({"later"})))
            .ends_with("[--result_code=no][--run_test=later][--run_test=outer/inner/deep][--run_test=!off]"));
  CHECK(show(arguments_for(all_cases(), named({"outer/inner/deep", "later"})))
            .ends_with("[--catch_system_errors=no][--run_test=later][--run_test=outer/inner/deep][--run_test=!off]"));
  // Suites, and what these depend on; what only a disabled case needs does not run either.
  std::vector<TestCase> cases(6);
  const char* const ids[] = {"a\n0\ns", "s/b\n0\nu", "s/c\n0\nt/d", "t/d", "t/e", "u/f"};
  for (std::size_t index = 0; index < cases.size(); ++index) cases[index].id = ids[index];
  cases[1].disabled = true;
  CHECK(filters_for(cases, {0}) == "[--run_test=a][--run_test=s/c][--run_test=t/d][--run_test=!s/b][--run_test=!u/f]");
}

TEST_CASE("filters of Boost.Test are cut into arguments that Linux takes") {
  std::vector<TestCase> cases(3001);
  Indices chosen;
  for (std::size_t index = 0; index < cases.size(); ++index) {
    cases[index].id = fmt::format("suite/{:0100}", index);
    if (index > 0) chosen.push_back(index);
  }
  const Words arguments = arguments_for(cases, chosen);
  REQUIRE(arguments.size() == 7);
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    CHECK(arguments[i].starts_with("--run_test=suite/0"));
    CHECK(arguments[i].size() < 70000);
  }
}

TEST_CASE("Boost.Test's log is told case by case; what did not end is noted with its last message") {
  const Words wanted{
      "fails started",
      "fails failed: cases.cpp:12: check a == 2 has failed [1 != 2]\nFailure occurred in a following context:\n    while <testing>\n"
      "cases.cpp:12: fatal error: critical check a == 4 has failed [1 != 4]",
      "throws started",
      "throws failed: fatal error: std::runtime_error: boom\nsecond line\ncases.cpp:13: last checkpoint: half way",
      "expected started",
      "expected passed",
      "too_many started",
      "too_many failed: failed assertions: 2, expected: 1\ncases.cpp:15: check false has failed\ncases.cpp:15: check false has failed",
      "skips started",
      "skips skipped: precondition failed: not",
      "outer/inner/deep started",
      "outer/inner/deep skipped: precondition failed",
      "broken/never_begins started",
      "broken/never_begins failed: fatal error: std::runtime_error: no set-up",
      "data/_1 started",
      "data/_1 failed: thrower.cpp:5: fatal error: Throw in function void thrower()",
      "a_ b; [c] \\ \"d\" _ _e started",
      "a_ b; [c] \\ \"d\" _ _e passed",
      "nowhere started",
      "nowhere passed",
      "crashes started",
      "crashes noted: cases.cpp:35: check false has failed\nlast message: before the crash",
  };
  const Indices chosen = chosen_in_log();
  Indices each_byte;
  for (std::size_t i = 1; i < k_log.size(); ++i) each_byte.push_back(i);
  CHECK(unit::lines(read_in_pieces(k_log, chosen, each_byte)) == unit::lines(wanted));
  for (std::size_t cut = 0; cut <= k_log.size(); ++cut) {
    REQUIRE(read_in_pieces(k_log, chosen, {cut}) == wanted);
    // The process dies there: what is told so far is a beginning of it all.
    Words some = read_in_pieces(k_log.substr(0, cut), chosen);
    if (!some.empty() && some.back().find(" noted: ") != std::string::npos) some.pop_back();
    REQUIRE(some.size() < wanted.size());
    REQUIRE(std::equal(some.begin(), some.end(), wanted.begin()));
  }
  std::vector<CaseEvent> events;
  make_boost_adapter()->make_reader(all_cases(), chosen)->read(k_log, events);
  REQUIRE(events.size() == wanted.size() - 1);
  CHECK(events[1].duration->count() == doctest::Approx(129e-6));
  CHECK(events[3].duration->count() == doctest::Approx(0.012));
}

TEST_CASE("noise in Boost.Test's log starts and ends nothing") {
  const auto in_module = [](std::string_view lines) { return fmt::format("Entering test module \"m\"\n{}", lines); };
  const std::string starts = in_module("cases.cpp(11): Entering test case \"fails\"\n");
  const std::string ends = "cases.cpp(11): Leaving test case \"fails\"; testing time: 1us\n";
  CHECK(read_all(starts, {"fails"}) == "[fails started]");
  // In no module, at another place, of another path, of a module that has ended, torn.
  CHECK(read_all("cases.cpp(11): Entering test case \"fails\"\n", {"fails"}) == "");
  CHECK(read_all(in_module("cases.cpp(12): Entering test case \"fails\"\n"), {"fails"}) == "");
  CHECK(read_all(in_module("Entering test case \"fails\"\n"), {"fails"}) == "");
  CHECK(read_all(in_module("cases.cpp(20): Entering test case \"deep\"\n"), {"outer/inner/deep"}) == "");
  CHECK(read_all(in_module("Leaving test module \"m\"\ncases.cpp(11): Entering test case \"fails\"\n"), {"fails"}) == "");
  CHECK(read_all(in_module("cases.cpp(11): Entering test case \"fai\xff\xfels\"\n"), {"fails"}) == "");
  CHECK(read_all(in_module("cases.cpp(17): Test case \"skips is skipped because \" is skipped because\n"), {"skips"}) == "");
  // Twice.
  CHECK(read_all(starts + ends + ends + starts, {"fails"}) == "[fails started][fails passed]");
  CHECK(read_all(starts + "]]></Message></TestCase>\nfoo cases.cpp(11): Leaving test case \"fails\"\n" + ends, {"fails"}) ==
        "[fails started][fails passed]");
  CHECK(read_all(starts + "cases.cpp(11): Leaving test case \"fails\" at last\n", {"fails"}) ==
        "[fails started][fails noted: last message: cases.cpp(11): Leaving test case \"fails\" at last]");
}

TEST_CASE("the set-up of Boost.Test's module fails for all of its cases, unless they begin") {
  const std::string fails = "Entering test module \"m\"\na.cpp(5): error: in \"m\": no\n";
  const std::string begins = "cases.cpp(11): Entering test case \"fails\"\ncases.cpp(11): Leaving test case \"fails\"\n";
  const std::string ends = "Leaving test module \"m\"\n";
  CHECK(read_all(fails + ends, {"fails", "outer/inner/deep"}) ==
        "[fails started][fails failed: a.cpp:5: no][outer/inner/deep started][outer/inner/deep failed: a.cpp:5: no]");
  CHECK(read_all(fails + begins + ends, {"fails", "outer/inner/deep"}) == "[fails started][fails passed]");
}

TEST_CASE("a giant message of Boost.Test is cut, and its case still ends") {
  std::string log = "Entering test module \"m\"\ncases.cpp(11): Entering test case \"fails\"\n";
  for (int i = 0; i < 200; ++i) log += "cases.cpp(12): error: in \"fails\": " + std::string(i, 'x') + "\n" + std::string(50000, 'y') + "\n";
  log += "cases.cpp(11): Leaving test case \"fails\"; testing time: 1us\n";
  std::vector<CaseEvent> events;
  make_boost_adapter()->make_reader(all_cases(), named({"fails"}))->read(log, events);
  REQUIRE(events.size() == 2);
  CHECK(events[1].status == Status::failed);
  CHECK(events[1].message.size() == CaseEvent::k_most_message);
}
