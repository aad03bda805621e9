#!/bin/sh
# Usage: real_cases.sh <ptests> <project> [<folder>]
#
# Test executables of a real library, as Debian has its source: what ptests finds out about each case, many a process and one a process,
# with the framework's own output and with our listener, is what the case does when the framework's own filter runs it alone.
# <folder>/<project>.cases keeps source and build for the next time; without it they are temporary.
compare=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$compare/common.sh"
# shellcheck source-path=SCRIPTDIR source=fetch.sh
. "$compare/fetch.sh"

[ $# -ge 2 ] || die "usage: real_cases.sh <ptests> <project> [<folder>]"
ptests=$(absolute "$1")
project=$2
folder=${3:+$3/$project.cases}

# The framework, the executables, the fewest cases they must have, and CMake options of the library.
source=
apart='^$'
case $project in
  yaml-cpp)
    framework=gtest header=gtest/gtest.h fewest=900 targets=yaml-cpp-tests
    set -- -DYAML_CPP_BUILD_TESTS=ON -DYAML_CPP_BUILD_TOOLS=OFF
    ;;
  googletest)
    framework=gtest header=gtest/gtest.h fewest=800 source=/usr/src/googletest
    targets="gtest_unittest;googletest-param-test-test;googletest-printers-test;gtest-typed-test_test;gtest_skip_test;gmock-spec-builders_test"
    # What these do depends on which others run in their process, or is found to be wrong only behind them, which fails the executable.
    apart='^googletest-param-test-test(/.*(ParameterizedDerivedTest.SeesSequence|SeparateInstanceTest|/TestGenerationTest)|[^/]*$)'
    set -- -Dgtest_build_tests=ON -Dgmock_build_tests=ON
    ;;
  doctest)
    framework=doctest header=doctest/doctest.h fewest=100 targets=all_features
    set --
    ;;
  nlohmann-json3)
    framework=doctest header=doctest.h fewest=70
    targets=$(printf ';test-%s_cpp11' udt udt_macro user_defined_input deserialization serialization element_access2 allocator conversions \
      items hash to_chars bson)
    targets=${targets#;}
    set -- -DJSON_BuildTests=ON -DJSON_FastTests=ON
    ;;
  *) die "unknown project $project; known: yaml-cpp, googletest, doctest, nlohmann-json3" ;;
esac

make_work_folder
[ -n "$folder" ] || folder=$work
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
[ -n "$source" ] || {
  source=$folder/source
  [ -f "$source/CMakeLists.txt" ] || fetch
}
# Its own doctest is 2.4.6, which does not tell which cases are left out.
[ "$project" != nlohmann-json3 ] || ln -sf /usr/include/doctest/doctest.h "$source/tests/thirdparty/doctest/doctest.h"
build=$folder/build
run_quietly "configure" cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=None "$@" "-DREPOSITORY=$compare/../.." \
  "-DEXECUTOR=$ptests" "-DCMAKE_PROJECT_INCLUDE=$compare/real_cases.cmake" "-DTARGETS=$targets" "-DFRAMEWORK=$framework" "-DHEADER=$header"
targets=$(echo "$targets" | tr ';' ' ')
# shellcheck disable=SC2086,SC2046
run_quietly "build" ninja -C "$build" -j 2 $targets $(printf '%s.listened ' $targets)

tab=$(printf '\t')
now() { date +%s.%N; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.1f s", to - from }'; }

# executable <target>: its file.
executable() {
  file=$(ninja -C "$build" -t query "$1" | awk 'found && NF { print $1; exit } /^  input: phony/ { found = 1 }')
  echo "$build/${file:-$1}"
}

list_cases() {
  case $framework in
    gtest) "$1" --gtest_list_tests ;;
    doctest) "$1" --list-test-cases --order-by=file --reporters=xml ;;
  esac | awk -v framework=$framework -f "$compare/real_list.awk"
}

# run_alone <executable> <name> <which> <alike> <suite>: its output to $work/alone.log, its exit code is the executable's.
run_alone() {
  range=
  [ "$4" = 1 ] || range="--first=$3 --last=$3"
  # shellcheck disable=SC2086
  case $framework in
    gtest) set -- "$1" "--gtest_filter=$2" ;;
    doctest) set -- "$1" --order-by=file "--test-case=$(escaped "$2")" ${5:+"--test-suite=$(escaped "$5")"} $range ;;
  esac
  timeout 60 "$@" >"$work/alone.log" 2>&1 </dev/null
}
escaped() { printf '%s\n' "$1" | sed 's/[\\,]/\\&/g'; }

