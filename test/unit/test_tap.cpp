#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "framework/tap_cases.hpp"
#include "support.hpp"

namespace {

using ptests::CaseEvent;
using ptests::Status;
using ptests::TapBailOut;
using ptests::TapBlank;
using ptests::TapComment;
using ptests::TapHeader;
using ptests::TapLine;
using ptests::TapOther;
using ptests::TapPlan;
using ptests::TapPoint;
using ptests::TapPragma;
using ptests::TapReader;
using ptests::TapStream;
using ptests::TapTestLine;
using ptests::TapVersion;
using ptests::unit::Dice;

TapStream read(std::string_view text, std::size_t step = 1 << 20) {
  TapReader reader;
  for (std::size_t at = 0; at < text.size(); at += step) reader.read(text.substr(at, step));
  return reader.finish();
}

/// A line a point: `passed name (reason)`, then the faults.
std::string shown(const TapStream& stream) {
  std::string text;
  const auto cases = ptests::tap_cases(stream);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const TapPoint& point = stream.points[i];
    text +=
        fmt::format("{} {}{}\n", ptests::status_name(point.status), cases[i].name, point.reason.empty() ? "" : " (" + point.reason + ")");
  }
  for (const std::string& fault : stream.faults) text += "fault: " + fault + "\n";
  if (stream.skipped) text += "skipped: " + *stream.skipped + "\n";
  return text;
}

std::string shown(std::string_view text) { return shown(read(text)); }

/// All there is to know of it.
std::string dump(const TapStream& stream) {
  std::string text = shown(stream);
  for (const TapPoint& point : stream.points)
    text += fmt::format("{} {} {} {} {}-{} {} {} [{}]\n", point.number, point.is_ok, point.level, point.parent ? int(*point.parent) : -1,
                        point.begin, point.end, point.has_words, point.duration ? point.duration->count() : -1, point.message);
  return text + fmt::format("{} {}\n", stream.others, stream.is_cut);
}

std::string judged(std::string_view text, int exit_code) {
  const ptests::Outcome outcome = ptests::judge_tap(read(text), exit_code);
  return fmt::format("{}: {}", ptests::status_name(outcome.status), outcome.reason);
}

/// What kind of line it is, and its parts.
std::string parsed(std::string_view line) {
  const TapLine what = ptests::parse_tap_line(line);
  if (const auto* point = std::get_if<TapTestLine>(&what)) {
    constexpr std::string_view k_directives[] = {"", " SKIP", " TODO"};
    return fmt::format("{} {} [{}]{}{}{}", point->is_ok ? "ok" : "not ok", point->number ? fmt::format("{}", *point->number) : "-",
                       point->description, k_directives[static_cast<std::size_t>(point->directive)],
                       point->reason.empty() ? "" : " [" + point->reason + "]",
                       point->duration ? fmt::format(" {:g} s", point->duration->count()) : "");
  }
  if (const auto* plan = std::get_if<TapPlan>(&what)) {
    std::string text = fmt::format("plan {} [{}]", plan->count, plan->reason);
    for (const auto number : plan->todo) text += fmt::format(" {}", number);
    return text;
  }
  if (const auto* comment = std::get_if<TapComment>(&what)) return fmt::format("comment [{}]", comment->text);
  if (const auto* header = std::get_if<TapHeader>(&what)) return fmt::format("header [{}]", header->name);
  if (const auto* bail_out = std::get_if<TapBailOut>(&what)) return fmt::format("bail out [{}]", bail_out->reason);
  if (const auto* pragma = std::get_if<TapPragma>(&what))
    return fmt::format("pragma {}", !pragma->is_strict ? "" : *pragma->is_strict ? "+strict" : "-strict");
  if (std::holds_alternative<TapVersion>(what)) return "version";
  return std::holds_alternative<TapBlank>(what) ? "blank" : "other";
}

/// Everything the protocol has, and what is none of it.
constexpr std::string_view k_all =
    "\xef\xbb\xbfTAP version 14\r\n"
    "1..9\n"
    "pragma +bail\n"
    "noise before\n"
    "ok 1 - first\n"
    "\n"
    "not ok 2 - second\r\n"
    "  ---\r\n"
    "  message: 'it''s wrong'\r\n"
    "  duration_ms: 12.5\n"
    "  text: |\n"
    "    ok 7 - not a point\n"
    "\n"
    "  ...\n"
    "# behind it\n"
    "# Subtest: inner\n"
    "    ok 1 - a # SKIP no net\n"
    "    # Subtest: deeper\n"
    "        not ok 1 - x # TODO later\n"
    "          ---\n"
    "          a: 1\n"
    "          ...\n"
    "        1..1\n"
    "    not ok 2 - deeper\n"
    "    #   Failed test 'deeper'\n"
    "    1..2\n"
    "not ok 3 - inner\n"
    "ok 4 - a \\# b \\\\ c # time=1500ms\n"
    "\tok 5 - a tab is no indentation\n"
    "ok\r"
    "not ok 6 # todo # why\n"
    "ok 7 - \xff\x01 \xc3\xa4\n"
    "  ok 8 - two spaces\n"
    "ok 8 - first\n"
    "ok 9 - last";

}  // namespace

