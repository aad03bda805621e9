#!/bin/sh
# Usage: tap.sh <generator>; PTESTS_EXECUTABLE = the executor
# Programs that speak TAP: each of their points is a test, judged as the one table (projects/tap/expected.tsv) says.
. "$(dirname "$0")/common.sh"
build=$tmp/build
configure "$here/projects/tap" "$build" -G "$1" "-DEXECUTOR=$PTESTS_EXECUTABLE"
events=$build/paralleltests/events.jsonl

# results: "<name>\t<status>\t<reason>\t<log>\t<duration>" of the last run.
results() {
  sed -n 's/.*"event":"test_finished".*"name":"\(\([^"\\]\|\\.\)*\)".*"status":"\([a-z_]*\)","reason":"\(\([^"\\]\|\\.\)*\)".*"duration":\([0-9.e-]*\),"log":"\([^"]*\)".*/\1\t\3\t\4\t\7\t\6/p' "$events" |
    sed 's/\\"/"/g; s/\\\\/\\/g'
}
verdicts() { results | cut -f 1,2 | LC_ALL=C sort; }
# of <name> <field>
of() { results | awk -F '\t' -v name="$1" -v field="$2" '$1 == name { print $field }' | sed "s|$here|HERE|g"; }

# table <2|3>: what is expected by points, or as a whole.
table() { awk -F '\t' -v column="$1" '!/^#/ && $column != "-" { print $1 "\t" $column }' "$here/projects/tap/expected.tsv" | LC_ALL=C sort; }

# check <2|3> <option>...
check() {
  column=$1
  shift
  "$PTESTS_EXECUTABLE" run -B "$build" "$@" >"$tmp/out" 2>&1 && fail "a run with failures passed"
  verdicts >"$tmp/got"
  table "$column" >"$tmp/wanted"
  diff -u "$tmp/wanted" "$tmp/got" >"$tmp/diff" || fail "$*: $(cat "$tmp/diff")"
}

# The logs of an earlier run are none of this one.
check 2 --junit "$tmp/junit.xml"
mkdir -p "$tmp/logs"
log=$(of streams.all/fails 4)
touch "${log%/*}/old.log"
check 2 --no-build
[ ! -e "${log%/*}/old.log" ] || fail "a log of the run before is there"

# Why programs fail besides their points.
while IFS='	' read -r name reason; do
  expect "$name" "$(of "$name" 3)" "$reason"
done <<'END'
ends.crashes	SIGSEGV
ends.exits	2 of 3 planned test points came, number 3 is missing
ends.hangs	no end within 1 s
ends.leaks	left 1 process behind
streams.no_plan	there is no plan (1..N) in its output
streams.too_few	1 of 3 planned test points came, number 2 is missing
streams.too_many	2 test points came, 1 was planned
streams.twice	two test points have the number 1
streams.out_of_range	test point 3 is not within the plan 1..2
streams.silent	it printed nothing: no plan and no test point
streams.no_tap	there is no plan and no test point in its output; 1 line is no TAP: CAPTURE split keeps stderr out of the stream
streams.skipped	no network
streams.bails_out	Bail out! no # disk
streams.exit_code	exit code 4, though no test point failed
streams.strict	line 3 is no TAP, in a stream with `pragma +strict`: words; 1 line is no TAP: CAPTURE split keeps stderr out of the stream
streams.unended	no test point ends the subtest "b"
streams.mixed	1 of 2 planned test points came, number 2 is missing; 2 lines are no TAP: CAPTURE split keeps stderr out of the stream
streams.crashes_once	passed at attempt 2 only
own.points/fails	points.c:23: failed
own.points/later	failed as expected, TODO: not written yet
own.points/elsewhere	no such system
own.points/passes	
own.subtests/arithmetic/divides	expected 2, got 3
own.subtests/arithmetic	1 of 2 test points failed: divides
own.subtests/later/not yet	failed in a subtest that is not to count
streams.all/fails	because of this
streams.all/fails with a block	in "YAML"
streams.all/already	passed unexpectedly, TODO: one day
streams.flaky/a	
streams.flaky/b	passed at attempt 3 only
streams.flaky/c	passed at attempt 2 only
streams.never/b	attempt 2
perl.more/adds	Failed test 'adds' at HERE/projects/tap/more.t line 6. got: '2' expected: '3'
perl.more/inner/matches	Failed test 'matches' at HERE/projects/tap/more.t line 10. 'abc' doesn't match '(?^:x)'
perl.more/nothing	not here
perl.split/adds	
END

