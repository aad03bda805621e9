#include <doctest/doctest.h>

#include "suite/changed.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

// What ninja 1.11 printed for: test `a` of a.cpp (with a generated header and one of its own) and library `lib`, test `b` of b.cpp.
constexpr std::string_view k_graph = R"(digraph ninja {
rankdir="LR"
node [fontsize=10, shape=box, height=0.25]
"0x80" [label="a"]
"0x81" [label="CXX_EXECUTABLE_LINKER__a_", shape=ellipse]
"0x81" -> "0x80"
"0x52" -> "0x81" [arrowhead=none]
"0x30" -> "0x81" [arrowhead=none]
"0x30" -> "0x81" [arrowhead=none style=dotted]
"0x52" [label="CMakeFiles/a.dir/a.cpp.o"]
"0x15" [label="CXX_COMPILER__a_", shape=ellipse]
"0x15" -> "0x52"
"0x5c" -> "0x15" [arrowhead=none]
"0xee" -> "0x15" [arrowhead=none style=dotted]
"0x5c" [label="/src/a.cpp"]
"0xee" [label="cmake_object_order_depends_target_a"]
"0xb0" [label="phony", shape=ellipse]
"0xb0" -> "0xee"
"0xef" -> "0xb0" [arrowhead=none style=dotted]
"0x30" -> "0xb0" [arrowhead=none style=dotted]
"0xef" [label="gen.h"]
"0x70" [label="CUSTOM_COMMAND", shape=ellipse]
"0x70" -> "0xef"
"0x70" -> "0xf0"
"0x1a" -> "0x70" [arrowhead=none]
"0x1a" [label="/src/in.txt"]
"0x30" [label="liblib.a"]
"0x69" -> "0x30" [label=" CXX_STATIC_LIBRARY_LINKER__lib_"]
"0x69" [label="CMakeFiles/lib.dir/lib.cpp.o"]
"0x36" -> "0x69" [label=" CXX_COMPILER__lib_"]
"0x36" [label="/src/lib.cpp"]
"0x40" [label="sub/b"]
"0x41" -> "0x40" [label=" CXX_EXECUTABLE_LINKER__b_"]
"0x41" [label="sub/CMakeFiles/b.dir/b.cpp.o"]
"0x42" -> "0x41" [label=" CXX_COMPILER__b_"]
"0x42" [label="/src/sub/b.cpp"]
"0x43" [label="b"]
"0x40" -> "0x43" [label=" phony"]
}
)";
constexpr std::string_view k_deps = R"(CMakeFiles/lib.dir/lib.cpp.o: #deps 2, deps mtime 1795259353927930956 (VALID)
    /src/lib.cpp
    /src/with space.h

CMakeFiles/a.dir/a.cpp.o: #deps 3, deps mtime 1795259354065620006 (VALID)
    /src/a.cpp
    gen.h
    ../src/h.h

sub/CMakeFiles/b.dir/b.cpp.o: #deps 1, deps mtime 1795259354065620006 (STALE)
    /src/sub/b.cpp

)";

Suite suite() {
  Suite suite = make_suite({"a", "b", "script", "other"});
  suite.tree.source_directory = "/src";
  suite.tree.build_directory = "/b";
  suite.tree.executables = {{"a", "/b/a", "/b"}, {"b", "/b/sub/b", "/b/sub"}};
  suite.tests[0].targets = {"a"};
  suite.tests[1].targets = {"b"};
  suite.tests[2].command = {"/bin/sh", "/src/sub/run.sh"};
  for (Test& test : suite.tests) test.working_directory = "/b";
  return suite;
}

InputGraph graph(std::string_view deps = k_deps) {
  InputGraph graph("/b");
  graph.add_graph(k_graph);
  graph.add_deps(deps);
  return graph;
}

std::string concerned(const std::set<std::string>& files, const InputGraph& graph) {
  const Suite all = suite();
  const Changed changed = tests_of_changes(all, files, graph);
  Words words;
  for (const TestId id : changed.tests) words.push_back(all.tests[id].name);
  std::string text = fmt::format("{}", fmt::join(words, " "));
  for (const std::string& note : changed.notes) text += " | " + note;
  return text;
}

}  // namespace

TEST_CASE("a change concerns the tests whose targets are made from it") {
  for (const auto& [file, tests] : {
           std::pair<std::string, std::string>{"/src/a.cpp", "a"},
           {"/src/lib.cpp", "a"},
           {"/src/with space.h", "a"},
           {"/src/h.h", "a"},
           {"/src/in.txt", "a"},
           {"/src/sub/b.cpp", "b"},
           {"/src/sub/run.sh", "script"},
           {"/src/unused.h", ""},
           {"/src/README.md", ""},
       }) {
    CAPTURE(file);
    CHECK(concerned({file}, graph()) == tests);
  }
  CHECK(concerned({"/src/h.h", "/src/sub/b.cpp"}, graph()) == "a b");
  CHECK(concerned({}, graph()) == "");
}

