#!/bin/sh
# Usage: selection.sh <ptests> [<module folder>]
#
# Runs the project selection/ through ctest and through ptests once for every line of selection.txt (options, separated by tabs;
# an option and its value by the first space) and compares which tests ran: by name, because ctest renumbers the tests after -E. The module folder is as for properties.sh.
compare=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$compare/common.sh"

[ $# -ge 1 ] || die "usage: selection.sh <ptests> [<module folder>]"
ptests=$(absolute "$1")
module=${2:+$(cd "$2" && pwd)}

make_work_folder
run_quietly "configure" cmake -S "$compare/selection" -B "$work/build" -G Ninja \
  ${module:+"-DCOMPARE_MODULE=$module" "-DCOMPARE_PTESTS=$ptests"}

tab=$(printf '\t')
differences=0
lines=0
while IFS= read -r line <&3; do
  # A manifest is for one configuration.
  case "${module:+manifest} $line" in manifest*-C*) continue ;; esac
  lines=$((lines + 1))
  set --
  rest=$line$tab
  while [ -n "$rest" ]; do
    option=${rest%%"$tab"*}
    rest=${rest#*"$tab"}
    set -- "$@" "${option%% *}" "${option#* }"
  done
  ctest_code=0
  ctest --test-dir "$work/build" -j 2 "$@" >"$work/ctest.out" 2>&1 || ctest_code=$?
  ptests_code=0
  "$ptests" run -B "$work/build" --no-build -j 2 "$@" >"$work/ptests.out" 2>&1 || ptests_code=$?
  for runner in ctest ptests; do
    awk -f "$compare/outcomes.awk" "$work/$runner.out" | cut -f 2- | sort >"$work/$runner.outcomes"
  done

  # No match is an error of its own for ptests, and a success for ctest.
  [ $ctest_code -ne 8 ] || ctest_code=1
  if grep -q '^No tests were found' "$work/ctest.out"; then ctest_code=4; fi
  if [ $ctest_code -ne $ptests_code ] || ! diff "$work/ctest.outcomes" "$work/ptests.outcomes" >"$work/diff"; then
    differences=$((differences + 1))
    echo "DIFFERENT: $line (exit: ctest $ctest_code, ptests $ptests_code; < ctest, > ptests)"
    diff "$work/ctest.outcomes" "$work/ptests.outcomes" || :
    tail -n 5 "$work/ptests.out"
  fi
done 3<"$compare/selection.txt"

echo "$lines selections compared"
conclude "selection${module:+ (manifest)}"
