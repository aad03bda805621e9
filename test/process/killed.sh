#!/bin/sh
# kill -9 of ptests at 20 moments of the table, from its first to its last result and while the reports are written, its rows in another
# order each time: soon nothing is left, and every result that was shown is in the journal.
# PTESTS_SEED=<number> chooses the moments and orders of an earlier run, PTESTS_MOMENTS=<number> how many there are.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/table.sh"

moments=${PTESTS_MOMENTS:-20}
with_debugger=$((moments / 3)) # the first ones: debuggers make the whole table take several times as long
seed=${PTESTS_SEED:-$(date +%s)}
echo "process.$topic: PTESTS_SEED=$seed"

# start_table <name> <seed> <arguments>...
start_table() {
  table_rows
  # It takes off its mark and leaves tree and group at once: who dies before the next look, 50 ms later, has told the guard nothing of it.
  grep -v '^leak\.daemon_nobody_knows' "$table" >"$work/known" && mv "$work/known" "$table"
  shuffle_rows "$2"
  new_table_build "$1"
  make_manifest
  hand_over
  shift 2
  start -j8 "$@"
}

# has_results <number>: or the run has ended.
has_results() {
  # A process that ended, and was not waited for, has no program.
  ! readlink "/proc/$pid/exe" >"$work/ignored" ||
    { [ -f "$build/paralleltests/events.jsonl" ] &&
      [ "$(grep -c '"event":"test_finished"' "$build/paralleltests/events.jsonl")" -ge "$1" ]; }
}

# shown: the tests whose end the console shows, by name.
shown() {
  sed -n 's/^ *[0-9]*\/[0-9]* Test *#\([0-9]*\): .* sec$/\1/p' "$build/out" |
    awk -F '\t' 'FNR == NR { name[FNR] = $1; next } { print name[$1] }' "$table" - | sort
}

# expect_all_recorded <when>
expect_all_recorded() {
  journal=$build/paralleltests/events.jsonl
  [ -f "$journal" ] || { [ -z "$(shown)" ] || fault "$1: no journal"; return 0; }
  expect_journal
  awk -f "$here/journal.awk" "$journal" | cut -f 1 | sort >"$work/recorded"
  shown >"$work/shown"
  comm -23 "$work/shown" "$work/recorded" >"$work/lost"
  [ ! -s "$work/lost" ] || { fault "$1: shown, and not in the journal:" && show "$work/lost"; }
}

# One in each of so many equal parts of the table, as a part of its results; and when all are there. Then a part of a second later.
awk -v seed="$seed" -v n=$moments '
  BEGIN { srand(seed); for (i = 1; i <= n; ++i) printf "%.4f %.3f\n", i < n ? (i - 1 + rand()) / (n - 1) : 1, i < n - 1 ? 0.1 * rand() : 0 }
' >"$work/moments"

i=0
late=0
while read -r part delay; do
  i=$((i + 1))
  # Every other one without rights.
  if [ $((i % 2)) -eq 0 ]; then as_nobody; else as_ourselves; fi
  backtrace=off
  [ $i -gt $with_debugger ] || backtrace=auto
  start_table "moment$i" $((seed + i)) --backtrace $backtrace
  results=$(wc -l <"$table" | awk -v part="$part" '{ printf "%d", part * $1 }')
  tries=6000
  until has_results "$results" || [ $tries -eq 0 ]; do
    tries=$((tries - 1))
    sleep 0.01
  done
  sleep "$delay"
  kill -KILL "$pid" 2>/dev/null || :
  finish 2>"$work/ignored"
  # Near the end it may have been faster than we.
  if [ $code -eq 1 ] && [ $i -gt $((moments - 3)) ]; then late=$((late + 1)); else expect_code 137; fi
  sleep 0.2
  when="killed $delay s after $results results${as:+, without rights}"
  expect_no_traces 100 "$when"
  expect_all_recorded "$when"
  echo "process.$topic: $when: $(shown | wc -l) results shown"
  chmod -R u+rwx "$build"
  rm -rf "$build"
done <"$work/moments"
[ $late -lt 3 ] || fault "no run was killed near its end: $late had ended before"
as_ourselves

# --- ptests under ptests
new_build inner
add_test daemon '${victim} with_daemon'
add_test traceless '${victim} daemon_without_trace' 'FIXTURES_SETUP one'
add_test user '${victim} sleep' 'FIXTURES_REQUIRED one'
inner=$build
new_build outer
add_test nested "\"$ptests\" run -j4 -B \"$inner\""
start
for name in daemon user; do
  wait_until 100 grep -qs "\"test_started\".*\"name\":\"$name\"" "$inner/paralleltests/events.jsonl" || die "inner: $name does not start"
done
sleep 0.3
kill -KILL "$pid"
finish 2>"$work/ignored"
expect_no_traces 100 'ptests under ptests killed'

# --- Another run, of the same user at the same time, goes on.
new_build goes_on
add_test daemon '${victim} with_daemon' 'TIMEOUT 2'
start
other=$pid
wait_until 100 has_line "$build/paralleltests/logs/daemon.log" waiting || die "goes_on: does not start"
sleep 0.1
before=$(pids_of "$victim")
new_build is_killed
add_test daemon '${victim} with_daemon'
start
wait_until 100 has_line "$build/paralleltests/logs/daemon.log" waiting || die "is_killed: does not start"
kill -KILL "$pid"
finish 2>"$work/ignored"
only_others() { [ "$(pids_of "$victim")" = "$before" ]; }
wait_until 100 only_others || fault "is_killed: expected only those of the other run to be left: $before; left: $(commands_left)"
pid=$other
finish
expect_code 1
expect_no_traces 100 'the end of the other run'

# --- Its guard killed with it: what had been started lives on, and the next start removes what it can know of.
new_build unguarded
add_test waits '${victim} sleep' 'PTESTS_MEMORY 64M'
add_test passes '${victim} exit 0' 'COST 0'
make_manifest
start -j1 waits
victim_runs() { [ -n "$(pids_of "$victim")" ]; }
wait_until 100 victim_runs || die "unguarded: does not start: $(cat "$build/err")"
first=$pid
# The guard first: it is the younger one.
for process in $(pids_of "$ptests" | sort -rn); do kill -KILL "$process" 2>/dev/null || :; done
finish 2>"$work/ignored"
[ -n "$(pids_of "$victim")" ] || fault "unguarded: what had been started does not live on"
run -j1 passes
expect_code 0
[ -z "$(pids_of "$victim")" ] || fault "unguarded: what had been started lives on: $(commands_left)"
[ -z "$(find /sys/fs/cgroup -type d -name "ptests-$first.*" 2>/dev/null)" ] || fault "unguarded: its cgroups are left"
[ -z "$(find "$work/tmp" -mindepth 1 -maxdepth 1)" ] || fault "unguarded: temporary folders are left: $(ls "$work/tmp")"
expect_text "$build/paralleltests/events.jsonl" '"event":"notice"'
end_processes

conclude
