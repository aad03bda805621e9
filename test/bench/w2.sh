#!/bin/sh
# Usage: w2.sh <ptests> [runs]
#
# W2: what knowing the tests is worth, in one interleaved run (5 rounds).
# - asleep: 200 tests that sleep 0.1 s, on all processors: one after the other 20 s. From the second run on ptests knows that they need no
#   processor and runs as many at a time as --max-running says (16 on 2 processors); the bound is 200 x 0.1 s / 16.
# - skewed: 200 tests of 0.01 to 0.1 s and one of 2 s at the very end, 8 at a time; no schedule can be shorter than the longest test or an
#   eighth of all (the LPT bound).
# "first" runs know nothing, "second" ones have the history (ctest: CTestCostData.txt) of the runs before.
# Exit code 1 when a goal is missed.
bench=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$bench/common.sh"

take_arguments "w2.sh <ptests> [runs]" "$@"

load=$(load)
make_work_folder
build_programs
cd "$work"

seq 200 | awk '{ print 0.1 }' >asleep.times
{ seq 200 | awk '{ printf "%.4f\n", 0.01 + 0.09 * (($1 * 77) % 200) / 199 }'; echo 2; } >skewed.times

for suite in asleep skewed; do
  mkdir "ctest-$suite" "$suite"
  awk -v sleep="$(command -v sleep)" '{ printf "add_test(t.%d \"%s\" %s)\n", NR, sleep, $1 }' $suite.times >"ctest-$suite/CTestTestfile.cmake"
  make_cache "ctest-$suite"
  {
    printf 'cmake_minimum_required(VERSION 3.25)\nproject(w2 LANGUAGES NONE)\nset(EXECUTOR "%s")\nset(REPOSITORY "%s")\n' "$ptests" "$bench/../.."
    echo 'include("${REPOSITORY}/test/cmake/projects/module.cmake")'
    awk -v sleep="$(command -v sleep)" '{ printf "add_parallel_test(NAME t.%d SUITE w2 COMMAND \"%s\" %s)\n", NR, sleep, $1 }' $suite.times
  } >"$suite/CMakeLists.txt"
  cmake -G Ninja -S "$suite" -B "ptests-$suite" >configure.log 2>&1 || die "cannot configure: $(cat configure.log)"
  mkdir "make-$suite" "lit-$suite"
  awk '{ printf ".PHONY: t%d\nall: t%d\nt%d:\n\t@sleep %s\n", NR, NR, NR, $1 }' $suite.times >"make-$suite/Makefile"
  n=0
  while read -r time; do
    n=$((n + 1))
    printf '#!/bin/sh\nexec sleep %s\n' "$time" >"lit-$suite/$(printf 't%03d.test' $n)"
  done <$suite.times
  chmod +x "lit-$suite"/*.test
  printf 'import lit.formats\nconfig.name = "bench"\nconfig.suffixes = [".test"]\nconfig.test_format = lit.formats.ExecutableTest()\n' >"lit-$suite/lit.cfg"
done

lit=${LIT:-}
if [ -z "$lit" ] && [ -f /usr/lib/llvm-14/build/utils/lit/lit.py ]; then lit="python3 /usr/lib/llvm-14/build/utils/lit/lit.py"; fi

run() { # run <suite> <jobs> <runner>
  case $3 in
    first)
      rm -f "ptests-$1/paralleltests/"history.db* "ptests-$1/paralleltests/"events*.jsonl
      measure "$1 first" "$ptests" run -B "ptests-$1" -j "$2"
      ;;
    second) measure "$1 second" "$ptests" run -B "ptests-$1" -j "$2" ;;
    ctest) measure "$1 ctest" ctest --test-dir "ctest-$1" -j "$2" ;;
    make) measure "$1 make" make -s -C "make-$1" -j "$2" ;;
    lit) measure "$1 lit" $lit -q -j "$2" "lit-$1" ;;
  esac
}

runners="first second ctest make"
[ -z "$lit" ] || runners="$runners lit"
ctest --test-dir ctest-skewed -j 8 >/dev/null
: >samples
for _ in $(seq "$runs"); do
  for runner in $runners; do
    run asleep "$(nproc)" $runner
    run skewed 8 $runner
  done
done

summary wall >table
echo "W2: medians of $runs interleaved rounds"
echo "$load"
echo
processors=$(nproc)
awk -F '\t' -v processors="$processors" -v sum="$(awk '{ s += $1 } END { print s }' skewed.times)" '
  BEGIN {
    most = 8 * processors > 16 ? 8 * processors : 16
    bound["asleep"] = 200 * 0.1 / most
    bound["skewed"] = sum / 8 > 2 ? sum / 8 : 2
    label["first"] = "ptests, first run"; label["second"] = "ptests, second run"; label["ctest"] = "ctest"; label["make"] = "make"; label["lit"] = "lit"
    printf "%-30s %10s %10s %9s\n", "", "median s", "min s", "x bound"
  }
  {
    split($1, name, " ")
    ratio[$1] = $2 / 1e9 / bound[name[1]]
    printf "%-30s %10.3f %10.3f %9.3f\n", name[1] " " label[name[2]], $2 / 1e9, $3 / 1e9, ratio[$1]
  }
  function goal(text, met) {
    printf "%-70s %s\n", text, met ? "met" : "MISSED"
    if (!met) missed = 1
  }
  END {
    print ""
    goal(sprintf("asleep, second run: %.3fx the bound; goal: <= 1.15", ratio["asleep second"]), ratio["asleep second"] <= 1.15)
    goal(sprintf("skewed, second run: %.3fx the LPT bound; goal: <= 1.03", ratio["skewed second"]), ratio["skewed second"] <= 1.03)
    exit missed
  }' table
