#!/bin/sh
# Usage: bundle.sh [runs] [--tests N] [--build-type TYPE]
#
# What BUNDLE of add_parallel_test_suite saves: the sources of W4 (w4.sh, 40 doctest files with a shared main, and a library) as an
# executable each, as four, two and one. `ninja -j <processors>`, no compiler cache:
#   build   from clean, once
#   link    all executables anew, the objects are there; median of interleaved rounds (5)
#   touch   after a change of one source; median of interleaved rounds
#   disk    the executables together
bench=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$bench/common.sh"
# shellcheck source-path=SCRIPTDIR source=w4_sources.sh
. "$bench/w4_sources.sh"

tests=40
runs=5
build_type=
while [ $# -gt 0 ]; do
  case $1 in
    --tests)
      [ $# -ge 2 ] || die "--tests needs a number"
      tests=$2
      shift
      ;;
    --build-type)
      [ $# -ge 2 ] || die "--build-type needs a word"
      build_type=$2
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
write_w4_sources "$tests" shared

cat >CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.25)
project(bundle LANGUAGES CXX)
set(EXECUTOR "")
set(REPOSITORY "$bench/../..")
include("\${REPOSITORY}/test/cmake/projects/module.cmake")
set(CMAKE_CXX_STANDARD 17)
set(ParallelTests_LAUNCHER OFF)
add_library(work STATIC library/work.cpp library/names.cpp)
target_include_directories(work PUBLIC library)
add_parallel_test_suite(unit SOURCES tests/*.cpp MAIN main.cpp FRAMEWORK doctest LINK_LIBRARIES work \${BUNDLE})
END

# --- the variants ----------------------------------------------------------------------------------------------------

variants="apart bundle4 bundle2 bundle1"
for variant in $variants; do
  number=${variant#bundle}
  bundle=
  [ "$variant" = apart ] || bundle="BUNDLE;$number"
  cmake -S . -B "$variant" -G Ninja "-DBUNDLE=$bundle" "-DCMAKE_BUILD_TYPE=$build_type" >configure.log 2>&1 || {
    cat configure.log >&2
    die "cannot configure the variant $variant"
  }
done

executables() { find "$1" -maxdepth 1 -type f -name 'unit.*'; }

: >samples
for variant in $variants; do measure "build $variant" ninja -C "$variant" -j "$jobs"; done
for _ in $(seq "$runs"); do
  for variant in $variants; do
    # shellcheck disable=SC2046
    rm $(executables "$variant")
    measure "link $variant" ninja -C "$variant" -j "$jobs"
  done
  for variant in $variants; do
    touch tests/test_1.cpp
    measure "touch $variant" ninja -C "$variant" -j "$jobs"
  done
done
for variant in $variants; do
  "$(executables "$variant" | sort | sed 1q)" --count >count.log || die "variant $variant does not run"
done

# --- the table -------------------------------------------------------------------------------------------------------

summary wall | cut -f 1,2 >wall.tsv
summary cpu | cut -f 2 >cpu.tsv
paste wall.tsv cpu.tsv >table
for variant in $variants; do
  # shellcheck disable=SC2002,SC2046
  printf 'disk %s\t%s\t%s\n' "$variant" "$(cat $(executables "$variant") | wc -c)" "$(executables "$variant" | wc -l)"
done >>table
echo "The executables of $tests doctest files (W4), $jobs jobs, build type \"$build_type\"; medians of $runs interleaved rounds"
echo "$load"
echo
awk -F '\t' '
  { split($1, words, " "); wall[words[1] " " words[2]] = $2; cpu[words[1] " " words[2]] = $3; if (!seen[words[2]]++) order[++count] = words[2] }
  END {
    printf "%-12s %9s %9s %9s %9s %9s %9s %9s %9s %9s\n", "executables", "build s", "CPU s", "link s", "CPU s", "x apart", "touch s", "CPU s", "disk MiB", "x apart"
    for (i = 1; i <= count; ++i) {
      v = order[i]
      printf "%-12d %9.2f %9.2f %9.2f %9.2f %9.2f %9.2f %9.2f %9.2f %9.2f\n", cpu["disk " v], wall["build " v] / 1e9, cpu["build " v] / 1e9,
        wall["link " v] / 1e9, cpu["link " v] / 1e9, wall["link " v] / wall["link apart"], wall["touch " v] / 1e9, cpu["touch " v] / 1e9,
        wall["disk " v] / 1048576, wall["disk " v] / wall["disk apart"]
    }
  }' table
