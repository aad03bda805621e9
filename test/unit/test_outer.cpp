#include <doctest/doctest.h>

#include "build/outer.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

TEST_CASE("the goals in a build tool's command line") {
  struct Row {
    std::string command;
    std::string goals;
  };
  for (const Row& row : {
           Row{"ninja", ""},
           Row{"ninja check", "[check]"},
           Row{"/usr/bin/ninja all check", "[all][check]"},
           Row{"ninja -C build -j 4 -k 0 -l 3 -f build.ninja -d stats -w dupbuild=err -v check", "[check]"},
           Row{"ninja -Cbuild -j4 -k0 --verbose --quiet -n check", "[check]"},
           Row{"ninja a=b check", "[a=b][check]"},
           Row{"ninja-build check", "[check]"},
           Row{"samu check", "[check]"},
           Row{"make", ""},
           Row{"make all check", "[all][check]"},
           Row{"/usr/bin/gmake -f Makefile -j4 check", "[check]"},
           Row{"make -j check", "[check]"},
           Row{"make -j 4 check", "[check]"},
           Row{"make -l 2.5 check", "[check]"},
           Row{"make -C build -k -s -I inc -o old -W new check", "[check]"},
           Row{"make VERBOSE=1 check CXX=g++", "[check]"},
           Row{"make -f CMakeFiles/Makefile2 check", "[check]"},
           Row{"sh -c check all", ""},
           Row{"python3 ninja check all", ""},
       }) {
    CAPTURE(row.command);
    std::string goals;
    CHECK(show(goals_of([&] {
            Words words;
            std::string word;
            for (const char c : row.command + " ") {
              if (c != ' ') {
                word += c;
              } else {
                words.push_back(std::exchange(word, {}));
              }
            }
            return words;
          }())) == row.goals);
  }
  CHECK(goals_of({}).empty());
}

TEST_CASE("the separate value of a long option is no goal") {
  CHECK(show(goals_of({"make", "--directory", "build", "check"})) == "[check]");
  CHECK(show(goals_of({"make", "--file", "Makefile", "check"})) == "[check]");
  CHECK(show(goals_of({"make", "--directory=build", "--jobs=4", "check"})) == "[check]");
}

TEST_CASE("the separate value behind joined short options is no goal") {
  CHECK(show(goals_of({"make", "-kj", "4", "check"})) == "[check]");
  CHECK(show(goals_of({"make", "-kC", "build", "check"})) == "[check]");
  CHECK(show(goals_of({"ninja", "-vC", "build", "check"})) == "[check]");
}
