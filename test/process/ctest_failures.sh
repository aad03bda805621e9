#!/bin/sh
# What ctest does wrong, each shown with the real one and then with ptests. (Measured with ctest 3.25.)
. "$(dirname "$0")/common.sh"

# start_ctest <arguments>...: as start() does with ptests.
start_ctest() {
  (cd "$build" && exec env --default-signal "$mark" ctest "$@" >"$build/ctest.out" 2>&1 </dev/null) &
  pid=$!
}

# ctest_is_right <what>: a fault of this test.
ctest_is_right() {
  fault "$1: $(ctest --version | head -n 1) does not fail here"
  show "$build/ctest.out"
}

# --- On a timeout a grandchild lives on whose parent had ended before.
new_build orphan
add_test orphan '${victim} orphan' 'TIMEOUT 0.5'
start_ctest
finish
expect_text "$build/ctest.out" '***Timeout'
[ -n "$(pids_of "$victim")" ] || ctest_is_right orphan
end_processes
start
finish
expect_code 1
expect_status orphan timed_out
expect_no_traces 100 orphan

# --- A test that has passed is a timeout when a process in the background has its output open.
new_build held
add_test held '${victim} background' 'TIMEOUT 1'
start_ctest
finish
if [ "$code" -eq 0 ] || ! grep -qF '***Timeout' "$build/ctest.out"; then ctest_is_right held; fi
end_processes
start
finish
expect_code 0
expect_status held leaked 'left 1 process behind'
expect_no_traces 100 held

started() {
  for line in 'passes end' 'waits start'; do wait_until 100 has_line "$build/journal" "$line" || die "$1: no \"$line\""; done
}

# --- A signal to ctest leaves its tests running and their results unwritten.
# signalled <signal> <its number>
signalled() {
  new_build "signal_$1"
  add_test passes '${victim} journal ${journal} passes'
  add_test waits '${victim} journal ${journal} waits 20'
  start_ctest -j2 --output-junit "$build/ctest.xml"
  started ctest
  kill "-$1" "$pid"
  finish 2>"$work/ignored"
  if [ -z "$(pids_of "$victim")" ] || [ -f "$build/ctest.xml" ]; then ctest_is_right "SIG$1"; fi
  end_processes
  rm "$build/journal"

  start -j2
  started ptests
  kill "-$1" "$pid"
  finish
  expect_code $((128 + $2))
  expect_no_traces 100 "SIG$1"
  expect_xml
  expect_status passes passed
  expect_status waits interrupted
}
signalled TERM 15
signalled INT 2
signalled HUP 1

# --- kill -9 of ctest leaves its tests running.
new_build killed
add_test waits '${victim} journal ${journal} waits 20'
start_ctest
wait_until 100 has_line "$build/journal" 'waits start' || die "ctest: does not start: $(cat "$build/ctest.out")"
kill -KILL "$pid"
finish 2>"$work/ignored"
sleep 1
[ -n "$(pids_of "$victim")" ] || ctest_is_right 'kill -9'
end_processes
rm "$build/journal"
start
wait_until 100 has_line "$build/journal" 'waits start' || die "ptests: does not start: $(cat "$build/err")"
kill -KILL "$pid"
finish 2>"$work/ignored"
expect_no_traces 100 'kill -9'

# --- What failed before a kill -9 is forgotten by the run that goes on.
new_build failover
add_test fails '${victim} exit 1'
add_test waits "sh -c \"test -e $build/marker && exit 0; touch $build/marker; sleep 20\"" 'DEPENDS fails'
start_ctest -j1
wait_until 100 test -e "$build/marker" || die "ctest: does not start: $(cat "$build/ctest.out")"
kill -KILL "$pid"
finish 2>"$work/ignored"
end_processes
start_ctest -j1 -F
finish
[ "$code" -eq 0 ] || ctest_is_right 'ctest -F'
rm "$build/marker"
start -j1
wait_until 100 test -e "$build/marker" || die "ptests: does not start: $(cat "$build/err")"
kill -KILL "$pid"
finish 2>"$work/ignored"
expect_no_traces 100 'kill -9 before --resume'
run -j1 --resume
expect_code 1
expect_status fails failed 'exit code 1'
expect_status waits passed

# --- The JUnit file tells neither exit codes nor signals.
new_build junit
add_test fails '${victim} exit 42'
add_test crashes '${victim} raise BUS'
start_ctest --output-junit "$build/ctest.xml"
finish
# Not the 42 of some time.
if grep -qiE '(exit|code|value)[^0-9]*42\b' "$build/ctest.xml" || grep -q SIGBUS "$build/ctest.xml"; then ctest_is_right JUnit; fi
start
finish
expect_status fails failed 'exit code 42'
expect_status crashes crashed SIGBUS
expect_text "$build/paralleltests/junit.xml" '<property name="exit_code" value="42"/>'
expect_text "$build/paralleltests/junit.xml" '<property name="signal" value="SIGBUS"/>'

conclude
