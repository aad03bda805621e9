#include <doctest/doctest.h>

#include <fstream>

#include "base/make_lines.hpp"
#include "base/text.hpp"
#include "build/make_tool.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

template <class Output>
Output fed(std::string_view text) {
  Output output;
  for (std::size_t end = 0; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1)) output.on_line(text.substr(0, end));
  return output;
}

// GNU make 4.3 with -k -j2 -Otarget on CMakeFiles/Makefile2 and goals of ours, shortened.
constexpr std::string_view k_make = R"(Building CXX object CMakeFiles/bad.dir/bad.cpp.o
/s/bad.cpp: In function 'int main()':
/s/bad.cpp:2:10: error: 'undeclared' was not declared in this scope
    2 |   return undeclared;
      |          ^~~~~~~~~~
make[1]: *** [CMakeFiles/bad.dir/build.make:76: CMakeFiles/bad.dir/bad.cpp.o] Error 1
make[1]: Target 'CMakeFiles/bad.dir/build' not remade because of errors.
make: *** [CMakeFiles/Makefile2:162: CMakeFiles/bad.dir/all] Error 2
Building CXX object CMakeFiles/good.dir/good.cpp.o
Building CXX object CMakeFiles/lib.dir/lib.cpp.o
/s/lib.cpp: In function 'int lib()':
/s/lib.cpp:1:20: error: 'nothing' was not declared in this scope
make[1]: *** [CMakeFiles/lib.dir/build.make:76: CMakeFiles/lib.dir/lib.cpp.o] Error 1
make[1]: Target 'CMakeFiles/lib.dir/build' not remade because of errors.
make: *** [CMakeFiles/Makefile2:110: CMakeFiles/lib.dir/all] Error 2
Linking CXX executable good
Built target good
Building CXX object CMakeFiles/undefined.dir/undefined.cpp.o
Building CXX object sub/CMakeFiles/sub.bad.dir/bad.cpp.o
/s/sub/bad.cpp:1:21: error: 'nope' was not declared in this scope
make[1]: *** [sub/CMakeFiles/sub.bad.dir/build.make:76: sub/CMakeFiles/sub.bad.dir/bad.cpp.o] Error 1
make[1]: Target 'sub/CMakeFiles/sub.bad.dir/build' not remade because of errors.
make: *** [CMakeFiles/Makefile2:266: sub/CMakeFiles/sub.bad.dir/all] Error 2
Linking CXX executable undefined
undefined.cpp:(.text+0x5): undefined reference to `missing()'
collect2: error: ld returned 1 exit status
make[1]: *** [CMakeFiles/undefined.dir/build.make:97: undefined] Error 1
make[1]: Target 'CMakeFiles/undefined.dir/build' not remade because of errors.
make: *** [CMakeFiles/Makefile2:214: CMakeFiles/undefined.dir/all] Error 2
make: Target 'paralleltests/bad' not remade because of errors.
make: Target 'paralleltests/needs_lib' not remade because of errors.
make: Target 'paralleltests/sub.bad' not remade because of errors.
)";

BuildTree make_tree() {
  BuildTree tree;
  tree.build_directory = "/b";
  tree.build_tool = "/usr/bin/make";
  tree.generator = "Unix Makefiles";
  tree.executables = {
      {"bad", "/b/bad", "/b"}, {"sub.bad", "/b/sub/sub.bad", "/b/sub"}, {"good", "/b/good", "/b"}, {"needs_lib", "/b/needs_lib", "/b"}};
  return tree;
}

/// The failed targets, each with the first line of its output.
std::string show(const std::vector<TargetFailed>& failures) {
  Words words;
  for (const TargetFailed& failure : failures) words.push_back(failure.target + ": " + failure.output.substr(0, failure.output.find('\n')));
  return unit::show(words);
}

}  // namespace

TEST_CASE("make: a failed rule has its target and the text since the rule before") {
  const auto output = fed<MakeOutput>(k_make);
  REQUIRE(output.failures().size() == 4);
  const auto& bad = output.failures()[0];
  CHECK(bad.target == "bad");
  CHECK(bad.text.starts_with("Building CXX object CMakeFiles/bad.dir/bad.cpp.o\n"));
  CHECK(bad.text.ends_with("make[1]: *** [CMakeFiles/bad.dir/build.make:76: CMakeFiles/bad.dir/bad.cpp.o] Error 1\n"));
  CHECK(output.failures()[1].target == "lib");
  CHECK(output.failures()[2].target == "sub.bad");
  CHECK(output.failures()[3].target == "undefined");
  CHECK(output.failures()[3].text.find("undefined reference") != std::string::npos);
}

TEST_CASE("make: a failure's text has nothing of other targets") {
  // CMakeFiles/Makefile2 prints no percentage: "Building ...", "Linking ...", "Built target ..." begin a rule's output.
  const auto output = fed<MakeOutput>(k_make);
  CHECK(output.failures()[1].text.find("good.cpp.o") == std::string::npos);
  CHECK(output.failures()[2].text.find("Built target good") == std::string::npos);
  CHECK(output.failures()[2].text.find("undefined.cpp.o") == std::string::npos);
}

TEST_CASE("make: goals of ours that were not remade") {
  auto output = fed<MakeOutput>(k_make);
  output.on_line("make[3]: Target 'CMakeFiles/good.dir/all' not remade because of errors.");
  output.on_line("make[3]: *** [CMakeFiles/Makefile2:162: CMakeFiles/good.dir/all] Error 2");
  CHECK(unit::show({output.failed_goals().begin(), output.failed_goals().end()}) ==
        "[paralleltests/bad][paralleltests/needs_lib][paralleltests/sub.bad]");
}

TEST_CASE("make: whether it tried everything, or was ended before") {
  const BuildTree tree{.build_directory = "/b", .generator = "Unix Makefiles"};
  const auto make_says = [&](const char* line, int code) {
    MakeTool make(tree);
    make.on_line(line);
    return make.came_to_its_end(code);
  };
  CHECK(make_says("make[1]: *** [CMakeFiles/Makefile2:85: CMakeFiles/a.dir/all] Error 2", 2));
  CHECK(make_says("make[2]: *** [CMakeFiles/a.dir/build.make:76: a.o] Killed", 2));
  CHECK_FALSE(make_says("make: *** [CMakeFiles/Makefile2:89: CMakeFiles/a.dir/all] Terminated", 2));
  CHECK_FALSE(make_says("", 137));
}

TEST_CASE("make: a target is ready when make has come to our goal for it, whatever is printed") {
  const TempDir directory;
  BuildTree tree = make_tree();
  tree.build_directory = directory.path().string();
  write(directory / "paralleltests/make/built", "of an earlier build\n");
  MakeTool tool(tree);
  CHECK_FALSE(tool.prepare({{"good", "sub.bad"}, 2}));
  // Builds that are commands of ours print this for targets of their own.
  for (const char* line : {"Built target good", "[ 50%] Built target good", "\x1b[1mBuilt target good\x1b[0m"}) tool.on_line(line);
  CHECK(tool.take_built().empty());
  const auto make_writes = [&](std::string_view bytes) { std::ofstream(tool.progress_file(), std::ios::app) << bytes; };
  make_writes("good\nsub.b");
  CHECK(unit::show(tool.take_built()) == "[good]");
  CHECK(tool.take_built().empty());
  make_writes("ad\n");
  CHECK(unit::show(tool.take_built()) == "[sub.bad]");
}

TEST_CASE("make: our goals need all of their targets, and name them as rules want it") {
  const TempDir directory;
  BuildTree tree;
  tree.build_directory = directory.path().string();
  tree.executables = {{"t", tree.build_directory + "/a #1/t", tree.build_directory + "/a #1"}};
  MakeTool(tree).prepare({{"t"}, 1});
  CHECK(read(directory / "paralleltests/make/goals.make") ==
        ".PHONY: paralleltests/t\nparalleltests/t: a\\ \\#1/CMakeFiles/t.dir/all\n\t@$(file >>paralleltests/make/built,t)\n");
}

TEST_CASE("make: lines of progress, in colours too") {
  const BuildTree tree;
  const MakeTool tool(tree);
  for (const char* line : {"Building C object a.o", "[ 50%] Built target a", "\x1b[32m\x1b[1mLinking C executable a\x1b[0m"})
    CHECK_MESSAGE(tool.is_progress(line), line);
  for (const char* line : {"a.c:1: error: no", "\x1b[31mBuilt\x1b[0m", ""}) CHECK_FALSE_MESSAGE(tool.is_progress(line), line);
}

TEST_CASE("make: a rule ended by a signal failed too") {
  const auto output = fed<MakeOutput>(
      "Building CXX object CMakeFiles/a.dir/a.cpp.o\nmake[1]: *** [CMakeFiles/a.dir/build.make:76: CMakeFiles/a.dir/a.cpp.o] Killed\n"
      "make[1]: *** Deleting file 'CMakeFiles/a.dir/a.cpp.o'\nmake: *** [CMakeFiles/Makefile2:110: CMakeFiles/a.dir/all] Error 2\n");
  REQUIRE(output.failures().size() == 1);
  CHECK(output.failures()[0].target == "a");
}

TEST_CASE("make: each wanted target gets its own words, and one that failed for a library the library's") {
  const BuildTree tree = make_tree();
  MakeTool tool(tree);
  for (const std::string& line : split(k_make, '\n')) tool.on_line(line);
  const std::vector<TargetFailed> failures = tool.failures({{"bad", "good", "sub.bad", "needs_lib"}, 2});
  REQUIRE(failures.size() == 3);
  CHECK(failures[0].target == "bad");
  CHECK(failures[0].output.find("'undeclared' was not declared") != std::string::npos);
  CHECK(failures[0].output.find("'nothing' was not declared") == std::string::npos);
  CHECK(failures[1].target == "sub.bad");
  CHECK(failures[1].output.find("'nope' was not declared") != std::string::npos);
  CHECK(failures[2].target == "needs_lib");
  CHECK(failures[2].output.find("'nothing' was not declared") != std::string::npos);
}

TEST_CASE("make: a failure of no known goal fails every target") {
  const BuildTree tree = make_tree();
  MakeTool tool(tree);
  tool.on_line("make: *** No rule to make target 'CMakeFiles/x.dir/all'.  Stop.");
  const std::vector<TargetFailed> failures = tool.failures({{"bad", "good"}, 1});
  CHECK(failures.size() == 2);
}

TEST_CASE("make: what make says when it cannot even begin is in the output of the failed targets") {
  const BuildTree tree = make_tree();
  MakeTool tool(tree);
  tool.on_line("make: *** No rule to make target 'CMakeFiles/x.dir/all'.  Stop.");
  CHECK(show(tool.failures({{"bad"}, 1})) == "[bad: make: *** No rule to make target 'CMakeFiles/x.dir/all'.  Stop.]");
}

TEST_CASE("make is asked for goals of ours beside those of Makefile2") {
  const TempDir directory;
  BuildTree tree = make_tree();
  tree.build_directory = directory.path().string();
  const BuildRequest request{{"bad", "sub.bad", "elsewhere"}, 4};
  MakeTool tool(tree);
  tool.prepare(request);
  CHECK(unit::show(tool.build(request)) ==
        fmt::format("[/usr/bin/make][-C][{}][--no-print-directory][-k][-j4][-Otarget][-f][CMakeFiles/Makefile2]"
                    "[-f][paralleltests/make/goals.make][paralleltests/bad][paralleltests/sub.bad][paralleltests/elsewhere]",
                    tree.build_directory));
}

TEST_CASE("make is asked first for what looks older than its inputs") {
  const TempDir directory;
  BuildTree tree{.build_directory = directory.path().string(), .build_tool = "make"};
  const auto now = fs::file_time_type::clock::now();
  const auto set_age = [&](const std::string& file, int minutes) {
    fs::last_write_time(directory / file, now - std::chrono::minutes(minutes));
  };
  const std::vector<std::string> names{"fresh", "new_source", "new_header", "new_library", "missing", "other"};
  for (const std::string& name : names) {
    tree.executables.push_back({name, (directory / name).string(), directory.path().string()});
    const std::string object = fmt::format("CMakeFiles/{0}.dir/{0}.cpp.o", name);
    fs::create_directories(directory / fmt::format("CMakeFiles/{}.dir", name));
    write(directory / fmt::format("CMakeFiles/{}.dir/build.make", name),
          fmt::format("{0}: {1}/{2}.cpp\n\tc++ {2}.cpp\n{2}: {0}\n{2}: lib{2}.a\n\tlink\n.PHONY : {2}/all\n", object,
                      directory.path().string(), name));
    write(directory / (object + ".d"), fmt::format("{}: {}.cpp \\\n {}.hpp gone.hpp\n", object, name, name));
    for (const std::string& input : {name + ".cpp", name + ".hpp", "lib" + name + ".a", object}) {
      write(directory / input, "");
      set_age(input, 9);
    }
    if (name == "missing") continue;
    write(directory / name, "");
    set_age(name, 5);
  }
  set_age("new_source.cpp", 1);
  set_age("new_header.hpp", 1);
  set_age("libnew_library.a", 1);
  MakeTool tool(tree);
  tool.prepare({names, 1, {}});
  const CommandLine command = tool.build({names, 1, {}});
  CHECK(unit::show({command.begin() + 11, command.end()}) ==
        "[paralleltests/new_source][paralleltests/new_header][paralleltests/new_library][paralleltests/missing][paralleltests/fresh]"
        "[paralleltests/other]");
}

TEST_CASE("make: which file a rule makes, and where its words end") {
  CHECK(make_rule_output("Building C object sub/CMakeFiles/t.dir/t.c.o") == "sub/CMakeFiles/t.dir/t.c.o");
  CHECK(make_rule_output("[ 50%] \x1b[32mBuilding CXX object CMakeFiles/t.dir/a b.cpp.o\x1b[0m") == "CMakeFiles/t.dir/a b.cpp.o");
  CHECK(make_rule_output("\x1b[32m\x1b[1mLinking C executable sub/t\x1b[0m") == "sub/t");
  for (const char* line : {"Built target t", "[1/2] Building C object t.o", "Linking C static library t.a", "Building ", ""})
    CHECK_FALSE_MESSAGE(make_rule_output(line), line);
  CHECK(is_make_error("make[1]: *** [CMakeFiles/t.dir/build.make:76: CMakeFiles/t.dir/t.c.o] Error 1"));
  CHECK_FALSE(is_make_error("make[1]: Target 'CMakeFiles/t.dir/build' not remade because of errors."));
  CHECK_FALSE(is_make_error("a.c:1: error: *** [x] Error 1"));
}