# verdict_alone <exit code> <alike>: of the run in $work/alone.log, which must have been of one case. doctest counts those that --first and
# --last leave out.
verdict_alone() {
  case $framework in
    gtest) one='^\[==========\] Running 1 test from 1 test suite\.' skipped='^\[  SKIPPED \] 1 test' ;;
    doctest) one="test cases: *$2 |" skipped='$.' ;;
  esac
  if [ "$1" -gt 128 ]; then
    echo crashed
  elif ! grep -q "$one" "$work/alone.log"; then
    echo "not one case"
  elif grep -q "$skipped" "$work/alone.log"; then
    echo skipped
  elif [ "$1" -eq 0 ]; then
    echo passed
  else
    echo failed
  fi
}

# verdicts <suite>: "<target>/<case> <tab> <status>" of the run before. A list of CMake would break names at semicolons and brackets.
verdicts() {
  sed -n 's/.*"event":"test_finished".*"name":"\(\([^"\\]\|\\.\)*\)".*"status":"\([a-z_]*\)".*/\1\t\3/p' \
    "$build/paralleltests/events.jsonl" | sed 's/\\"/"/g; s/\\\\/\\/g' | grep "^$1\." | grep -v "${tab}disabled$" |
    sed "s/^$1\.//; s,\.listened\(/\|$tab\),\1," | grep -vE "$apart" | LC_ALL=C sort
}

begin=$(now)
cd "$build"
for target in $targets; do
  file=$(executable "$target")
  [ -x "$file" ] || die "there is no executable $target"
  rm -f "$work/events"
  (export PTESTS_CASE_EVENTS="$work/events" && list_cases "$(executable "$target.listened")" >/dev/null)
  grep -q '^ptests 1 ' "$work/events" || die "$target.listened has no listener"
  list_cases "$file" >"$work/list"
  while IFS=$tab read -r ours name which alike suite <&3; do
    code=0
    run_alone "$file" "$name" "$which" "$alike" "$suite" || code=$?
    printf '%s/%s\t%s\n' "$target" "$ours" "$(verdict_alone $code "$alike")"
  done 3<"$work/list"
done >"$work/all"
grep -vE "$apart" "$work/all" | LC_ALL=C sort >"$work/alone"
cases=$(wc -l <"$work/alone")
[ "$cases" -ge "$fewest" ] || die "$project: only $cases cases, expected at least $fewest"
echo "$project: $cases cases, each alone: $(since "$begin")"
cut -f 2 "$work/alone" | sort | uniq -c

# compare_run <suite> <what> <option>... With `order_dependent=passed` a case that fails behind others, and passes alone, has passed.
differences=0
order_dependent=order_dependent
compare_run() {
  run=$1
  what="$1, $2"
  shift 2
  code=0
  begin=$(now)
  "$ptests" run -B "$build" --no-build --backtrace off -j 2 --suite "$run" "$@" >"$work/out" 2>&1 || code=$?
  [ $code -le 1 ] || {
    tail -n 20 "$work/out" >&2
    die "$what: ptests ended with $code"
  }
  echo "$what: $(since "$begin")"
  verdicts "$run" | sed "s/order_dependent$/$order_dependent/" >"$work/ptests"
  diff "$work/alone" "$work/ptests" >"$work/diff" || {
    differences=$((differences + 1))
    echo "DIFFERENT: $what (< alone, > ptests)"
    head -n 60 "$work/diff"
  }
}

rm -f "$build/paralleltests/history.db"*
for suite in own listened; do
  compare_run $suite "many a process"
  # By now it is known how long each takes: they are packed in another way.
  compare_run $suite "many a process, packed by what is known"
  # GoogleTest has cases of its own that fail behind some others.
  order_dependent=passed
  compare_run $suite "many a process, in a random order" --shuffle=1
  order_dependent=order_dependent
  compare_run $suite "one a process" --isolate
done
[ $differences -eq 0 ] || die "$project: $differences runs judged cases otherwise"
echo "$project: all runs judge each case as it is judged alone"