TEST_CASE("TAP: test points") {
  CHECK(parsed("ok") == "ok - []");
  CHECK(parsed("not ok") == "not ok - []");
  CHECK(parsed("ok ") == "ok - []");
  CHECK(parsed("ok 1") == "ok 1 []");
  CHECK(parsed("ok\t1\tdescription") == "ok 1 [description]");
  CHECK(parsed("ok 42 this is fine") == "ok 42 [this is fine]");
  CHECK(parsed("ok 42 - this is fine ") == "ok 42 [this is fine]");
  CHECK(parsed("ok - created") == "ok - [created]");
  CHECK(parsed("ok created") == "ok - [created]");
  CHECK(parsed("ok 1 -") == "ok 1 []");
  CHECK(parsed("ok 1- close") == "ok 1 [close]");
  CHECK(parsed("ok 1 -v works") == "ok 1 [-v works]");
  CHECK(parsed("ok 1 - - twice") == "ok 1 [- twice]");
  CHECK(parsed("ok 2nd try") == "ok - [2nd try]");
  CHECK(parsed("ok 1.5 times") == "ok - [1.5 times]");
  CHECK(parsed("ok 007") == "ok 7 []");
  CHECK(parsed("ok 18446744073709551615") == "ok 18446744073709551615 []");
  CHECK(parsed("ok 18446744073709551616 - too great") == "ok 18446744073709551615 [too great]");
  CHECK(parsed("ok 99999999999999999999999") == "ok 18446744073709551615 []");
  CHECK(parsed("ok-ish") == "ok - [-ish]");
  CHECK(parsed("ok: so far") == "ok - [: so far]");
}

TEST_CASE("TAP: what only looks like a test point") {
  for (const auto* line : {"okay", "not okay", "ok1", "ok_", "ok\xc3\xa4", "notok", "not  ok", "not", "not ", "nok 1", "OK 1", "Not ok 1",
                           "o", "not OK", "o k", "-ok"})
    CHECK_MESSAGE(parsed(line) == "other", line);
}

TEST_CASE("TAP: directives") {
  CHECK(parsed("ok 3 - a # SKIP no net") == "ok 3 [a] SKIP [no net]");
  CHECK(parsed("not ok 3 - a # ToDo") == "not ok 3 [a] TODO");
  CHECK(parsed("ok 23 # skip Insufficient flogiston pressure.") == "ok 23 [] SKIP [Insufficient flogiston pressure.]");
  CHECK(parsed("ok 2 - # SKIP no /sys") == "ok 2 [] SKIP [no /sys]");
  CHECK(parsed("ok 3# skip") == "ok 3 [] SKIP");
  CHECK(parsed("ok # TODO x") == "ok - [] TODO [x]");
  CHECK(parsed("ok 3 - #SkIp case insensitive") == "ok 3 [] SKIP [case insensitive]");
  CHECK(parsed("ok 2 - w # Skipped: only on windows") == "ok 2 [w] SKIP [only on windows]");
  CHECK(parsed("ok 1 - w # Skipped") == "ok 1 [w] SKIP");
  CHECK(parsed("ok 2 see https://example.com/page.html#skip is a url") == "ok 2 [see https://example.com/page.html#skip is a url]");
  CHECK(parsed("not ok 2 - C# todo lists") == "not ok 2 [C# todo lists]");
  CHECK(parsed("ok 7 - hello # description # todo") == "ok 7 [hello # description # todo]");
  CHECK(parsed("ok 7 - issue #12 is closed") == "ok 7 [issue #12 is closed]");
  CHECK(parsed("ok 7 - #") == "ok 7 [#]");
  CHECK(parsed("ok 7 - nothing # to do") == "ok 7 [nothing # to do]");
}

TEST_CASE("TAP: the examples of escapes in the specification of version 14") {
  CHECK(parsed(R"(ok 1 - hello # todo)") == R"(ok 1 [hello] TODO)");
  CHECK(parsed(R"(ok 2 - hello \# todo)") == R"(ok 2 [hello # todo])");
  CHECK(parsed(R"(ok 3 - hello # todo hash \# character)") == R"(ok 3 [hello] TODO [hash # character])");
  CHECK(parsed(R"(ok 4 - hello # todo hash # character)") == R"(ok 4 [hello] TODO [hash # character])");
  CHECK(parsed(R"(ok 5 - hello \\# todo hash \# character)") == R"(ok 5 [hello \] TODO [hash # character])");
  CHECK(parsed(R"(ok 6 - hello \\# todo hash # character)") == R"(ok 6 [hello \] TODO [hash # character])");
  CHECK(parsed(R"(ok 8 - hello \\\\\\\# todo)") == R"(ok 8 [hello \\\# todo])");
  CHECK(parsed(R"(ok 9 - C:\dir\)") == R"(ok 9 [C:\dir\])");
}

