#!/bin/sh
# Usage: w3.sh <ptests> [runs]
#
# W3: 1,000 trivial cases in one executable, doctest and GoogleTest, in one interleaved run (5 rounds after a warm-up):
#   alone     the executable by itself, which is the floor
#   ptests    each case a test, two processes at a time, once more with ten cases that crash
#   ctest     one CTest test a case, as doctest_discover_tests and gtest_discover_tests make them, ctest -j2
# Exit code 1 when a goal is missed.
bench=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$bench/common.sh"

take_arguments "w3.sh <ptests> [runs]" "$@"

load=$(load)
count=1000
make_work_folder
build_programs
cd "$work"

# cases <framework> <how many crash>: a source.
cases() {
  case $1 in
    doctest) echo '#include <doctest/doctest.h>' ;;
    gtest) echo '#include <gtest/gtest.h>' ;;
  esac
  echo '#include <csignal>'
  awk -v framework="$1" -v count=$count -v crashes="$2" 'BEGIN {
    for (i = 1; i <= count; ++i) {
      crash = crashes > 0 && i % (count / crashes) == 50 ? "std::raise(SIGSEGV);" : ""
      if (framework == "doctest") printf "TEST_CASE(\"case %d\") { %s CHECK(true); }\n", i, crash
      else printf "TEST(Cases, n%d) { %s EXPECT_TRUE(true); }\n", i, crash
    }
  }'
}

cat >CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.25)
project(w3 LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 17)
set(EXECUTOR "$ptests")
set(REPOSITORY "$bench/../..")
include("\${REPOSITORY}/test/cmake/projects/module.cmake")
find_package(doctest REQUIRED)
find_package(GTest REQUIRED)
set(doctest_library doctest::doctest)
set(gtest_library GTest::gtest)
foreach(framework IN ITEMS doctest gtest)
  foreach(kind IN ITEMS clean crashing)
    add_parallel_test_suite(\${framework}_\${kind} SOURCES \${framework}_\${kind}.cpp FRAMEWORK \${framework} LINK_LIBRARIES \${\${framework}_library})
  endforeach()
endforeach()
END
for framework in doctest gtest; do
  cases $framework 0 >${framework}_clean.cpp
  cases $framework 10 >${framework}_crashing.cpp
done
{ cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build; } >build.log 2>&1 || die "cannot build: $(tail -n 20 build.log)"

# What the discover functions of the frameworks write.
for framework in doctest gtest; do
  mkdir ctest-$framework
  program=$work/build/${framework}_clean.${framework}_clean
  awk -v framework=$framework -v program="$program" -v count=$count 'BEGIN {
    for (i = 1; i <= count; ++i)
      if (framework == "doctest") printf "add_test(\"case %d\" \"%s\" \"--test-case=case %d\")\n", i, program, i
      else printf "add_test(Cases.n%d \"%s\" --gtest_filter=Cases.n%d --gtest_also_run_disabled_tests)\n", i, program, i
  }' >ctest-$framework/CTestTestfile.cmake
  make_cache ctest-$framework
done

# of_cases <framework> <kind>: all of them must have a result; crashing ones fail the run.
of_cases() {
  name=$1_$2
  "$work/measure" "$work/samples" "$1 $2" "$ptests" run -B build --no-build -j 2 --suite "$name" </dev/null >"$name.out" 2>&1 || :
  grep -q " tests failed out of $count\$" "$name.out" || die "not all of $name ran: $(tail -n 15 "$name.out")"
}

run() { # run <framework>
  measure "$1 alone" "build/$1_clean.$1_clean"
  of_cases "$1" clean
  of_cases "$1" crashing
  grep -q "^99% tests passed, 10 tests failed" "$1_crashing.out" || die "not 10 of $1 crashed: $(tail -n 15 "$1_crashing.out")"
  measure "$1 ctest" ctest --test-dir "ctest-$1" -j 2
}

for framework in doctest gtest; do run $framework; done
: >samples
for _ in $(seq "$runs"); do
  for framework in doctest gtest; do run $framework; done
done

summary wall >table
echo "W3: $count cases; medians of $runs interleaved rounds after a warm-up"
echo "$load"
echo
awk -F '\t' '
  BEGIN { printf "%-24s %10s %10s %8s\n", "", "median ms", "min ms", "x alone" }
  {
    split($1, words, " ")
    if (words[2] == "alone") alone[words[1]] = $2
    wall[$1] = $2
    printf "%-24s %10.1f %10.1f %8.2f\n", $1, $2 / 1e6, $3 / 1e6, $2 / alone[words[1]]
  }
  function goal(text, met) { printf "%-72s %s\n", text, met ? "met" : "MISSED"; if (!met) missed = 1 }
  END {
    print ""
    for (framework in alone) {
      floor = alone[framework]; clean = wall[framework " clean"]
      goal(sprintf("%s: %.1f ms; goal: <= 4 x alone + 20 ms = %.1f", framework, clean / 1e6, (4 * floor + 20e6) / 1e6), clean <= 4 * floor + 20e6)
      goal(sprintf("%s: ctest takes %.0fx as long; goal: >= 40", framework, wall[framework " ctest"] / clean), wall[framework " ctest"] >= 40 * clean)
      most = 3 * clean + 10 * floor
      goal(sprintf("%s, 10 crashes: %.1f ms; goal: <= 3 x clean + 10 processes = %.1f", framework, wall[framework " crashing"] / 1e6, most / 1e6), wall[framework " crashing"] <= most)
    }
    exit missed
  }' table
