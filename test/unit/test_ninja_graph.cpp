#include <doctest/doctest.h>

#include "base/ninja_lines.hpp"
#include "build/ninja_graph.hpp"
#include "build/ninja_tool.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

// ninja 1.11: t1 and t2 are made of objects of their own and of lib.a, t2 by way of an alias; stage only orders t3.
constexpr std::string_view k_graph = R"(digraph ninja {
rankdir="LR"
node [fontsize=10, shape=box, height=0.25]
edge [fontsize=10]
"0x1" [label="t1"]
"0xe1" [label="LINK", shape=ellipse]
"0xe1" -> "0x1"
"0x2" -> "0xe1" [arrowhead=none]
"0x3" -> "0xe1" [arrowhead=none]
"0x2" [label="CMakeFiles/t1.dir/t.c.o"]
"0x20" -> "0x2" [label=" CC"]
"0x20" [label="/s/t.c"]
"0x3" [label="lib.a"]
"0x30" -> "0x3" [label=" AR"]
"0x30" [label="CMakeFiles/lib.dir/l.c.o"]
"0x4" [label="t2"]
"0x5" -> "0x4" [label=" phony"]
"0x5" [label="sub/t2"]
"0xe2" [label="LINK", shape=ellipse]
"0xe2" -> "0x5"
"0x3" -> "0xe2" [arrowhead=none]
"0x6" -> "0xe2" [arrowhead=none]
"0x6" [label="sub/CMakeFiles/t2.dir/t.c.o"]
"0x7" [label="t3"]
"0xe3" [label="LINK", shape=ellipse]
"0xe3" -> "0x7"
"0x8" -> "0xe3" [arrowhead=none style=dotted]
"0x8" [label="stage"]
}
)";

/// The owner of an object, as its path tells.
std::optional<std::string> owner(const std::string& output) {
  for (const char* target : {"t1", "t2", "t3", "lib"})
    if (output.find(fmt::format("CMakeFiles/{}.dir/", target)) != output.npos) return target;
  return std::nullopt;
}

struct Answer {
  std::string failed;  ///< targets, each with the texts it was told
  int questions = 0;
};

Answer ask(const Words& targets, const Words& outputs, std::optional<std::string> graph = std::string(k_graph)) {
  std::vector<NinjaOutput::Failure> failures;
  for (const std::string& output : outputs) failures.push_back({{output}, output + ";"});
  Answer answer;
  const auto ask_graph = [&](const Words&) {
    ++answer.questions;
    return graph;
  };
  for (const TargetFailed& failed : targets_that_failed(targets, failures, owner, ask_graph))
    answer.failed += fmt::format("[{}: {}]", failed.target, failed.output);
  return answer;
}

}  // namespace

TEST_CASE("ninja's graph: what cannot be made without a file") {
  const NinjaGraph graph(k_graph);
  const auto made_from = [&](const Words& outputs) {
    const std::set<std::string> names = graph.made_from(outputs);
    return show({names.begin(), names.end()});
  };
  CHECK(made_from({"CMakeFiles/lib.dir/l.c.o"}) == "[CMakeFiles/lib.dir/l.c.o][lib.a][sub/t2][t1][t2]");
  CHECK(made_from({"stage"}) == "[stage][t3]");
  CHECK(made_from({"sub/t2", "t1"}) == "[sub/t2][t1][t2]");
  CHECK(made_from({"nobody knows it"}) == "");
}

TEST_CASE("ninja's graph cut at any place is no harm") {
  for (std::size_t size = 0; size < k_graph.size(); ++size) CHECK(NinjaGraph(k_graph.substr(0, size)).made_from({"lib.a"}).size() <= 4);
}

TEST_CASE("ninja: targets that each have a failure of their own cost no question") {
  const Answer answer = ask({"t1", "t2"}, {"CMakeFiles/t1.dir/t.c.o", "sub/CMakeFiles/t2.dir/t.c.o", "sub/CMakeFiles/t2.dir/u.c.o"});
  CHECK(answer.failed == "[t1: CMakeFiles/t1.dir/t.c.o;][t2: sub/CMakeFiles/t2.dir/t.c.o;sub/CMakeFiles/t2.dir/u.c.o;]");
  CHECK(answer.questions == 0);
}

TEST_CASE("ninja: all other failures cost one question together") {
  SUBCASE("a library") {
    const Answer answer = ask({"t1", "t2", "t3"}, {"CMakeFiles/lib.dir/l.c.o", "CMakeFiles/t1.dir/t.c.o"});
    CHECK(answer.failed == "[t1: CMakeFiles/lib.dir/l.c.o;CMakeFiles/t1.dir/t.c.o;][t2: CMakeFiles/lib.dir/l.c.o;]");
    CHECK(answer.questions == 1);
  }
  SUBCASE("what only orders the build") { CHECK(ask({"t1", "t2", "t3"}, {"stage"}).failed == "[t3: stage;]"); }
  SUBCASE("two thousand") {
    Words outputs;
    for (int i = 0; i < 2000; ++i) outputs.push_back(fmt::format("CMakeFiles/other.dir/{}.o", i));
    const Answer answer = ask({"t1", "t2", "t3"}, outputs);
    CHECK(answer.failed.empty());
    CHECK(answer.questions == 1);
  }
}

TEST_CASE("ninja: without an answer nothing is taken to be ready") {
  CHECK(ask({"t1", "t3"}, {"lib.a"}, std::nullopt).failed == "[t1: lib.a;][t3: lib.a;]");
}

TEST_CASE("ninja: a failure in red has the same outputs") {
  CHECK(ninja_failed_outputs("\x1b[31mFAILED: \x1b[0ma.o ") == "a.o");
  CHECK(ninja_failed_outputs("\x1b[31mFAILED: \x1b[0m[code=1] a.o b.o ") == "a.o b.o");
  CHECK_FALSE(ninja_failed_outputs("\x1b[31mNOT FAILED: a.o"));
}