# Each has its own part of the output, and the time that its program tells.
expect "output of a point" "$(cat "$(of streams.all/fails 4)")" "not ok 2 - fails
# because of this"
expect "output before a point" "$(cat "$(of 'own.points/has words' 4)")" "words before the next point
ok 2 - has words"
expect "output of a point that has none" "$(of own.points/passes 4)" ""
expect "duration of a point" "$(of own.subtests/arithmetic/divides 5)" 0.25
expect "output of a test" "$(cat "$(of ends.crashes 4)")" "1..3
ok 1 - before
not ok 2 - fails before"

# JUnit has them all, each once.
sed -n 's/.*<testcase name="\([^"]*\)".*/\1/p' "$tmp/junit.xml" | sed 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' |
  LC_ALL=C sort >"$tmp/got"
table 2 | cut -f 1 >"$tmp/wanted"
diff -u "$tmp/wanted" "$tmp/got" >"$tmp/diff" || fail "JUnit: $(cat "$tmp/diff")"
quietly grep -F 'because of this' "$tmp/junit.xml"

# They have one process in any case; as a whole they are judged by the stream too.
check 2 --no-build --isolate
check 3 --no-build --batch=off
expect "as a whole" "$(of streams.all 3)" "2 of 7 test points failed: fails, fails with a block"
expect "as a whole" "$(of streams.never 3)" "1 of 2 test points failed: b; attempt 2"

# One point is selected as any test is; its program runs, and tells of all.
check 2 --no-build
"$PTESTS_EXECUTABLE" run -B "$build" --no-build -R '^streams.plan_behind/a$' >"$tmp/out" 2>&1 || fail "one point: $(cat "$tmp/out")"
expect "one point was selected" "$(verdicts)" "streams.plan_behind/a	passed
streams.plan_behind/b	passed"

# Programs in which something failed run again.
check 2 --no-build
"$PTESTS_EXECUTABLE" run -B "$build" --no-build --rerun-failed >"$tmp/out" 2>&1 && fail "failures passed"
verdicts | cut -f 1 | sed 's,/.*,,' | uniq >"$tmp/got"
table 2 | grep -e '	failed$' -e '	crashed$' -e '	timed_out$' -e '	not_run$' | cut -f 1 | sed 's,/.*,,' | LC_ALL=C sort -u >"$tmp/wanted"
diff -u "$tmp/wanted" "$tmp/got" >"$tmp/diff" || fail "--rerun-failed: $(cat "$tmp/diff")"

# A program that is interrupted has told nothing: it runs again as a whole.
rm "$events"
"$PTESTS_EXECUTABLE" run -B "$build" --no-build -j1 -R 'streams.all|ends.hangs' >"$tmp/out" 2>&1 &
pid=$!
until grep -q '"event":"test_started".*"ends.hangs"' "$events" 2>/dev/null; do sleep 0.05; done
kill -INT $pid
wait $pid && fail "an interrupted run passed"
"$PTESTS_EXECUTABLE" run -B "$build" --no-build --resume >"$tmp/out" 2>&1 && fail "failures passed"
verdicts | grep -v '	interrupted$' >"$tmp/got"
table 2 | grep -e '^streams.all' -e '^ends.hangs' >"$tmp/wanted"
diff -u "$tmp/wanted" "$tmp/got" >"$tmp/diff" || fail "resumed: $(cat "$tmp/diff")"

# A journal that ends in the middle of the points of a program: those that it has are told once.
awk '{ print } /"event":"test_finished".*"streams.all\/fails"/ { exit }' "$events" >"$tmp/events" && mv "$tmp/events" "$events"
"$PTESTS_EXECUTABLE" run -B "$build" --no-build --resume >"$tmp/out" 2>&1 && fail "failures passed"
verdicts | grep -v '	interrupted$' >"$tmp/got"
diff -u "$tmp/wanted" "$tmp/got" >"$tmp/diff" || fail "resumed in the middle: $(cat "$tmp/diff")"