TEST_CASE("TAP: durations of node-tap and Bats") {
  CHECK(parsed("ok 1 - a # time=12.5ms") == "ok 1 [a] 0.0125 s");
  CHECK(parsed("ok 1 - a # time=2s") == "ok 1 [a] 2 s");
  CHECK(parsed("ok 1 a # in 250 ms") == "ok 1 [a] 0.25 s");
  CHECK(parsed("not ok 1 a # in 1002 ms # timeout after 1 s") == "not ok 1 [a] 1.002 s");
  CHECK(parsed("ok 1 - a # time=ms") == "ok 1 [a # time=ms]");
  CHECK(parsed("ok 1 - a # time=1.2.3ms") == "ok 1 [a # time=1.2.3ms]");
  CHECK(parsed("ok 1 - a # in 3 days") == "ok 1 [a # in 3 days]");
}

TEST_CASE("TAP: plans") {
  CHECK(parsed("1..5") == "plan 5 []");
  CHECK(parsed("1..5  ") == "plan 5 []");
  CHECK(parsed("1..0") == "plan 0 []");
  CHECK(parsed("1..0 # SKIP no network") == "plan 0 [no network]");
  CHECK(parsed("1..0 # Skipped: WWW::Mechanize not installed") == "plan 0 [WWW::Mechanize not installed]");
  CHECK(parsed("1..0 # WWW::Mechanize \\# not installed") == "plan 0 [WWW::Mechanize # not installed]");
  CHECK(parsed("1..0 skip no network") == "plan 0 [no network]");
  CHECK(parsed("1..0#skip") == "plan 0 []");
  CHECK(parsed("1..3 # any comment") == "plan 3 [any comment]");
  CHECK(parsed("1..5 todo 4 2;") == "plan 5 [] 2 4");
  CHECK(parsed("1..99999999999999999999") == "plan 18446744073709551615 []");
  for (const auto* line : {"1..", "1..x", "1..-1", "1..5x", "1..5 tests", "1..0.5", "2..5", "1.5", "1 ..5", "1..5 todo a"})
    CHECK_MESSAGE(parsed(line) == "other", line);
}

TEST_CASE("TAP: other lines") {
  CHECK(parsed("TAP version 13") == "version");
  CHECK(parsed("tap version 14 ") == "version");
  CHECK(parsed("TAP version") == "other");
  CHECK(parsed("TAP version 13a") == "other");
  CHECK(parsed("#") == "comment []");
  CHECK(parsed("#  a comment ") == "comment [a comment]");
  CHECK(parsed("# Subtest") == "header []");
  CHECK(parsed("# Subtest: a \\# name") == "header [a # name]");
  CHECK(parsed("# Subtests: none") == "comment [Subtests: none]");
  CHECK(parsed("pragma +strict") == "pragma +strict");
  CHECK(parsed("pragma -strict") == "pragma -strict");
  CHECK(parsed("pragma +bail") == "pragma ");
  CHECK(parsed("pragma +a, -strict") == "pragma -strict");
  for (const auto* line : {"pragma", "pragma strict", "pragma +", "pragma +a b", "pragmatic"}) CHECK_MESSAGE(parsed(line) == "other", line);
  CHECK(parsed("Bail out!") == "bail out []");
  CHECK(parsed("BAIL OUT!  \\# and \\\\ ") == "bail out [# and \\]");
  CHECK(parsed("Bail out") == "other");
  CHECK(parsed("") == "blank");
  CHECK(parsed(" \t ") == "blank");
  CHECK(parsed("---") == "other");
  CHECK(parsed(std::string_view("\0ok", 3)) == "other");
}

