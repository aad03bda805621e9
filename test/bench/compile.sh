#!/bin/sh
# Usage: compile.sh [runs] [--tests N] [--output FILE]
#
# What MAIN and PRECOMPILE_HEADERS of add_parallel_test_suite save: a suite of N (default 60) doctest files is built from clean
# by `ninja -j <processors>` in four variants, every variant once a round (3 rounds), so that the ratios hold on a noisy machine;
# those of the CPU time hold best. No build type, no compiler cache. Before the rounds one test of each variant is built; after
# them the tests that pass are counted. FILE gets the table as TSV.
bench=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$bench/common.sh"

tests=60
runs=3
output=
while [ $# -gt 0 ]; do
  case $1 in
    --output)
      [ $# -ge 2 ] || die "--output needs a file"
      case $2 in /*) output=$2 ;; *) output=$PWD/$2 ;; esac
      shift
      ;;
    --tests)
      [ $# -ge 2 ] || die "--tests needs a number"
      tests=$2
      shift
      ;;
    -*) die "unknown option $1" ;;
    *) runs=$1 ;;
  esac
  shift
done
check_number runs "$runs"
check_number --tests "$tests"

load=$(load)
jobs=$(nproc)
ignore_settings
make_work_folder
build_programs
cd "$work"

# --- the suite -------------------------------------------------------------------------------------------------------

# test_source <number>: four cases over the standard containers.
test_source() {
  cat <<CPP
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Item {
  std::string name;
  int weight;
};

std::vector<Item> items() { return {{"one", $1}, {"two", $1 + 1}, {"three", $1 + 2}}; }

}  // namespace

TEST_CASE("$1: items are sorted by weight") {
  auto all = items();
  std::sort(all.begin(), all.end(), [](const Item& left, const Item& right) { return left.weight > right.weight; });
  CHECK(all.front().name == "three");
  CHECK(all.back().weight == $1);
}

TEST_CASE("$1: items are found by name") {
  std::map<std::string, int> weights;
  for (const Item& item : items()) weights[item.name] = item.weight;
  REQUIRE(weights.size() == 3);
  CHECK(weights.at("two") == $1 + 1);
  CHECK(weights.count("four") == 0);
  CHECK_THROWS(weights.at("four"));
}

TEST_CASE("$1: items are written and read") {
  std::stringstream stream;
  for (const Item& item : items()) stream << item.name << ' ' << item.weight << '\n';
  std::string name;
  int weight = 0;
  stream >> name >> weight;
  REQUIRE(stream.good());
  CHECK(name == "one");
  CHECK(weight == $1);
}

TEST_CASE("$1: names are joined") {
  std::string joined;
  for (const Item& item : items()) joined += (joined.empty() ? "" : ", ") + item.name;
  CHECK(joined == "one, two, three");
  SUBCASE("and cut") { CHECK(joined.substr(0, joined.find(',')) == "one"); }
}
CPP
}

# The second macro is for doctest's header precompiled without the first.
implement='#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#define DOCTEST_CONFIG_IMPLEMENT'
mkdir own shared
printf '%s\n#include <doctest/doctest.h>\n' "$implement" >main.cpp
for n in $(seq "$tests"); do
  test_source "$n" >"shared/test_$n.cpp"
  { echo "$implement" && cat "shared/test_$n.cpp"; } >"own/test_$n.cpp"
done

# --- the variants ----------------------------------------------------------------------------------------------------

headers='<doctest/doctest.h>;<algorithm>;<map>;<sstream>;<string>;<vector>'
variants="own main headers both"

# configure_suite <variant> <folder of the sources> <MAIN> <PRECOMPILE_HEADERS>
configure_suite() {
  cmake -S "$bench/suite" -B "build-$1" -G Ninja "-DBENCH_MODULE=$bench/../../cmake" "-DBENCH_SOURCES=$work/$2/*.cpp" \
    "-DBENCH_MAIN=$3" "-DBENCH_HEADERS=$4" >configure.log 2>&1 || {
    cat configure.log >&2
    die "cannot configure the variant $1"
  }
}
configure_suite own own "" ""
configure_suite main shared "$work/main.cpp" ""
configure_suite headers own "" "$headers"
configure_suite both shared "$work/main.cpp" "$headers"

clean() {
  ninja -C "build-$1" clean >clean.log || die "cannot clean the variant $1"
}

for variant in $variants; do
  measure "$variant" ninja -C "build-$variant" -j "$jobs" unit.test_1
done
: >samples
for _ in $(seq "$runs"); do
  for variant in $variants; do
    clean "$variant"
    measure "$variant" ninja -C "build-$variant" -j "$jobs"
  done
done
for variant in $variants; do
  ctest --test-dir "build-$variant" -j "$jobs" >ctest.log 2>&1 || :
  grep -q "^100% tests passed, 0 tests failed out of $tests\$" ctest.log || {
    tail -n 20 ctest.log >&2
    die "variant $variant: not every test passes"
  }
done

# --- the table -------------------------------------------------------------------------------------------------------

label() {
  case $1 in
    own) echo "a main of its own in each file" ;;
    main) echo "MAIN" ;;
    headers) echo "PRECOMPILE_HEADERS" ;;
    both) echo "MAIN and PRECOMPILE_HEADERS" ;;
  esac
}

# name, median and minimum of the wall time, median of the CPU time
summary wall | cut -f 1-3 >wall.tsv
summary cpu | cut -f 2 >cpu.tsv
paste wall.tsv cpu.tsv >table
echo "Build of a suite of $tests doctest files from clean, $jobs jobs; medians of $runs interleaved rounds"
echo "$load"
echo
printf '%-32s %10s %10s %10s %10s %10s\n' variant "wall s" "min s" "x own" "CPU s" "x own"
awk -F '\t' '
  BEGIN {
    label["own"] = "a main of its own in each file"
    label["main"] = "MAIN"
    label["headers"] = "PRECOMPILE_HEADERS"
    label["both"] = "MAIN and PRECOMPILE_HEADERS"
  }
  NR == 1 { wall = $2; cpu = $4 }
  { printf "%-32s %10.1f %10.1f %10.2f %10.1f %10.2f\n", label[$1], $2 / 1e9, $3 / 1e9, $2 / wall, $4 / 1e9, $4 / cpu }' table

if [ -n "$output" ]; then
  { printf 'variant\tmedian_ns\tmin_ns\tcpu_median_ns\n' && cat table; } >"$output"
  echo "written: $output"
fi
