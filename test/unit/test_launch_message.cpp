#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "base/text.hpp"
#include "build/launch_message.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using namespace std::chrono_literals;

namespace {

/// The JSON of a frame.
std::string json_of(const std::string& frame) {
  FrameReader reader;
  reader.add(frame);
  const auto json = reader.next();
  REQUIRE(json);
  REQUIRE(*json);
  return **json;
}

template <class T>
T there_and_back(const T& message) {
  const Result<std::string> frame = encode(message);
  REQUIRE(frame);
  const Result<LaunchMessage> read = decode_launch_message(json_of(*frame));
  REQUIRE(ptests::unit::message(read) == "ok");
  REQUIRE(std::holds_alternative<T>(*read));
  return std::get<T>(*read);
}

LaunchBegin compile(Words command) { return {.kind = BuildStep::Kind::compile, .command = std::move(command)}; }

std::string refusal(std::string_view json) { return message(decode_launch_message(json)); }

constexpr const char* k_end =
    R"("core_dumped":false,"user_us":1,"system_us":2,"peak_rss_bytes":3,"duration_us":4,"warnings":0,"output":"")";

}  // namespace

TEST_CASE("begin: what a launcher was asked for arrives as it was") {
  const LaunchBegin sent{"tgt", BuildStep::Kind::link, "CXX", "/b d", {"c++", "-DX=\"a b\"", "", "ä\n"}};
  const LaunchBegin got = there_and_back(sent);
  CHECK(got.target == "tgt");
  CHECK(got.kind == BuildStep::Kind::link);
  CHECK(got.language == "CXX");
  CHECK(got.directory == "/b d");
  CHECK(show(got.command) == show(sent.command));
  CHECK(there_and_back(compile({"a", "b"})).kind == BuildStep::Kind::compile);
}

TEST_CASE("bytes that are no UTF-8 are replaced") {
  CHECK(show(there_and_back(compile({"c++", "\xff\xfe.cpp"})).command) == "[c++][\xef\xbf\xbd\xef\xbf\xbd.cpp]");
  LaunchEnd end;
  end.result.output = "caf\xe9";
  CHECK(there_and_back(end).result.output == "caf\xef\xbf\xbd");
}

TEST_CASE("go and done") {
  CHECK(show(there_and_back(LaunchGo{{"/sys/a/cgroup.procs", "/b"}}).entrances) == "[/sys/a/cgroup.procs][/b]");
  CHECK(there_and_back(LaunchGo{}).entrances.empty());
  there_and_back(LaunchDone{});
  there_and_back(LaunchStop{});
}

TEST_CASE("end: how a command ended arrives as it was") {
  LaunchEnd sent;
  sent.result.exit = {ExitStatus::Kind::signaled, 11, true};
  sent.result.usage.user = 12345678901us;
  sent.result.usage.system = 7us;
  sent.result.usage.peak_rss_bytes = 9'876'543'210;
  sent.result.duration = 1.5s;
  sent.result.warnings = 3;
  sent.result.output = "a\x1b[1mb\n";
  const StepResult got = there_and_back(sent).result;
  CHECK(got.exit.kind == ExitStatus::Kind::signaled);
  CHECK(got.exit.code == 11);
  CHECK(got.exit.core_dumped);
  CHECK(got.usage.user == 12345678901us);
  CHECK(got.usage.system == 7us);
  CHECK(got.usage.peak_rss_bytes == 9'876'543'210);
  CHECK(got.duration.count() == doctest::Approx(1.5));
  CHECK(got.warnings == 3);
  CHECK(got.output == sent.result.output);
  CHECK_FALSE(got.is_lost);
  sent.result.exit = {ExitStatus::Kind::exited, 4, false};
  CHECK(there_and_back(sent).result.exit.kind == ExitStatus::Kind::exited);
  CHECK(there_and_back(sent).result.exit.code == 4);
}

TEST_CASE("a message that is not as it should be is refused, and why is said") {
  CHECK(refusal("") == "a message that is no JSON, or nested too deep");
  CHECK(refusal("{") == "a message that is no JSON, or nested too deep");
  CHECK(refusal("[]") == "message: expected a string, got nothing");
  CHECK(refusal("{}") == "message: expected a string, got nothing");
  CHECK(refusal(R"({"message":"x"})") == "unknown message \"x\"");
  CHECK(refusal(R"({"message":"go","version":2,"entrances":[]})") == "version: expected version 1, got 2");
  CHECK(refusal(R"({"message":"go","entrances":[]})") == "version: expected version 1, got nothing");
  CHECK(refusal(R"({"message":"go","version":1})") == "entrances: expected an array of strings, got nothing");
  CHECK(refusal(R"({"message":"begin","version":9})") == "version: expected version 1, got 9");
  const std::string begin = R"({"message":"begin","version":1,"target":"","language":"","directory":"",)";
  CHECK(refusal(begin + R"("kind":"compile","command":["c"]})") == "ok");
  CHECK(refusal(begin + R"("kind":"x","command":["c"]})") == R"(kind: expected "compile" or "link", got "x")");
  CHECK(refusal(begin + R"("kind":"link","command":[1]})") == "command[0]: expected a string, got 1");
  CHECK(refusal(begin + R"("kind":"link","command":[]})") == "command: expected a command, got []");
  CHECK(refusal(fmt::format(R"({{"message":"end","exit_code":1,{}}})", k_end)) == "ok");
  CHECK(refusal(fmt::format(R"({{"message":"end",{}}})", k_end)) == "exit_code: expected a whole number, got nothing");
  CHECK(refusal(R"({"message":"end","exit_code":0})") == "core_dumped: expected true or false, got nothing");
  for (const std::string_view amount : {"-1", "1e300", "\"x\"", "null"}) {
    std::string end = fmt::format(R"({{"message":"end","exit_code":1,{}}})", k_end);
    end.replace(end.find("\"user_us\":1"), 11, fmt::format("\"user_us\":{}", amount));
    CHECK(refusal(end).starts_with("user_us: expected an amount"));
  }
}

TEST_CASE("JSON as deep as a frame allows is refused without a stack as deep") {
  const std::string deep(1'000'000, '[');
  CHECK(refusal(deep) == "a message that is no JSON, or nested too deep");
  const std::string closed = deep + std::string(deep.size(), ']');
  CHECK(refusal(R"({"message":)" + closed + "}") == "a message that is no JSON, or nested too deep");
  CHECK(refusal(R"({"message":"go","version":1,"entrances":[)" + closed + "]}") == "a message that is no JSON, or nested too deep");
}

TEST_CASE("frames come out whole however their bytes come in") {
  const std::string bytes = *encode(LaunchGo{{"one"}}) + *encode(LaunchDone{}) + *encode(LaunchGo{{"two"}});
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    FrameReader reader;
    std::string got;
    for (const std::string& piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
      reader.add(piece);
      while (true) {
        const auto json = reader.next();
        REQUIRE(json);
        if (!*json) break;
        got += **json;
      }
    }
    CHECK(got == R"({"entrances":["one"],"message":"go","version":1}{"message":"done"}{"entrances":["two"],"message":"go","version":1})");
  }
}

