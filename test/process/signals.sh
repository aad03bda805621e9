#!/bin/sh
# SIGTSTP and SIGCONT stop and continue the trees and the clocks; SIGUSR1 tells what runs; the second SIGINT or SIGTERM does not wait.
. "$(dirname "$0")/common.sh"

# state_of <process>: T is stopped.
state_of() { sed 's/^.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null || :; }

# all_are <pattern of states> <process>...
# shellcheck disable=SC2254
all_are() {
  states=$1
  shift
  for process; do
    case $(state_of "$process") in $states) ;; *) return 1 ;; esac
  done
}

# all_four_are <pattern of states>: ptests and the victims of its four tests.
# shellcheck disable=SC2046
all_four_are() { all_are "$1" "$pid" $(pids_of "$victim") && [ "$(pids_of "$victim" | wc -l)" -eq 4 ]; }
all_stopped() { all_four_are T; }
none_stopped() { all_four_are '[!T]'; }

logs_size() { cat "$build"/paralleltests/logs/*.log | wc -c; }

# ticking <name> <ticks, ten a second> <timeout>: four tests that run, in $pid.
ticking() {
  new_build "$1"
  add_test timeout "\${victim} tick $2 0.1" "TIMEOUT $3"
  add_test idle "\${victim} tick $2 0.1" 'PTESTS_IDLE_TIMEOUT 2'
  # In a session of its own, where no signal to the test's group comes.
  add_test far "sh -c \"setsid \${victim} tick $2 0.1 & wait\"" "TIMEOUT $3"
  add_test pty "\${victim} tick $2 0.1" "TIMEOUT $3 PTESTS_CAPTURE pty"
  make_manifest
  start -j4
  for name in timeout idle far pty; do
    wait_until 100 grep -qs 'tick 2' "$build/paralleltests/logs/$name.log" || die "$1: $name does not start: $(cat "$build/err")"
  done
}

# --- A pause of 3 s counts for nothing.
ticking pause 15 4
kill -TSTP "$pid"
wait_until 100 all_stopped || fault "pause: not all stopped"
before=$(logs_size)
sleep 3
[ "$(logs_size)" -eq "$before" ] || fault "pause: tests printed in it"
kill -CONT "$pid"
wait_until 100 none_stopped || fault "pause: not all continued"
finish
expect_code 0
for name in timeout idle far pty; do
  expect_status $name passed
  [ "$(seconds_of $name)" -lt 4 ] || fault "pause: $name: the pause is in its $(seconds_of $name) s"
done
expect_no_traces 100 pause

# --- Again and again, and a SIGCONT out of the blue.
ticking pauses 40 20
for i in 1 2 3; do
  kill -TSTP "$pid"
  wait_until 100 all_stopped || fault "pauses: not all stopped in pause $i"
  kill -CONT "$pid"
  wait_until 100 none_stopped || fault "pauses: not all continued after pause $i"
  kill -CONT "$pid"
done
finish
expect_code 0

# --- An end while stopped.
ticking stopped_and_terminated 40 20
kill -TSTP "$pid"
wait_until 100 all_stopped || fault "stopped_and_terminated: not all stopped"
kill -TERM "$pid"
kill -CONT "$pid"
finish
expect_code 143
expect_status timeout interrupted
expect_no_traces 100 'terminated while stopped'

ticking stopped_and_killed 40 20
kill -TSTP "$pid"
wait_until 100 all_stopped || fault "stopped_and_killed: not all stopped"
kill -KILL "$pid"
finish 2>"$work/ignored"
expect_no_traces 100 'killed while stopped'

# --- What runs.
new_build running
add_test over '${victim} journal ${journal} over'
add_test first '${victim} journal ${journal} first 20'
add_test second '${victim} journal ${journal} second 20' 'DEPENDS over'
add_test later '${victim} exit 0' 'DEPENDS first'
start -j2
for line in 'over end' 'first start' 'second start'; do
  wait_until 100 has_line "$build/journal" "$line" || die "running: no \"$line\": $(cat "$build/err")"
done
cat "$build/out" "$build/err" >"$work/before"
kill -USR1 "$pid"
told() {
  cat "$build/out" "$build/err" | sort >"$work/now"
  sort "$work/before" | comm -13 - "$work/now" >"$work/told"
  grep -q first "$work/told"
}
wait_until 100 told || { fault "running: nothing was told" && show "$work/now"; }
expect_text "$work/told" second
grep 'first' "$work/told" | grep -q '[0-9] s.*[0-9] [KMG]*i*B' || { fault "running: no time or memory of first" && show "$work/told"; }
expect_text "$work/told" '1 wait; the next one: later waits for first'
if grep over "$work/told" | grep -qv 'sec$'; then fault "running: over does not run any more" && show "$work/told"; fi
kill -INT "$pid"
finish
expect_code 130
expect_status over passed
expect_no_traces 100 'told what runs'

# --- The second signal kills at once, daemons too, whatever grace there is.
# twice <signal> <its number>
twice() {
  new_build "twice_$1"
  add_test stubborn '${victim} ignore_all' 'TIMEOUT_SIGNAL_GRACE_PERIOD 60'
  add_test daemon '${victim} with_daemon' 'TIMEOUT_SIGNAL_GRACE_PERIOD 60'
  make_manifest
  start -j2
  for name in stubborn daemon; do
    wait_until 100 has_line "$build/paralleltests/logs/$name.log" waiting || die "twice: $name does not start: $(cat "$build/err")"
  done
  kill "-$1" "$pid"
  sleep 0.5
  [ -n "$(pids_of "$victim")" ] || fault "twice: the first SIG$1 did not wait"
  kill "-$1" "$pid"
  wait_until 100 test ! -d "/proc/$pid" || fault "twice: the second SIG$1 did not kill"
  finish
  expect_code $((128 + $2))
  expect_status stubborn interrupted
  expect_xml
  expect_no_traces 100 "SIG$1 twice"
}
twice INT 2
twice TERM 15

conclude