TEST_CASE("TAP: a stream that has everything") {
  const TapStream stream = read(k_all);
  CHECK(shown(stream) ==
        "passed first\n"
        "failed second (it's wrong)\n"
        "skipped inner/a (no net)\n"
        "passed inner/deeper/x (failed as expected, TODO: later)\n"
        "failed inner/deeper (Failed test 'deeper')\n"
        "failed inner (1 of 2 test points failed: deeper)\n"
        "passed a # b \\ c\n"
        "passed 5\n"
        "passed 6 (failed as expected, TODO: # why)\n"
        "passed \\xFF\\x01 \xc3\xa4\n"
        "passed first#2\n"
        "passed last\n");
  CHECK(stream.others == 3);
  CHECK_FALSE(stream.is_cut);
  const TapPoint& second = stream.points[1];
  CHECK(second.message == "message: 'it''s wrong'\nduration_ms: 12.5\ntext: |\n  ok 7 - not a point\n\nbehind it");
  CHECK(second.duration->count() == doctest::Approx(0.0125));
  CHECK(stream.points[3].message == "a: 1");
  CHECK(stream.points[6].duration->count() == doctest::Approx(1.5));
  // Each has what stands behind the one before it.
  const auto part = [&](std::size_t i) { return k_all.substr(stream.points[i].begin, stream.points[i].end - stream.points[i].begin); };
  CHECK(part(0) == k_all.substr(0, k_all.find("\nnot ok 2")));
  CHECK(part(1).starts_with("\nnot ok 2 - second\r\n"));
  CHECK(part(1).ends_with("# behind it\n"));
  CHECK(part(2) == "# Subtest: inner\n    ok 1 - a # SKIP no net\n");
  CHECK(part(4) == "        1..1\n    not ok 2 - deeper\n    #   Failed test 'deeper'\n");
  CHECK(part(7) == "\tok 5 - a tab is no indentation\nok\r");
  CHECK(part(11) == "ok 9 - last");
  const std::vector<bool> has_words{true, false, false, false, false, false, false, true, false, false, true, false};
  for (std::size_t i = 0; i < has_words.size(); ++i) CHECK(stream.points[i].has_words == has_words[i]);
}

TEST_CASE("TAP: a stream may be cut anywhere") {
  const std::string whole = dump(read(k_all));
  for (std::size_t step = 1; step < 5; ++step) CHECK(dump(read(k_all, step)) == whole);
  for (std::size_t cut = 0; cut <= k_all.size(); ++cut) {
    TapReader reader;
    reader.read(k_all.substr(0, cut));
    const std::size_t so_far = reader.points().size();
    reader.read(k_all.substr(cut));
    const TapStream stream = reader.finish();
    CHECK(so_far <= stream.points.size());
    CHECK(dump(stream) == whole);
  }
}

TEST_CASE("TAP: a stream that ends early keeps the points before") {
  for (std::size_t cut = 0; cut <= k_all.rfind("ok 9") + 1; ++cut) {
    const TapStream stream = read(k_all.substr(0, cut));
    CHECK_FALSE(stream.faults.empty());
    if (cut > k_all.find("\nnot ok 2")) CHECK(shown(stream).starts_with("passed first\n"));
  }
  // Inside of a subtest that has a name.
  CHECK(shown(k_all.substr(0, k_all.find("        1..1"))) ==
        "passed first\n"
        "failed second (it's wrong)\n"
        "skipped inner/a (no net)\n"
        "passed inner/deeper/x (failed as expected, TODO: later)\n"
        "fault: 2 of 9 planned test points came, number 3 is missing\n"
        "fault: no test point ends the subtest \"inner/deeper\"\n"
        "fault: no test point ends the subtest \"inner\"\n");
}

TEST_CASE("TAP: the plan") {
  CHECK(shown("1..2\nok\nok\n") == "passed 1\npassed 2\n");
  CHECK(shown("ok a\nok b\n1..2\n") == "passed a\npassed b\n");
  CHECK(shown("1..3\nok 2\nok 3\nok 1\n") == "passed 2\npassed 3\npassed 1\n");
  CHECK(shown("1..3\nok 1\nok 3\n") == "passed 1\npassed 3\nfault: 2 of 3 planned test points came, number 2 is missing\n");
  CHECK(shown("1..6\nnot ok\nok\nnot ok\nok\nok\n") ==
        "failed 1\npassed 2\nfailed 3\npassed 4\npassed 5\nfault: 5 of 6 planned test points came, number 6 is missing\n");
  CHECK(shown("1..1\nok\nok\n") == "passed 1\npassed 2\nfault: 2 test points came, 1 was planned\n");
  CHECK(shown("1..0\nok\nok\n") == "passed 1\npassed 2\nfault: 2 test points came, 0 were planned\n");
  CHECK(shown("1..3\nok 2\nok 4\nok 1\n") == "passed 2\npassed 4\npassed 1\nfault: test point 4 is not within the plan 1..3\n");
  CHECK(shown("1..2\nok 0\nok 1\n") == "passed 0\npassed 1\nfault: test point 0 is not within the plan 1..2\n");
  CHECK(shown("1..2\nok 1\nok 1\n") == "passed 1\npassed 1#2\nfault: two test points have the number 1\n");
  CHECK(shown("1..1\nok 99999999999999999999\n") ==
        "passed 18446744073709551615\nfault: test point 18446744073709551615 is not within the plan 1..1\n");
  CHECK(shown("1..99999999999999999999\nok\n") ==
        "passed 1\nfault: 1 of 18446744073709551615 planned test points came, number 2 is missing\n");
  CHECK(shown("ok\n1..2\nok\n") == "passed 1\npassed 2\nfault: test points stand before and behind the plan 1..2\n");
  CHECK(shown("1..1\nok\n1..1\n") == "passed 1\nfault: there is a second plan, 1..1\n");
  CHECK(shown("1..2\nok\n1..3\n") ==
        "passed 1\nfault: 1 of 2 planned test points came, number 2 is missing; there is a second plan, 1..3\n");
  CHECK(shown("ok 1\nok 1\n") == "passed 1\npassed 1#2\nfault: there is no plan (1..N) in its output; two test points have the number 1\n");
  CHECK(shown("ok 1\n") == "passed 1\nfault: there is no plan (1..N) in its output\n");
  CHECK(shown("2..3\nok 2\nok 3\n") == "passed 2\npassed 3\nfault: there is no plan (1..N) in its output\n");
  CHECK(shown("hello\n# ok\n") == "fault: there is no plan and no test point in its output\n");
  CHECK(shown("") == "fault: it printed nothing: no plan and no test point\n");
  CHECK(shown("1..3\n") == "fault: 0 of 3 planned test points came, number 1 is missing\n");
  CHECK(shown("1..3 todo 3 1\nnot ok\nok\nok\n") ==
        "passed 1 (failed as expected, TODO)\npassed 2\npassed 3 (passed unexpectedly, TODO)\n");
}