TEST_CASE("a frame larger than allowed is refused on both sides") {
  CHECK(message(encode(compile({std::string(k_most_frame, 'x')}))).ends_with("bytes is too long"));
  FrameReader reader;
  reader.add(std::string_view("\xff\xff\xff\xff", 4));
  CHECK(message(reader.next()) == "a message of 4294967295 bytes is too long");
  FrameReader largest;
  largest.add(std::string_view("\x00\x00\x80\x00", 4));
  CHECK(message(largest.next()) == "ok");
  FrameReader too_large;
  too_large.add(std::string_view("\x01\x00\x80\x00", 4));
  CHECK(message(too_large.next()) == "a message of 8388609 bytes is too long");
}

TEST_CASE("the ends of output are kept, in whatever pieces it came") {
  std::string all;
  for (int i = 0; all.size() < 5000; ++i) all += fmt::format("{} ", i);
  for (const std::size_t most : {std::size_t{16}, std::size_t{100}, std::size_t{1000}, std::size_t{4999}})
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{130}, all.size()}) {
      OutputEnds ends(most);
      for (std::size_t at = 0; at < all.size(); at += piece) ends.add(all.substr(at, piece));
      for (const std::size_t asked : {std::size_t{16}, most, all.size()}) {
        const std::size_t size = std::min(asked, most);
        CAPTURE(most);
        CAPTURE(piece);
        CAPTURE(asked);
        CHECK(ends.text(asked) == fmt::format("{}\n[... {} bytes are left out here ...]\n{}", all.substr(0, size / 4), all.size() - size,
                                              all.substr(all.size() - (size - size / 4))));
      }
    }
}

TEST_CASE("output that is short enough stays whole") {
  OutputEnds ends(10);
  CHECK(ends.text(10).empty());
  for (const char c : std::string("0123456789")) ends.add({&c, 1});
  CHECK(ends.text(10) == "0123456789");
  CHECK(ends.text(8) == "01\n[... 2 bytes are left out here ...]\n456789");
  ends.add("x");
  CHECK(ends.text(10) == "01\n[... 1 bytes are left out here ...]\n3456789x");
}

TEST_CASE("no character is cut in two") {
  OutputEnds ends(8);
  for (int i = 0; i < 20; ++i) ends.add("\xe4\xb8\x96");
  CHECK(ends.text(8) == "\n[... 54 bytes are left out here ...]\n\xe4\xb8\x96\xe4\xb8\x96");
}

