#include <doctest/doctest.h>

#include <cstdlib>

#include "base/text.hpp"
#include "build/driver.hpp"
#include "build/ninja_tool.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

NinjaOutput fed(std::string_view text) {
  NinjaOutput output;
  for (std::size_t end = 0; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1)) output.on_line(text.substr(0, end));
  return output;
}

// ninja 1.11, shortened.
constexpr std::string_view k_ninja = R"([1/13] Building CXX object CMakeFiles/lib.dir/lib.cpp.o
FAILED: CMakeFiles/lib.dir/lib.cpp.o 
/usr/bin/c++    -MD -o CMakeFiles/lib.dir/lib.cpp.o -c /s/lib.cpp
/s/lib.cpp: In function 'int lib()':
/s/lib.cpp:1:20: error: 'nothing' was not declared in this scope
    1 | int lib() { return nothing; }
      |                    ^~~~~~~
[2/13] Building CXX object CMakeFiles/good.dir/good.cpp.o
/s/good.cpp:1:5: warning: unused
[3/13] Linking CXX executable good
[7/13] Linking CXX executable undefined
FAILED: undefined 
: && /usr/bin/c++   CMakeFiles/undefined.dir/undefined.cpp.o -o undefined   && :
/usr/bin/ld: CMakeFiles/undefined.dir/undefined.cpp.o: in function `main':
undefined.cpp:(.text+0x5): undefined reference to `missing()'
collect2: error: ld returned 1 exit status
[8/13] Generating killed.txt
FAILED: killed.txt /b/killed.txt 
cd /b && sh -c "kill -9 12345"
sh: 1: kill: No such process

ninja: build stopped: cannot make progress due to previous errors.
)";

/// The failed targets, each with the first line of its output.
std::string show(const std::vector<TargetFailed>& failures) {
  Words words;
  for (const TargetFailed& failure : failures) words.push_back(failure.target + ": " + failure.output.substr(0, failure.output.find('\n')));
  return unit::show(words);
}

}  // namespace

TEST_CASE("ninja: a failed command has its outputs and its text") {
  const auto output = fed(k_ninja);
  REQUIRE(output.failures().size() == 3);
  CHECK(output.failures()[0].outputs.front() == "CMakeFiles/lib.dir/lib.cpp.o");
  CHECK(output.failures()[0].text.starts_with("FAILED: CMakeFiles/lib.dir/lib.cpp.o \n/usr/bin/c++ "));
  CHECK(output.failures()[0].text.ends_with("      |                    ^~~~~~~\n"));
  CHECK(output.failures()[1].outputs.front() == "undefined");
  CHECK(output.failures()[1].text.ends_with("collect2: error: ld returned 1 exit status\n"));
  CHECK(output.errors().empty());
}

TEST_CASE("ninja: every output of a command is told, and ninja's own words are no output") {
  const auto output = fed(k_ninja);
  CHECK(show({"killed.txt", "/b/killed.txt", "killed.txt /b/killed.txt"}) == unit::show(output.failures()[2].outputs));
  CHECK(output.failures()[2].text.ends_with("No such process\n\n"));
}

TEST_CASE("ninja 1.13 tells the exit code before the outputs") {
  const auto output = fed("FAILED: [code=1] a.o \ntext\n[2/3] next\nother\n");
  REQUIRE(output.failures().size() == 1);
  CHECK(output.failures()[0].outputs.front() == "a.o");
  CHECK(output.failures()[0].text == "FAILED: [code=1] a.o \ntext\n");
}

TEST_CASE("ninja: a line in brackets that is no progress belongs to the failure") {
  const auto output = fed("FAILED: a.o \n[x/y] no\n[1/2]no\n[1] no\n[/] \n[a] b/c] \nend\n");
  CHECK(output.failures()[0].text == "FAILED: a.o \n[x/y] no\n[1/2]no\n[1] no\n[/] \n[a] b/c] \nend\n");
}

TEST_CASE("ninja: errors before any command are kept apart") {
  const auto output = fed("ninja: Entering directory `/b'\nninja: error: unknown target 'x'\nninja: fatal: chdir to '/b' - No\n");
  CHECK(output.failures().empty());
  CHECK(output.errors() == "ninja: error: unknown target 'x'\nninja: fatal: chdir to '/b' - No\n");
}

TEST_CASE("ninja: output cut at any place is no harm") {
  for (std::size_t size = 0; size < k_ninja.size(); ++size) CHECK(fed(k_ninja.substr(0, size)).failures().size() <= 3);
  for (const std::string line : {"FAILED: ", "FAILED: [code=", "FAILED: [code=1]", "FAILED: [code=1] ", "["}) {
    NinjaOutput output;
    output.on_line(line);
    CHECK(output.failures().size() <= 1);
  }
}