TEST_CASE("TAP: numbers are counted where there are none") {
  CHECK(shown("ok 3\nok\nok 1\n1..3\n") == "passed 3\npassed 2\npassed 1\n");
  // That ours was taken is nobody's fault.
  CHECK(shown("ok 2\nok\n1..2\n") == "passed 2\npassed 2#2\n");
}

TEST_CASE("TAP: skipped as a whole") {
  CHECK(shown("1..0 # SKIP no network\n") == "skipped: no network\n");
  CHECK(shown("TAP version 13\n1..0\n") == "skipped: \n");
  CHECK(judged("1..0 # SKIP no network\n", 0) == "skipped: no network");
  CHECK(judged("1..0\n", 0) == "skipped: its plan is 1..0");
  CHECK(judged("1..0 # SKIP no network\n", 3) == "failed: exit code 3, though no test point failed");
}

TEST_CASE("TAP: what a program is judged as") {
  CHECK(judged("1..2\nok a\nok b # SKIP\n", 0) == "passed: ");
  CHECK(judged("1..2\nok a\nnot ok b\n", 0) == "failed: 1 of 2 test points failed: b");
  CHECK(judged("1..2\nok a\nnot ok b\n", 1) == "failed: 1 of 2 test points failed: b");
  CHECK(judged("1..5\nnot ok a\nnot ok b\nnot ok c\nnot ok d\nnot ok e\n", 5) == "failed: 5 of 5 test points failed: a, b, c and 2 more");
  CHECK(judged("1..1\nok a\n", 7) == "failed: exit code 7, though no test point failed");
  CHECK(judged("1..2\nok a\n", 0) == "failed: 1 of 2 planned test points came, number 2 is missing");
  CHECK(judged("1..2\nok a\n", 2) == "failed: 1 of 2 planned test points came, number 2 is missing; exit code 2");
  CHECK(judged("1..3\nok a\nnot ok b\n", 255) == "failed: 2 of 3 planned test points came, number 3 is missing");
  CHECK(judged("", 0) == "failed: it printed nothing: no plan and no test point");
  CHECK(judged("1..3\nok a\nBail out! no disk\n", 255) == "failed: Bail out! no disk");
  CHECK(judged("1..1\nnot ok a # TODO\n", 0) == "passed: ");
  CHECK(ptests::tap_fault(read("1..2\nok a\nnot ok b\n"), 1) == std::nullopt);
  CHECK(ptests::tap_fault(read("1..2\nok a\nok b\n"), 0) == std::nullopt);
}

TEST_CASE("TAP: Bail out! ends the stream at any level") {
  const std::string expected = "passed a\nfault: Bail out! MySQL is not running.\n";
  CHECK(shown("1..3\nok a\nBail out! MySQL is not running.\nok b\n1..9\n") == expected);
  CHECK(shown("1..3\nok a\n    1..2\n    bail out! MySQL is not running.\nok b\n") == expected);
  CHECK(shown("1..3\nok a\n \tBail Out!MySQL is not running.\n") == expected);
  CHECK(shown("1..3\n1..4\nBail out!\n") == "fault: Bail out!\n");
  CHECK(shown("# Subtest: s\n    ok a\n    Bail out!\n") == "passed s/a\nfault: Bail out!\n");
}

TEST_CASE("TAP: skipped and expected failures") {
  CHECK(shown("1..4\nok 1 - a # skip\nnot ok 2 - b # skip why\nnot ok 3 - c # TODO\nok 4 - d # TODO why\n") ==
        "skipped a\nskipped b (why)\npassed c (failed as expected, TODO)\npassed d (passed unexpectedly, TODO: why)\n");
}

