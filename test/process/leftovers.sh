#!/bin/sh
# What a test starts and leaves: for how long it is waited for, what becomes of it, and what of ptests' caller it gets hold of.
. "$(dirname "$0")/common.sh"

# milliseconds: how long the run took, by its journal.
milliseconds() {
  sed -n 's/.*"event":"run_finished".*"duration":\([0-9.]*\).*/\1/p' "$build/paralleltests/events.jsonl" |
    awk '{ printf "%d\n", $1 * 1000 }'
}

# expect_milliseconds <at least> <at most>: 8 s more than it should take, for a busy machine.
expect_milliseconds() {
  took=$(milliseconds)
  if [ "$took" -lt "$1" ] || [ "$took" -gt "$2" ]; then fault "$(basename "$build"): expected it to take $1 to $2 ms, took $took"; fi
}

# --- A process has the output open for 20 s. The result waits LEAK_GRACE for it, and not longer.
for capture in file split pipe pty; do
  new_build "held_$capture"
  # A terminal would hang up on what is only in the background.
  if [ $capture = pty ]; then holds=daemon; else holds=background; fi
  add_test holds "\${victim} $holds" "PTESTS_CAPTURE $capture"
  add_test next '${victim} exit 0' 'DEPENDS holds'
  make_manifest
  run -j1
  expect_code 0
  expect_status holds leaked 'left 1 process behind'
  expect_status next passed
  expect_milliseconds 200 8200
  run -j1 --leak fail --leak-grace 0
  expect_code 1
  expect_status holds failed 'left 1 process behind'
  expect_milliseconds 0 8000
  expect_no_traces 100 'its end'
done
run -j1 --leak-grace 1.5
expect_status holds leaked 'left 1 process behind'
expect_milliseconds 1500 9500

# One that ends in time costs no more than its time.
new_build in_time
add_test ends '${victim} background 0.1' 'PTESTS_LEAK_GRACE 10'
make_manifest
run
expect_code 0
expect_status ends passed
expect_milliseconds 100 8100

# --- So many that one read does not list them all: who is left behind last is seen, whoever else is there.
new_build crowd
for i in 1 2 3 4 5 6; do add_test "setup$i" '${victim} leave 200' 'FIXTURES_SETUP crowd'; done
add_test first '${victim} exit 0' 'FIXTURES_REQUIRED crowd'
add_test leaves '${victim} background' 'FIXTURES_REQUIRED crowd DEPENDS first'
make_manifest
run -j1
expect_code 0
expect_status setup6 passed
expect_status first passed
expect_status leaves leaked 'left 1 process behind'
expect_no_traces 100 'its end'

# --- A server that the setup of a fixture leaves is there until the end of the run, its TMPDIR too, and is no leak.
# fixture_build <name> [<properties of the setup>]
fixture_build() {
  new_build "$1"
  add_test setup "\${victim} serve \"$build/socket\"" "FIXTURES_SETUP server ${2:-}"
  for i in 1 2 3; do add_test "client$i" "\${victim} ask \"$build/socket\"" 'FIXTURES_REQUIRED server TIMEOUT 20'; done
  add_test rest '${victim} sleep 0.6' 'FIXTURES_REQUIRED server DEPENDS client3'
  add_test late "\${victim} ask \"$build/socket\"" 'FIXTURES_REQUIRED server DEPENDS rest TIMEOUT 20'
  add_test stranger '${victim} exit 0'
}

# expect_served: all four by one process.
expect_served() {
  cat "$build"/paralleltests/logs/client?.log "$build/paralleltests/logs/late.log" >"$work/got"
  [ "$(wc -l <"$work/got")" -eq 4 ] && [ "$(sort -u "$work/got" | grep -c 'served by')" -eq 1 ] && return
  fault "$(basename "$build"): expected 4 answers of one server:"
  show "$work/got"
}

for jobs in 1 4; do
  fixture_build "fixture_j$jobs" 'PTESTS_LEAK fail'
  make_manifest
  run -j$jobs
  expect_code 0
  for name in setup client1 client2 client3 rest late stranger; do expect_status $name passed; done
  expect_served
  expect_milliseconds 600 8600
  expect_no_traces 100 'its end'