TEST_CASE("ninja: an error that is no command's fails every target") {
  const BuildTree tree;
  NinjaTool tool(tree);
  tool.on_line("ninja: error: loading 'build.ninja': No such file or directory");
  CHECK(show(tool.failures({{"a", "b"}, 1})) ==
        "[a: ninja: error: loading 'build.ninja': No such file or directory][b: ninja: error: loading 'build.ninja': No such file or "
        "directory]");
}

TEST_CASE("ninja is asked for all targets at once, past failures") {
  BuildTree tree;
  tree.build_tool = "/usr/bin/ninja";
  tree.build_directory = "/b";
  tree.generator = "Ninja";
  CHECK(unit::show(NinjaTool(tree).build({{"x", "y"}, 3})) == "[/usr/bin/ninja][-C][/b][-f][build.ninja][-k][0][-j][3][x][y]");
  CHECK(unit::show(NinjaTool(tree).regenerate()) == "[/usr/bin/ninja][-C][/b][-f][build.ninja][build.ninja]");
  tree.generator = "Ninja Multi-Config";
  tree.configuration = "Debug";
  CHECK(unit::show(NinjaTool(tree).build({{"x"}, 1})) == "[/usr/bin/ninja][-C][/b][-f][build-Debug.ninja][-k][0][-j][1][x]");
}

TEST_CASE("ninja: a dry run tells how much there is to do and what would be linked") {
  const NinjaDryRun run = parse_ninja_dry_run(
      "ninja: Entering directory `/b'\n[1/3] /usr/bin/c++ -MD -o CMakeFiles/t.dir/t.cpp.o -c /s/t.cpp\n[2/3] cd /b && cmake -E true\n"
      "[3/3] : && /usr/bin/c++ t.cpp.o -o sub/t  lib.a && cp -o x y && :\n");
  CHECK(run.has_work);
  CHECK(run.commands == 3);
  CHECK(unit::show(run.outputs) == "[CMakeFiles/t.dir/t.cpp.o][sub/t][x]");
}

TEST_CASE("ninja: commands may wait when all of them ask") {
  const std::string compile = "[1/3] /b/CMakeFiles/paralleltests-launch --target=t --kind=compile --language=C -- cc -o t.o -c t.c\n";
  const std::string archive = "[2/3] : && /usr/bin/cmake -E rm -f libt.a && /usr/bin/ar qc libt.a  t.o && /usr/bin/ranlib libt.a && :\n";
  const std::string link = "[3/3] : && \"/b c/CMakeFiles/paralleltests-launch\" --target=t --kind=link --language=C -- cc t.o -o t && :\n";
  CHECK(parse_ninja_dry_run("ninja: Entering directory `/b'\n" + compile + archive + link).all_ask);
  CHECK_FALSE(parse_ninja_dry_run(compile + "[2/3] cd /b && cmake -E touch x\n" + link).all_ask);
  CHECK_FALSE(parse_ninja_dry_run("[1/3] cc -o t.o -c t.c\n" + archive).all_ask);
}

TEST_CASE("ninja: only ninja's own word says that there is nothing to do") {
  CHECK_FALSE(parse_ninja_dry_run("ninja: Entering directory `/b'\nninja: no work to do.\n").has_work);
  CHECK_FALSE(parse_ninja_dry_run("ninja: no work to do.").has_work);
  for (const char* text : {"", "\n", "ninja: no work", "[1/1] echo ninja: no work to do.\n", "ninja: warning: x\n"})
    CHECK_MESSAGE(parse_ninja_dry_run(text).has_work, text);
  CHECK(parse_ninja_dry_run("[1/1] c++ -o ").outputs == Words{""});
}

TEST_CASE("ninja: what came into the log is a target that is ready") {
  const TempDir directory;
  BuildTree tree;
  tree.build_directory = directory.path().string();
  const auto executable = [&](const char* target, const std::string& file) {
    tree.executables.push_back({target, file, tree.build_directory});
  };
  executable("t", tree.build_directory + "/sub/t");
  executable("old", tree.build_directory + "/old");
  executable("outside", "/elsewhere/outside");
  NinjaTool tool(tree);
  CHECK(tool.progress_file() == directory / ".ninja_log");
  CHECK(tool.take_built().empty());
  write(tool.progress_file(), "# ninja log v5\n1\t2\t3\tt.cpp.o\t7\n2\t4\t5\tsub/t\t8\n2\t4\t5\t/elsewhere/outside\t9\n2\t4\t5\tol");
  CHECK(unit::show(tool.take_built()) == "[t][outside]");
  CHECK(tool.take_built().empty());
}