TEST_CASE("TAP: YAML blocks") {
  const auto block = [](std::string_view text) { return read(text).points.at(0); };
  CHECK(block("not ok 1\n  ---\n  a: 1\n    b\n\n  c\n  ...\n").message == "a: 1\n  b\n\nc");
  CHECK(block("not ok 1\n # between\n\n ---\n a: 1\n ...\n").message == "between\na: 1");
  // Version 13 allows any indentation, also that of a subtest.
  CHECK(block("not ok 1\n    ---\n    a: 1\n    ...\n").message == "a: 1");
  // Without its end: what is less indented is no part of it.
  CHECK(shown("1..2\nnot ok 1 - a\n  ---\n  x: 1\nok 2 - b\n") == "failed a (x: 1)\npassed b\n");
  CHECK(shown("1..2\nnot ok 1 - a\n  ---\n  x: 1\n ...\nok 2 - b\n") == "failed a (x: 1)\npassed b\n");
  // Not behind a point, or not indented.
  CHECK(read("1..1\n  ---\n  a: 1\n  ...\nok 1\n").others == 3);
  CHECK(read("1..1\nok 1\n---\na: 1\n...\n").others == 3);
  CHECK(read("1..1\nok 1\nnoise\n  ---\n  a: 1\n  ...\n").others == 4);
  CHECK(read("1..1\nok 1\n  ---\n  a: 1\n  ...\n  ---\n").others == 1);
  CHECK(read("1..1\nok 1\n  -----\n").others == 1);
  CHECK(shown("1..1\nok 1\n  ---\n  ok 2\n  1..7\n  Bail out!\n  ...\n") == "passed 1\n");
}

TEST_CASE("TAP: why a point failed") {
  const auto reason = [](std::string_view behind) { return read(std::string("not ok 1 - a\n") + std::string(behind)).points.at(0).reason; };
  CHECK(reason("  ---\n  message: plain words\n  severity: fail\n  ...\n") == "plain words");
  CHECK(reason("  ---\n  severity: fail\n  message: \"a \\\"b\\\" \\\\\"\n  ...\n") == "a \"b\" \\");
  CHECK(reason("  ---\n  error: |-\n\n    first line\n    second line\n  ...\n") == "first line");
  CHECK(reason("  ---\n  data:\n    message: inner\n  message:\n    outer\n  ...\n") == "outer");
  CHECK(reason("  ---\n  got: 1\n  expected: 2\n  ...\n") == "got: 1 expected: 2");
  CHECK(reason("#   Failed test 'a'\n#   at x.t line 3.\n#          got: '3'\n#     expected: '4'\n") ==
        "Failed test 'a' at x.t line 3. got: '3' expected: '4'");
  CHECK(reason("noise\n# late\n") == "");
  CHECK(reason("1..1\n# Looks like you failed 1 test of 1.\n") == "");
  CHECK(reason("# bad \xff\x02 bytes\n") == "bad \\xFF\\x02 bytes");
  // Comments behind one that passed are not about it.
  CHECK(read("ok 1\n# next\n").points.at(0).message == "");
}

TEST_CASE("TAP: what stands behind a point is kept up to a limit") {
  std::string line = "  ";
  for (int i = 0; i < 40; ++i) line += "\xc3\xa4";
  std::string text = "not ok 1\n  ---\n";
  for (int i = 0; i < 1000; ++i) text += line + "\n";
  const TapPoint point = read(text + "  ...\n").points.at(0);
  // The limit is in the middle of a character.
  CHECK(CaseEvent::k_most_message % 81 % 2 == 1);
  CHECK(point.message.size() == CaseEvent::k_most_message - 1);
  CHECK(point.message.starts_with(line.substr(2) + "\n" + line.substr(2)));
  CHECK(point.reason.size() <= 200);
}