done

# One that ends before the run does, or is ended by the fixture's cleanup, is no news.
new_build ended_by_cleanup
add_test setup 'sh -c "setsid ${victim} sleep & echo $! >server.pid"' 'FIXTURES_SETUP server'
add_test short '${victim} background 0.3' 'FIXTURES_SETUP server'
add_test user '${victim} sleep 0.5' 'FIXTURES_REQUIRED server'
add_test cleanup 'sh -c "kill -KILL $(cat server.pid)"' 'FIXTURES_CLEANUP server'
run -j2
expect_code 0
for name in setup short user cleanup; do expect_status $name passed; done
expect_no_traces 100 'its end'

# Whatever ends the run ends the server. signalled <signal> <exit code>
signalled() {
  fixture_build "fixture_SIG$1"
  add_test waits '${victim} journal ${journal} waits 20' 'FIXTURES_REQUIRED server'
  start -j4
  wait_until 100 has_line "$build/journal" 'waits start' || die "fixture_SIG$1: does not start: $(cat "$build/out")"
  kill "-$1" "$pid"
  finish 2>"$work/ignored"
  expect_code "$2"
  expect_no_traces 100 "SIG$1"
}
signalled INT 130
signalled KILL 137

# Its limits hold for what it leaves.
new_build fixture_floods
add_test setup 'sh -c "(sleep 0.3; exec ${victim} print 1G) &"' 'FIXTURES_SETUP server PTESTS_OUTPUT_SIZE 8M'
add_test user '${victim} sleep 1' 'FIXTURES_REQUIRED server'
make_manifest
run -j1
expect_code 0
expect_text "$build/out" 'What setup left running was ended: it went beyond OUTPUT_SIZE.'
size=$(wc -c <"$build/paralleltests/logs/setup.log")
[ "$size" -le $(((8 << 20) + 4096)) ] || fault "fixture_floods: $size bytes of output"
expect_no_traces 100 'its end'

# --- Where a hard limit leaves no room for our mark: what stayed in the test's group is known by that, the rest ends with the run.
new_build unmarked
add_test leaves '${victim} leave 3'
add_test double_fork '${victim} double_fork'
add_test daemon '${victim} daemon_without_trace'
add_test orphan '${victim} orphan' 'TIMEOUT 0.5'
add_test traceless '${victim} with_daemon' 'TIMEOUT 0.5'
as='prlimit --rttime=1000000:1000000'
run -j5 --backtrace off
as_ourselves
expect_status leaves leaked 'left 3 processes behind'
expect_status double_fork leaked 'left 1 process behind'
expect_status orphan timed_out
expect_status traceless timed_out
expect_no_traces 100 'its end'

# --- What is open in whoever starts ptests reaches no test, and is not held open by anything that outlives ptests.
new_build descriptors
mkfifo "$build/pipe"
for capture in file pipe pty none; do add_test "$capture" '${victim} descriptors' "PTESTS_CAPTURE $capture PTESTS_MEMORY 64M"; done
add_test leaves '${victim} daemon_without_trace'
add_test waits '${victim} journal ${journal} waits 20' 'DEPENDS "file;pipe;pty;none"'
make_manifest
cat "$build/pipe" >"$work/ignored" &
reader=$!
start -j4 3>"$build/pipe" 7<"$build/CMakeCache.txt" 9>"$build/pipe"
wait_until 100 has_line "$build/journal" 'waits start' || die "descriptors: does not start: $(cat "$build/out")"
kill -KILL "$pid"
wait_until 100 test ! -d "/proc/$reader/fd" || fault "descriptors: the pipe of ptests' caller is still open"
finish 2>"$work/ignored"
expect_no_traces 100 'SIGKILL'
awk -f "$here/journal.awk" "$build/paralleltests/events.jsonl" | cut -f 1,2 | sort >"$work/got"
printf '%s\n' 'file	passed' 'leaves	leaked' 'none	passed' 'pipe	passed' 'pty	passed' >"$work/expected"
same "$work/expected" "$work/got" 'descriptors: results'

conclude
