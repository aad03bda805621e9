#!/bin/sh
# However a run of the table is ended: no process, cgroup, temporary folder or mount of it is left, and the reports are whole. (What is
# left of one that comes to its end, and of one that is killed: outcomes.sh, killed.sh.)
# PTESTS_SEED=<number> gives the order of the rows of an earlier run.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/table.sh"

seed=${PTESTS_SEED:-$(date +%s)}
echo "process.$topic: PTESTS_SEED=$seed"

# ending <name> <seconds> <signal>...: the table, with these signals, one every 0.3 s from then on.
ending() {
  name=$1
  delay=$2
  shift 2
  table_rows
  seed=$((seed + 1))
  shuffle_rows $seed
  new_table_build "$name"
  make_manifest
  hand_over
  start -j8
  # A slow machine may take longer than that to begin.
  for _ in $(seq 300); do
    grep -q '"event":"run_started"' "$build/paralleltests/events.jsonl" 2>/dev/null && break
    sleep 0.1
  done
  sleep "$delay"
  kill -0 "$pid" 2>/dev/null || fault "$name: has ended before the signal"
  for signal; do
    # After the first it may have ended.
    kill "-$signal" "$pid" 2>/dev/null || :
    sleep 0.3
  done
  finish 2>"$work/ignored"
  expect_no_traces 100 "code $code"
  expect_xml
  expect_journal
}

ending interrupted 1 INT
expect_code 130
ending terminated_twice 0.7 TERM TERM
expect_code 143
ending interrupted_while_stopped 0.7 TSTP INT CONT
expect_code 130

if [ "$(id -u)" -eq 0 ]; then
  as_nobody
  ending unprivileged_terminated 1 TERM
  expect_code 143
  ending unprivileged_interrupted_twice 0.7 INT INT
  expect_code 130
fi

conclude
