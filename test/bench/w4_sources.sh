# shellcheck shell=sh disable=SC2154
# The sources of W4 (w4.sh); sourced after common.sh.

# write_w4_sources <number of tests> <shared|own>: library/, tests/ and main.cpp in the current folder; with `own` each test has a main.
write_w4_sources() {
  mkdir library tests
  cat >library/work.hpp <<'CPP'
#pragma once
#include <string>
std::string name_of(int number);
void sleep_for_a_second();
void work_for_a_second();
CPP
  cat >library/work.cpp <<'CPP'
#include "work.hpp"
#include <time.h>
#include <unistd.h>
void sleep_for_a_second() { usleep(1000000); }
// A second of CPU time, however busy the machine is.
void work_for_a_second() {
  timespec now{};
  do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  while (now.tv_sec < 1);
}
CPP
  cat >library/names.cpp <<'CPP'
#include "work.hpp"
std::string name_of(int number) { return "number " + std::to_string(number); }
CPP
  implement='#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN'
  printf '%s\n#include <doctest/doctest.h>\n' "$implement" >main.cpp
  for n in $(seq "$1"); do
    {
      [ "$2" = shared ] || echo "$implement"
      w4_test_source "$n"
    } >"tests/test_$n.cpp"
  done
}

# w4_test_source <number>: five cases; every third file has a regex, every second one a map.
w4_test_source() {
  echo '#include <doctest/doctest.h>'
  [ $(($1 % 3)) -ne 0 ] || echo '#include <regex>'
  [ $(($1 % 2)) -ne 0 ] || echo '#include <map>'
  echo '#include "work.hpp"'
  if [ $(($1 % 2)) -eq 0 ]; then what=sleep; else what=work; fi
  echo "TEST_CASE(\"$1: takes its time\") { ${what}_for_a_second(); }"
  for case in 2 3 4; do echo "TEST_CASE(\"$1: case $case\") { CHECK(name_of($1$case) == \"number $1$case\"); }"; done
  if [ $(($1 % 3)) -eq 0 ]; then
    echo "TEST_CASE(\"$1: regex\") { CHECK(std::regex_match(name_of($1), std::regex(\"[a-z]+ [0-9]+\"))); }"
  elif [ $(($1 % 2)) -eq 0 ]; then
    echo "TEST_CASE(\"$1: map\") { std::map<std::string, int> m{{name_of($1), $1}}; CHECK(m.at(\"number $1\") == $1); }"
  else
    echo "TEST_CASE(\"$1: string\") { CHECK(name_of($1).size() > 7); }"
  fi
}