TEST_CASE("TAP: subtests") {
  // Test::More 1.3
  CHECK(shown("# Subtest: in\n    1..2\n    ok 1 - a\n    not ok 2 - b\n    #   Failed test 'b'\n    # Looks like you failed 1 test of 2.\n"
              "not ok 1 - in\n#   Failed test 'in'\n1..1\n") ==
        "passed in/a\nfailed in/b (Failed test 'b')\nfailed in (Failed test 'in')\n");
  // Test::More before that: the header is indented.
  CHECK(shown("    # Subtest: in\n    ok 1 - a\n    1..1\nok 1 - in\n1..1\n") == "passed in/a\npassed in\n");
  CHECK(shown("1..1\n    # Subtest: in\n    ok 1 - a\n") ==
        "passed in/a\nfault: 0 of 1 planned test points came, number 1 is missing\nfault: no test point ends the subtest \"in\"\n");
  // node:test: headers of points that are no subtests.
  CHECK(shown("# Subtest: add\n    # Subtest: strings\n    ok 1 - strings\n      ---\n      duration_ms: 0.2\n      ...\n    1..1\nok 1 - "
              "add\n1..1\n") == "passed add/strings\npassed add\n");
  // Without a header, and two levels at once.
  CHECK(shown("        ok 1 - twice\n        1..1\n    ok 1 - nested\n    1..1\nok 1 - top\n1..1\n") ==
        "passed top/nested/twice\npassed top/nested\npassed top\n");
  // The second level has no end.
  CHECK(shown("        ok 1 - lost\nok 1 - top\n1..1\n") == "passed top\n");
  // A name that the point does not have; several of the same.
  CHECK(shown("# Subtest: in\n    1..0 # SKIP because\nok 1 # skip because\n1..1\n") == "skipped in (because)\n");
  CHECK(shown("# Subtest\n    ok 1\n    1..1\nok 1\n# Subtest\n    ok 1\n    1..1\nok 2\n1..2\n") ==
        "passed 1/1\npassed 1\npassed 2/1\npassed 2\n");
  CHECK(shown("# Subtest: a\n    ok\n    1..1\nok 1 - a\n# Subtest: a\n    ok\n    1..1\nok 2 - a\n1..2\n") ==
        "passed a/1\npassed a\npassed a/1#2\npassed a#2\n");
  CHECK(shown("# Subtest: a\n    ok\n    1..1\nok 1 - other words\n1..1\n") == "passed other words/1\npassed other words\n");
}

TEST_CASE("TAP: a subtest counts as the point says that ends it") {
  CHECK(shown("# Subtest: s\n    not ok 1 - a\n    1..1\nnot ok 1 - s # TODO later\n1..1\n") ==
        "passed s/a (failed in a subtest that is not to count: later)\npassed s (failed as expected, TODO: later)\n");
  CHECK(shown("# Subtest: s\n    not ok 1 - a\n    1..2\nok 1 - s # SKIP\n1..1\n") ==
        "skipped s/a (failed in a subtest that is not to count)\nskipped s\n");
  CHECK(shown("# Subtest: s\n        not ok 1 - deep\n        1..1\n    not ok 1 - a\n    1..1\nnot ok 1 - s # TODO\n1..1\n") ==
        "passed s/a/deep (failed in a subtest that is not to count)\npassed s/a (failed in a subtest that is not to count)\n"
        "passed s (failed as expected, TODO)\n");
  // One that failed is not hidden by `ok`.
  CHECK(shown("    not ok 1 - a\n    1..1\nok 1 - s\n1..1\n") == "failed s/a\npassed s\n");
}

TEST_CASE("TAP: what is wrong in a subtest") {
  CHECK(shown("# Subtest: s\n    1..2\n    ok 1 - a\nok 1 - s\n1..1\n") ==
        "passed s/a\npassed s\nfault: subtest \"s\": 1 of 2 planned test points came, number 2 is missing\n");
  CHECK(shown("# Subtest: s\n    ok 1 - a\n    ok 1 - b\n    1..2\nok 1 - s\n1..1\n") ==
        "passed s/a\npassed s/b\npassed s\nfault: subtest \"s\": two test points have the number 1\n");
  // The point says so already.
  CHECK(shown("# Subtest: s\n    1..2\n    ok 1 - a\nnot ok 1 - s\n1..1\n") == "passed s/a\nfailed s\n");
  // A plan is not asked for.
  CHECK(shown("# Subtest: s\n    ok 1 - a\nok 1 - s\n1..1\n") == "passed s/a\npassed s\n");
  // Nothing ends it: without a name it is no TAP.
  CHECK(shown("1..1\nok 1 - a\n    ok so far\n    not ok so far\n") == "passed a\n");
  CHECK(shown("ok 1 - a\n    ok so far\n1..1\n") == "passed a\n");
  CHECK(shown("1..2\n# Subtest: s\n    ok 1 - a\n# Subtest: t\n    ok 1 - b\nok 1 - t\nok 2\n") ==
        "passed s/a\npassed t/b\npassed t\npassed 2\nfault: no test point ends the subtest \"s\"\n");
  CHECK(shown("1..1\nok 1\n    ok\n        # Subtest: x\n            ok 1 - y\n") ==
        "passed 1\nfault: no test point ends the subtest \"2/2/x\"\n");
}