TEST_CASE("what was never compiled counts as changed: nobody knows what it includes") {
  CHECK(concerned({}, graph(k_deps.substr(0, k_deps.find("sub/")))) == "b");
  CHECK(concerned({}, graph("")) == "a b");
}

TEST_CASE("CMake code concerns what is built in its directory and below, and says so") {
  const std::string below = "changed: selects everything built in its directory and below";
  CHECK(concerned({"/src/CMakeLists.txt"}, graph()) == "a b script other | CMakeLists.txt " + below);
  CHECK(concerned({"/src/sub/CMakeLists.txt"}, graph()) == "b script | sub/CMakeLists.txt " + below);
  CHECK(concerned({"/src/sub/x.cmake"}, graph()) == "b script | sub/x.cmake " + below);
  CHECK(concerned({"/src/cmake/x.cmake"}, graph()) ==
        "a b script other | cmake/x.cmake changed: selects everything, since any directory may include it");
  CHECK(concerned({"/src/empty/CMakeLists.txt"}, graph()) == " | empty/CMakeLists.txt " + below);
  CHECK(concerned({"/b/CMakeFiles/x.cmake", "/elsewhere/CMakeLists.txt"}, graph()) == "");
}

TEST_CASE("cut or odd output of ninja makes no edge and no harm") {
  for (std::size_t length = 0; length < k_graph.size(); length += 7) {
    InputGraph cut("/b");
    cut.add_graph(k_graph.substr(0, length));
    cut.add_deps(k_deps.substr(0, std::min(length, k_deps.size())));
    static_cast<void>(cut.made_from({"/src/a.cpp"}));
  }
  InputGraph odd("/b");
  odd.add_graph("\"\n\" -> \n\"1\" [label=\n\"1\" -> \"\n");
  odd.add_deps("    /src/a.h\n: #deps 1\n");
  CHECK(odd.made_from({"/src/x"}).size() == 1);
}

TEST_CASE("Makefiles tell the same") {
  // What CMake 3.25 wrote, and gcc 12 beside the objects.
  constexpr std::string_view k_makefile = R"(.SUFFIXES:
% : %,v
CMAKE_SOURCE_DIR = /src
include CMakeFiles/a.dir/flags.make
gen.h: /src/in.txt
	@$(CMAKE_COMMAND) -E cmake_echo_color "Generating gen.h: x"
CMakeFiles/a.dir/a.cpp.o: CMakeFiles/a.dir/flags.make
CMakeFiles/a.dir/a.cpp.o: /src/a.cpp
CMakeFiles/a.dir/a.cpp.i: cmake_force
a_OBJECTS = \
"CMakeFiles/a.dir/a.cpp.o"
a : CMakeFiles/a.dir/a.cpp.o
a : CMakeFiles/a.dir/link.txt
.PHONY : CMakeFiles/a.dir/build
sub/CMakeFiles/b.dir/b.cpp.o: /src/sub/b.cpp
sub/b: sub/CMakeFiles/b.dir/b.cpp.o
)";
  InputGraph graph("/b");
  graph.add_makefile(k_makefile);
  CHECK(graph.never_compiled() == std::set<std::string>{"/b/CMakeFiles/a.dir/a.cpp.o", "/b/sub/CMakeFiles/b.dir/b.cpp.o"});
  CHECK(concerned({}, graph) == "a b");
  graph.add_depfile("CMakeFiles/a.dir/a.cpp.o: /src/a.cpp \\\n /src/with\\ space.h \\\n gen.h /src/pri$$ce.h\n");
  graph.add_depfile("sub/CMakeFiles/b.dir/b.cpp.o: /src/sub/b.cpp\n");
  CHECK(graph.never_compiled().empty());
  for (const auto& [file, tests] : {
           std::pair<std::string, std::string>{"/src/a.cpp", "a"},
           {"/src/with space.h", "a"},
           {"/src/pri$ce.h", "a"},
           {"/src/in.txt", "a"},
           {"/src/sub/b.cpp", "b"},
           {"/src/other.h", ""},
       }) {
    CAPTURE(file);
    CHECK(concerned({file}, graph) == tests);
  }
  for (std::size_t length = 0; length < k_makefile.size(); length += 5) {
    InputGraph cut("/b");
    cut.add_makefile(k_makefile.substr(0, length));
    cut.add_depfile(k_makefile.substr(length));
    static_cast<void>(cut.made_from({"/src/a.cpp"}));
  }
}
