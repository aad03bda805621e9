#!/bin/sh
# Usage: cases.sh <generator>; PTESTS_EXECUTABLE = the executor
# Cases of doctest, GoogleTest and Catch2 with and without our listener, of Boost.Test without one, many a process and one a process: each
# case is judged as the one table (projects/cases/expected.tsv) says, once. They are selected, run again and resumed as other tests are.
. "$(dirname "$0")/common.sh"
build=$tmp/build
configure "$here/projects/cases" "$build" -G "$1" "-DEXECUTOR=$PTESTS_EXECUTABLE"
events=$build/paralleltests/events.jsonl

# verdicts: "<suite>.<executable>/<case>\t<status>" of the last run, sorted.
verdicts() {
  # A list of CMake would break names at semicolons and brackets.
  sed -n 's/.*"event":"test_finished".*"name":"\(\([^"\\]\|\\.\)*\)".*"status":"\([a-z_]*\)".*/\1\t\3/p' "$events" |
    sed 's/\\"/"/g; s/\\\\/\\/g' | LC_ALL=C sort
}

# expect <column>: every row of the table for each suite its framework is in, and the executables that fail by themselves.
expect() {
  {
    awk -F '\t' -v column="$1" '!/^#/ {
        line = "." $1 "/" $2 "\t" $column
        print "own" line
        if ($1 != "boost") print "listened" line
      }' "$here/projects/cases/expected.tsv" | grep -v '^own\.catch2/exits'
    for suite in at_end at_end_own; do
      printf '%s.ends\tcrashed\n%s.ends/passes\tpassed\n%s.ends/passes too\tpassed\n' $suite $suite $suite
    done
    printf 'at_start.ends\tcrashed\n'
    # Catch2 itself crashes when a case calls exit() while it reports into a file.
    printf 'own.catch2/exits\tcrashed\n'
  } | LC_ALL=C sort
}

# check <3|4|any> <option>...: any = whoever shares a process with whom.
check() {
  column=$1
  shift
  "$PTESTS_EXECUTABLE" run -B "$build" "$@" >"$tmp/out" 2>&1 && fail "a run with failures passed"
  verdicts >"$tmp/got"
  if [ "$column" = any ]; then
    sed -i 's/order_dependent$/passed/' "$tmp/got"
    column=4
  fi
  expect "$column" >"$tmp/wanted"
  diff -u "$tmp/wanted" "$tmp/got" >"$tmp/diff" || fail "$*: $(cat "$tmp/diff")"
}

check 3
# By now it is known how long each takes: they are packed in another way.
check any --no-build
check 4 --no-build --isolate

# One case is selected as any test is, known from the runs before.
"$PTESTS_EXECUTABLE" run -B "$build" --no-build -R '^own.gtest/Matrix.passes$' >"$tmp/out" 2>&1 || fail "one case: $(cat "$tmp/out")"
[ "$(verdicts)" = "own.gtest/Matrix.passes	passed" ] || fail "one case was chosen, these ran: $(verdicts)"

# The list is asked for once, until the executable changes. A run with failures asks anew.
one_case() { # one_case <whether it was listed>
  "$PTESTS_EXECUTABLE" run -B "$build" --no-build -R '^own.gtest/Matrix.passes$' >"$tmp/out" 2>&1 || fail "one case: $(cat "$tmp/out")"
  [ "$(verdicts)" = "own.gtest/Matrix.passes	passed" ] || fail "one case was chosen, these ran: $(verdicts)"
  listed=no
  [ ! -e "$build/paralleltests/logs/own.gtest.cases/list.log" ] || listed=yes
  expect_listed=$1
  [ $listed = "$expect_listed" ] || fail "listed: $listed, expected: $expect_listed"
}
one_case no
touch "$build/own.gtest"
one_case yes
one_case no

# The list has them all, of an executable that cannot tell its cases itself; nothing is asked twice.
"$PTESTS_EXECUTABLE" list -B "$build" --cases >"$tmp/out" 2>"$tmp/err" && fail "an executable that cannot list its cases is no error"
grep -q '^ptests: warning: at_start.ends: listing its test cases: ' "$tmp/err" || fail "no word about at_start.ends: $(cat "$tmp/err")"
sed -n 's/^  Test *#[0-9]*: //p' "$tmp/out" | sed 's/ (Disabled)$//' | LC_ALL=C sort >"$tmp/got"
# What fails besides its cases is told of by a run only.
expect 4 | cut -f 1 | grep -vx 'at_end.*\.ends' | LC_ALL=C sort >"$tmp/all"
diff -u "$tmp/all" "$tmp/got" >"$tmp/diff" || fail "listed: $(cat "$tmp/diff")"

# Only what failed runs again, and who fails only behind others passes then.
check any --no-build
"$PTESTS_EXECUTABLE" run -B "$build" --no-build --rerun-failed >"$tmp/out" 2>&1 && fail "failures passed"
# An executable that ends badly after its cases runs with all of them.
verdicts | grep 'passed$' | grep -v -e '[/.]wants.to.be.first	' -e '^at_end' >"$tmp/passed" && fail "they had passed, and ran again: $(cat "$tmp/passed")"

# A run that is interrupted in the middle of an executable goes on with the cases that have no result.
rm "$events"
"$PTESTS_EXECUTABLE" run -B "$build" --no-build --isolate >"$tmp/out" 2>&1 &
pid=$!
until grep -q '"event":"test_started".*hangs' "$events" 2>/dev/null; do sleep 0.05; done
kill -INT $pid
wait $pid && fail "an interrupted run passed"
"$PTESTS_EXECUTABLE" run -B "$build" --no-build --isolate --resume >"$tmp/out" 2>&1 && fail "failures passed"
verdicts | grep -v '	interrupted$' >"$tmp/got"
expect 4 >"$tmp/wanted"
diff -u "$tmp/wanted" "$tmp/got" >"$tmp/diff" || fail "resumed: $(cat "$tmp/diff")"