TEST_CASE("TAP: pragma +strict") {
  CHECK(shown("1..1\nnoise\nok\n") == "passed 1\n");
  CHECK(shown("pragma +strict\n1..1\nnoise \x01\nok\n") ==
        "passed 1\nfault: line 3 is no TAP, in a stream with `pragma +strict`: noise \\x01\n");
  CHECK(shown("pragma +strict\n1..1\npragma -strict\nnoise\nok\n") == "passed 1\n");
  CHECK(shown("pragma +strict\n1..1\n\n# comment\nok\n  ---\n  a\n  ...\n") == "passed 1\n");
  // That of a subtest is its own, that of its parent holds in it.
  CHECK(shown("# Subtest: s\n    1..1\n    pragma +strict\n    ok 1\nok 1 - s\n!!\n1..1\n") == "passed s/1\npassed s\n");
  CHECK(shown("pragma +strict\n    1..1\n    !!\n    ok 1\nok 1 - s\n1..1\n") ==
        "passed s/1\npassed s\nfault: line 3 is no TAP, in a stream with `pragma +strict`:     !!\n");
  // Only some are told.
  std::string text = "pragma +strict\n1..1\nok\n";
  for (int i = 0; i < 100; ++i) text += "noise\n";
  CHECK(read(text).faults.size() == 5);
}

TEST_CASE("TAP: levels have a limit") {
  std::string text;
  for (std::size_t level = 0; level < 1000; ++level) text += std::string(4 * level, ' ') + "# Subtest: s\n";
  text += std::string(4000, ' ') + "ok 1 - too deep\n";
  CHECK(shown(text + "ok 1 - a\n1..1\n") == "passed a\n");
  std::string deep;
  for (std::size_t level = TapReader::k_deepest + 1; level-- > 0;) deep += std::string(4 * level, ' ') + "ok 1 - a\n";
  const TapStream stream = read(deep + "1..1\n");
  CHECK(stream.points.size() == TapReader::k_deepest + 1);
  CHECK(stream.faults.empty());
  CHECK(ptests::tap_cases(stream).front().name == "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a");
}

TEST_CASE("TAP: lines have a limit") {
  const std::string giant(3'000'000, 'x');
  const TapStream stream = read("1..2\nok 1 - " + giant + "\nok 2 - \xc3\xa4" + giant + "# SKIP\n" + giant, 1000);
  REQUIRE(stream.points.size() == 2);
  CHECK(stream.points[0].description == std::string(512, 'x'));
  CHECK(stream.points[1].description == "\xc3\xa4" + std::string(510, 'x'));
  CHECK(stream.points[1].status == Status::passed);
  CHECK(stream.points[1].end == 6'000'029);
  CHECK(stream.others == 1);
  CHECK(stream.faults.empty());
}

TEST_CASE("TAP: points have a limit") {
  std::string text = "1..3\n";
  for (std::size_t i = 0; i < TapReader::k_most_points + 5; ++i) text += "ok\n";
  const TapStream stream = read(text);
  CHECK(stream.points.size() == TapReader::k_most_points);
  CHECK(stream.faults == std::vector<std::string>{"more than 100000 test points"});
  CHECK(judged(text, 1) == "failed: more than 100000 test points");
}

TEST_CASE("TAP: any bytes") {
  // Pieces of streams in any order, whole and damaged.
  const std::vector<std::string> pieces{"ok",
                                        "not ok",
                                        " 1",
                                        " 18446744073709551616",
                                        " - a",
                                        " # TODO",
                                        " # SKIP x",
                                        "\n",
                                        "\r",
                                        "\r\n",
                                        "    ",
                                        "  ",
                                        "1..3",
                                        "1..0",
                                        "  ---\n",
                                        "  ...\n",
                                        "# Subtest: b",
                                        "#",
                                        "pragma +strict",
                                        "Bail out",
                                        std::string(1, '\0'),
                                        "\xff",
                                        "\xc3",
                                        "\\",
                                        "\t",
                                        "message: |",
                                        "TAP version 14",
                                        "okay",
                                        "'",
                                        "\""};
  Dice dice(6);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int i = dice.roll(60); i > 0; --i) text += pieces[static_cast<std::size_t>(dice.roll(static_cast<int>(pieces.size())))];
    const TapStream stream = read(text);
    CHECK(dump(read(text, 1)) == dump(stream));
    std::uint64_t end = 0;
    for (const TapPoint& point : stream.points) {
      CHECK(point.begin >= end);
      CHECK(point.end > point.begin);
      end = point.end;
      if (point.parent) CHECK(*point.parent < stream.points.size());
    }
    CHECK(end <= text.size());
  }
}

TEST_CASE("TAP: a file") {
  const ptests::unit::TempDir dir;
  ptests::unit::write(dir / "log", "1..1\nok 1 - a\n");
  const auto stream = ptests::read_tap((dir / "log").string());
  REQUIRE(stream);
  CHECK(shown(*stream) == "passed a\n");
  ptests::unit::write(dir / "empty", "");
  CHECK(shown(*ptests::read_tap((dir / "empty").string())) == "fault: it printed nothing: no plan and no test point\n");
  CHECK_FALSE(ptests::read_tap((dir / "missing").string()));
}