TEST_CASE("warnings: what compilers and linkers write") {
  const Words warnings{
      "a.cpp:3:5: warning: unused variable 'x' [-Wunused-variable]",
      "a.cpp:3: warning: old style",
      "dir with space/a.c:1:2: warning: \"x\" redefined",
      "\x1b[01m\x1b[Ka.cpp:3:5:\x1b[m\x1b[K \x1b[01;35m\x1b[Kwarning: \x1b[m\x1b[Kunused variable",
      "\x1b[1ma.cpp:1:2: \x1b[0m\x1b[0;1;35mwarning: \x1b[0m\x1b[1mno newline\x1b[0m",
      "cc1plus: warning: command-line option '-Wx' is valid for C but not for C++",
      "lto-wrapper: warning: using serial compilation of 2 LTRANS jobs",
      "clang: warning: argument unused during compilation: '-s'",
      "warning: unknown warning option '-Wx'; did you mean '-Wy'? [-Wunknown-warning-option]",
      "/usr/bin/ld: warning: liba.so, needed by libb.so, not found (try using -rpath or -rpath-link)",
      "/usr/bin/ld: a.o: warning: relocation against `x' in read-only section `.text'",
      "a.c:(.text+0x14): warning: the `gets' function is dangerous and should not be used.",
      "a.o:a.c:function main: warning: the 'gets' function is dangerous and should not be used.",
      "ld.lld: warning: undefined symbol: f",
      "ld.lld: \x1b[0;35mwarning: \x1b[0mundefined symbol: f",
      "{standard input}:12: Warning: end of file not at end of a line; newline inserted",
      "Warning: Unused variable 'x' declared at (1) [-Wunused-variable]",
      "a.cpp:1:2: warning: #warning \"note: warning: x\" [-Wcpp]",
  };
  for (const std::string& line : warnings) {
    CAPTURE(line);
    CHECK(count_warnings(line) == 1);
    CHECK(count_warnings(line + "\n   12 |   int x;\n") == 1);
  }
  CHECK(count_warnings(lines(warnings)) == static_cast<int>(warnings.size()));
}

TEST_CASE("warnings: what only looks like one") {
  const Words others{
      "",
      "1 warning generated.",
      "cc1plus: all warnings being treated as errors",
      "a.cpp:3:5: error: unused variable 'x' [-Werror=unused-variable]",
      "a.cpp:3:5: error: static assertion failed: warning: x",
      "a.cpp:3:5: note: '#pragma message: warning: x'",
      "a.cpp:3:5: fatal error: warning: x",
      "   12 | #error a.c:1: warning: x",
      "  print(a.c:1: warning: x);",
      "puts(\"a.c:1: warning: x\");",
      "this is my last warning: x",
      "a.cpp:1: forewarning: x",
      "warning:x",
      "-- checking warning: flags",
  };
  for (const std::string& line : others) {
    CAPTURE(line);
    CHECK(count_warnings(line) == 0);
  }
  CHECK(count_warnings(lines(others)) == 0);
}

TEST_CASE("a step is described from its command") {
  LaunchBegin begin{"t", BuildStep::Kind::compile, "C", "/b", {"cc", "-I.", "-DX=a b", "-o", "d/a.c.o", "-c", "/s/a.c"}};
  const BuildStep step = step_of(begin);
  CHECK(step.target == "t");
  CHECK(step.kind == BuildStep::Kind::compile);
  CHECK(step.language == "C");
  CHECK(step.output == "d/a.c.o");
  CHECK(step.source == "/s/a.c");
  CHECK(step.command == "cc -I. '-DX=a b' -o d/a.c.o -c /s/a.c");
  begin.kind = BuildStep::Kind::link;
  begin.command = {"c++", "a.cpp", "-oprog"};
  CHECK(step_of(begin).output == "prog");
  CHECK(step_of(begin).source.empty());
}

TEST_CASE("a step's files wherever the command names them") {
  const auto files = [](Words command) {
    const BuildStep step = step_of(compile(std::move(command)));
    return fmt::format("{} <- {}", step.output, step.source);
  };
  CHECK(files({"c++", "-c", "a.cpp", "-o", "a.o"}) == "a.o <- a.cpp");
  CHECK(files({"c++", "-c", "-O2", "a.cpp", "-o", "a.o"}) == "a.o <- a.cpp");
  CHECK(files({"c++", "-c", "-O2", "-include", "x.hpp", "a.cc", "-MF", "a.cc.o.d", "-oa.o"}) == "a.o <- a.cc");
  CHECK(files({"c++", "-o", "odd.cpp", "-O2", "a.cpp"}) == "odd.cpp <- a.cpp");
  CHECK(files({"c++", "-o", "x", "-o", "y", "-c", "a.cpp"}) == "y <- a.cpp");
  CHECK(files({"c++", "-c", "no_ending"}) == " <- no_ending");
  CHECK(files({"c++", "-c"}) == " <- ");
  CHECK(files({"c++", "-o"}) == " <- ");
  CHECK(files({"a.cpp"}) == " <- ");
}

TEST_CASE("the path of a socket has at most 107 bytes") {
  CHECK(socket_address(std::string(107, 'x')));
  CHECK_FALSE(socket_address(std::string(108, 'x')));
  CHECK_FALSE(socket_address(""));
  CHECK_FALSE(socket_address(std::string_view("a\0b", 3)));
}
