#!/bin/sh
# A run that ends before its end goes on with --resume: after kill -9 at 20 moments, some of them twice, the results of both runs are those of one
# whole run, and no test that had its result runs again. Then Ctrl-C, --max-time, --fail-fast, and a changed project.
# PTESTS_SEED=<number> chooses the moments of an earlier run, PTESTS_MOMENTS=<number> how many there are.
. "$(dirname "$0")/common.sh"

moments=${PTESTS_MOMENTS:-20}
longest=0.9 # seconds from the first start; the run takes longer
seed=${PTESTS_SEED:-$(date +%s)}
echo "process.$topic: PTESTS_SEED=$seed"

# new_run <name>: 24 tests in $build: some fail, one passes on its retry only, some wait for others.
new_run() {
  new_build "$1"
  : >"$work/whole"
  for n in $(seq 20); do
    status=passed
    command="sh -c \"sleep 0.$((10 + n % 9 * 2)); exit 0\""
    [ $((n % 7)) -ne 0 ] || { command="sh -c \"sleep 0.15; exit 3\"" && status=failed; }
    properties=
    [ $((n % 5)) -ne 0 ] || properties="RESOURCE_LOCK one"
    [ $((n % 6)) -ne 0 ] || properties="$properties DEPENDS t$((n - 1))"
    add_test "t$n" "$command" "COST $n $properties"
    echo "t$n $status" >>"$work/whole"
  done
  # It fails until its marker is there, which outlives a kill.
  add_test flaky "sh -c \"test -e $build/marker || { touch $build/marker; exit 1; }\""
  add_test setup '${victim} exit 0' 'FIXTURES_SETUP f'
  add_test user "sh -c \"sleep 0.05\"" 'FIXTURES_REQUIRED f'
  add_test skips '${victim} exit 77' 'SKIP_RETURN_CODE 77'
  printf '%s\n' 'setup passed' 'user passed' 'skips skipped' >>"$work/whole"
  sort -o "$work/whole" "$work/whole"
}

# events <event>: "<run's number in the file> <name> <status>" for each of them in the journal.
events() {
  awk -v event="$1" '
    function member(name) { return match($0, "\"" name "\":\"[^\"]*\"") ? substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 5) : "" }
    /"event":"run_started"/ { ++run }
    $0 ~ "\"event\":\"" event "\"" && /}$/ { print run, member("name"), member("status") }' "$build/paralleltests/events.jsonl"
}

# expect_whole <when>: each test has one result, that of a whole run, in the reports and in the journal.
expect_whole() {
  outcomes | awk -F '\t' '$1 != "flaky" { print $1, $2 }' | sort >"$work/got"
  same "$work/whole" "$work/got" "$1: results in the JUnit file"
  outcomes | grep -qE '^flaky	(flaky|passed)	' || fault "$1: flaky: $(outcomes | grep ^flaky)"
  [ "$(grep -c '^[0-9]*/[0-9]* Testing: ' "$build/Testing/Temporary/LastTest.log")" -eq 24 ] || fault "$1: LastTest.log has not all tests"
  expect_xml
  expect_journal
  # With its result in an earlier run a test starts again only as a fixture's helper.
  { events test_finished | awk '$3 != "interrupted" { print "f", $0 }'; events test_started | sed 's/^/s /'; } |
    awk '$1 == "f" { if (!($3 in first) || $2 < first[$3]) first[$3] = $2 } $1 == "s" { last[$3] = $2 }
         END { for (name in last) if ((name in first) && last[name] > first[name] && name != "setup") print name }' >"$work/twice"
  [ ! -s "$work/twice" ] || { fault "$1: ran again with a result:" && show "$work/twice"; }
}

# expect_all_results <when>: each test has a result in the journal, that of a whole run. Of the reports nothing is known when the run was
# killed behind its last result.
expect_all_results() {
  events test_finished | awk '$3 != "interrupted" { status[$2] = $3 } END { for (name in status) print name, status[name] }' |
    sort >"$work/results"
  grep -v '^flaky ' "$work/results" >"$work/got" || :
  same "$work/whole" "$work/got" "$1: results in the journal"
  grep -qE '^flaky (flaky|passed)$' "$work/results" || fault "$1: flaky: $(grep '^flaky ' "$work/results")"
  expect_journal
}

# begin <arguments>...: starts a run; returns when its first test runs, however slow the machine is.
begin() {
  start "$@"
  wait_until 600 grep -qs '"event":"test_started"' "$build/paralleltests/events.jsonl" || fault "$(basename "$build"): no test started"
}

# resume [<arguments>]...
resume() {
  run -j4 --retries 1 --resume "$@"
}

awk -v seed="$seed" -v n=$moments -v all=$longest '
  BEGIN { srand(seed); for (i = 0; i < n; ++i) printf "%.3f %.3f\n", all * (i + rand()) / n, all * rand() }' >"$work/moments"