TEST_CASE("the generator chooses the tool; an unknown one goes through cmake --build and fails as a whole") {
  BuildTree tree;
  tree.build_directory = "/b";
  tree.build_tool = "/usr/bin/make";
  tree.cmake = "cmake";
  tree.configuration = "Debug";
  const auto tool_for = [&](const char* generator) {
    tree.generator = generator;
    return make_build_tool(tree)->build({{"x"}, 2}).front();
  };
  CHECK(tool_for("Ninja") == "/usr/bin/make");
  CHECK(tool_for("CodeBlocks - Unix Makefiles") == "/usr/bin/make");
  CHECK(tool_for("Xcode") == "cmake");
  const auto tool = make_build_tool(tree);
  CHECK(unit::show(tool->build({{"x", "y"}, 2})) == "[cmake][--build][/b][--parallel][2][--config][Debug][--target][x][y]");
  tool->on_line("no");
  CHECK(show(tool->failures({{"x", "y"}, 2})) == "[x: no][y: no]");
}

TEST_CASE("targets without work are found by halving") {
  // Target tN has work when N is one of `busy`.
  Words targets;
  for (int i = 0; i < 64; ++i) targets.push_back(fmt::format("t{}", i));
  int questions = 0;
  std::set<std::string> busy;
  const HasWork has_work = [&](const Words& asked) {
    ++questions;
    CHECK_FALSE(asked.empty());
    return std::any_of(asked.begin(), asked.end(), [&](const std::string& target) { return busy.contains(target); });
  };
  const auto without_work = [&](const Words& asked, int most_questions) {
    questions = 0;
    Words result = targets_without_work(asked, has_work, most_questions);
    std::sort(result.begin(), result.end());
    return result;
  };
  Words sorted = targets;
  std::sort(sorted.begin(), sorted.end());
  CHECK(without_work(targets, 100) == sorted);
  CHECK(questions == 1);
  CHECK(without_work({}, 100).empty());
  CHECK(questions == 0);

  busy = {"t7"};
  sorted.erase(std::find(sorted.begin(), sorted.end(), "t7"));
  CHECK(without_work(targets, 100) == sorted);
  CHECK(questions <= 2 * 6 + 1);
  busy = {"t0", "t2"};
  CHECK(unit::show(without_work({"t0", "t1", "t2"}, 100)) == "[t1]");
  CHECK(without_work({"t0"}, 100).empty());
  CHECK(questions == 1);
}

TEST_CASE("no more questions than allowed are asked, and what was not cleared has work") {
  Words targets;
  for (int i = 0; i < 64; ++i) targets.push_back(fmt::format("t{}", i));
  for (int most = 0; most < 140; ++most) {
    int questions = 0;
    // Every second half of a pair has work.
    const HasWork has_work = [&](const Words& asked) {
      ++questions;
      return asked.size() > 1 || parse_int(asked[0].substr(1)).value_or(0) % 2 == 1;
    };
    const Words clear = targets_without_work(targets, has_work, most);
    CHECK(questions <= most);
    for (const std::string& target : clear) CHECK(parse_int(target.substr(1)).value_or(1) % 2 == 0);
    if (most >= 127) CHECK(clear.size() == 32);
  }
}

TEST_CASE("the build's environment has the caller's words in the place of ours") {
  ::setenv("NINJA_STATUS", "x", 1);
  ::setenv("PTESTS_UNIT_BUILD", "outer", 1);
  ::setenv("PTESTS_UNIT_BUILD_2", "kept", 1);
  const Words words = build_environment({"PTESTS_UNIT_BUILD=inner"});
  for (const char* name : {"NINJA_STATUS", "PTESTS_UNIT_BUILD", "PTESTS_UNIT_BUILD_2"}) ::unsetenv(name);
  Words ours;
  std::copy_if(words.begin(), words.end(), std::back_inserter(ours), [](const std::string& word) {
    return word.starts_with("NINJA_STATUS=") || word.starts_with("PTESTS_UNIT_BUILD") || word.starts_with("LC_ALL=");
  });
  CHECK(unit::show(ours) == "[PTESTS_UNIT_BUILD=inner][PTESTS_UNIT_BUILD_2=kept][LC_ALL=C.UTF-8]");
}

TEST_CASE("ninja: whether it tried everything, or was ended before") {
  const BuildTree tree{.build_directory = "/b", .generator = "Ninja"};
  const auto ninja_says = [&](const char* last) {
    NinjaTool ninja(tree);
    for (const char* line : {"FAILED: a.o", "a.cpp:1: error", last}) ninja.on_line(line);
    return ninja.came_to_its_end(1);
  };
  CHECK(ninja_says("ninja: build stopped: cannot make progress due to previous errors."));
  CHECK_FALSE(ninja_says("ninja: build stopped: interrupted by user."));
  CHECK_FALSE(ninja_says("ninja: fatal: writing .ninja_log: No space left on device"));
  CHECK_FALSE(ninja_says("[2/3] Building"));
}
