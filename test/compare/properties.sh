#!/bin/sh
# Usage: properties.sh <ptests> [<module folder>]
#
# Runs the project properties/ through the real ctest and through ptests and compares them test by test. With a module folder
# the project's tests are made by add_parallel_test, and ptests reads its manifest; without, it imports them from ctest.
compare=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$compare/common.sh"

[ $# -ge 1 ] || die "usage: properties.sh <ptests> [<module folder>]"
ptests=$(absolute "$1")
module=${2:+$(cd "$2" && pwd)}

make_work_folder
build=$work/build
COMPARE_INHERITED=inherited
export COMPARE_INHERITED
unset COMPARE_UNSET

run_quietly "configure" cmake -S "$compare/properties" -B "$build" -G Ninja \
  ${module:+"-DCOMPARE_MODULE=$module" "-DCOMPARE_PTESTS=$ptests"}
run_quietly "build" ninja -C "$build" -j 2

before_run() {
  rm -f "$build/journal" "$build/made"
}

# What the journal says about locks, serial tests, processors, dependencies and fixtures. ctest's own journal passes too, which
# shows that the check is right.
after_run() {
  awk -f "$compare/journal.awk" "$build/journal" >"$results/$1.journal" || {
    cat "$results/$1.journal"
    differences=$((differences + 1))
    echo "WRONG ORDER by $1, see above; its journal:"
    cat "$build/journal"
  }
}

differences=0
run_both "$work/results" "$ptests" "$build"
compare_all "$work/results"

# ctest --rerun-failed after our run means the tests that failed in our run. (-FA: without the fixtures it would pull in.)
ctest --test-dir "$build" --rerun-failed -N -FA . | sed -n 's/^ *Test *#\([0-9]*\): \(.*\)/\1:\2/p' | sort >"$work/results/ctest.rerun"
cp "$work/results/ptests.LastTestsFailed" "$work/results/ptests.rerun"
same "$work/results" rerun "ctest --rerun-failed after ptests"

conclude "properties${module:+ (manifest)}"