i=0
while read -r moment second; do
  i=$((i + 1))
  new_run "moment$i"
  # Four of them may hit ptests before it has a journal.
  if [ $i -le 4 ]; then start -j4 --retries 1; else begin -j4 --retries 1; fi
  sleep "$moment"
  kill -KILL "$pid" 2>/dev/null || :
  finish 2>"$work/ignored"
  expect_no_traces 100 "killed after $moment s"
  when="killed after $moment s"
  if [ ! -s "$build/paralleltests/events.jsonl" ]; then
    run -j4 --retries 1
  else
    if [ $((i % 2)) -eq 0 ]; then
      start -j4 --retries 1 --resume
      sleep "$second"
      kill -KILL "$pid" 2>/dev/null || :
      finish 2>"$work/ignored"
      expect_no_traces 100 "killed again after $second s"
      when="$when, again after $second s"
    fi
    resume
  fi
  if [ "$code" -eq 4 ] && grep -q 'ended before it began' "$build/err"; then
    run -j4 --retries 1
    when="$when, begun anew"
  fi
  if [ "$code" -eq 4 ]; then
    # The one that was resumed was complete.
    expect_text "$build/err" 'is complete'
    expect_all_results "$when"
  else
    expect_code 1
    expect_whole "$when"
  fi
  echo "process.$topic: $when: $(events test_started | awk '{ print $1 }' | uniq -c | awk '{ printf "%s%s", sep, $1; sep = " + " }') starts"
  rm -rf "$build"
done <"$work/moments"

# --- Nothing to resume
new_build complete
add_test one '${victim} exit 0'
resume
expect_code 4
expect_text "$build/err" 'there was no run here'
run
resume
expect_code 4
expect_text "$build/err" 'is complete'
: >"$build/paralleltests/events.jsonl"
resume
expect_code 4
expect_text "$build/err" 'ended before it began'

# --- Killed behind the last result, before the end: nothing is left to run, and nothing is missing
new_run late
run -j4 --retries 1
sed -i '$d' "$build/paralleltests/events.jsonl"
resume
expect_code 4
expect_text "$build/err" 'is complete'
expect_all_results 'killed before its end'

# --- Ctrl-C, --max-time (42), --fail-fast: all can be resumed
new_run interrupted
begin -j4 --retries 1
sleep 0.3
kill -INT "$pid"
finish
expect_code 130
resume
expect_code 1
expect_whole 'Ctrl-C'
expect_text "$build/out" 'goes on'

new_run max_time
run -j4 --retries 1 --max-time 0.5
expect_code 42
expect_text "$build/out" 'Stopped by --max-time'
resume
expect_code 1
expect_whole '--max-time'

new_run fail_fast
run -j4 --retries 1 --fail-fast
expect_code 1
expect_text "$build/out" 'Stopped by --fail-fast (1 failed)'
[ "$(events test_finished | wc -l)" -lt 24 ] || fault "--fail-fast: all tests ran"
resume
expect_code 1
expect_whole '--fail-fast'

# --- Stopped to protect the machine, which never has so much memory
new_build protected
add_test passes '${victim} exit 0' 'COST 1'
add_test waits "sh -c \"test -e $build/marker && exit 0; touch $build/marker; sleep 60\""
run -j1 --mem-threshold 9999999G
expect_code 42
expect_text "$build/out" 'Stopped to protect the machine (memory: '
expect_nothing_left
run -j1 --resume
expect_code 0
expect_text "$build/out" '100% tests passed, 0 tests failed out of 2'

# --- Nor are processors free while three tests compute on one of them. Some kernels do not tell, which is an error.
new_build pressed
cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
for n in 1 2 3; do
  add_test "computes$n" "sh -c \"test -e $build/stopped && exit 0; exec taskset -c $cpu \${victim} cpu 60\""
done
run -j3 --cpu-threshold 0.5
if [ -r /proc/pressure/cpu ]; then
  expect_code 42
  expect_text "$build/out" 'Stopped to protect the machine (CPU pressure: '
  expect_text "$build/out" ' %, above 0.5 %; for '
  expect_nothing_left
  : >"$build/stopped"
  run -j3 --resume
  expect_code 0
  expect_text "$build/out" '100% tests passed, 0 tests failed out of 3'
else
  echo "process.$topic: SKIPPED: --cpu-threshold stops a run: there is no /proc/pressure/cpu"
  expect_code 2
  expect_text "$build/err" '--cpu-threshold: this machine tells no CPU pressure'
fi

# --- The project changed in between: known by name, and said
new_run changed
run -j4 --retries 1 --fail-fast
grep -vE '\[==\[(t1|t2)\]==\]' "$build/CTestTestfile.cmake" | sed 's/ DEPENDS t[12] / /' >"$work/less"
cp "$work/less" "$build/CTestTestfile.cmake"
resume
expect_code 1
expect_text "$build/out" 'of the run before are there no longer: t1, t2'

# --- The history knows what failed, whatever ran since
new_build history
add_test good '${victim} exit 0'
add_test bad '${victim} exit 1'
add_test worse '${victim} exit 1'
run
run good
add_test new '${victim} exit 0'
run --rerun-failed
expect_code 1
outcomes | awk '{ print $1 }' | sort | tr '\n' ' ' >"$work/got"
[ "$(cat "$work/got")" = "bad new worse " ] || fault "--rerun-failed: ran $(cat "$work/got")"

conclude
