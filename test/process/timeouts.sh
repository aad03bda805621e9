#!/bin/sh
# Timeouts of every size, from every side. (Without the stacks that a debugger takes: on a busy machine those take seconds.)
. "$(dirname "$0")/common.sh"

# expect_ended <name> <reason>: by its timeout, long before it ended by itself.
expect_ended() {
  expect_status "$1" timed_out "$2"
  [ "$(seconds_of "$1")" -lt 3 ] || fault "$1: ran $(seconds_of "$1") s"
}

# Over before anything else happens: nothing but the timer can wake ptests. Each alone, so that no other test does.
new_build tiny
add_test nanosecond '${victim} sleep 4' 'TIMEOUT 0.000000001'
add_test millisecond '${victim} sleep 4' 'TIMEOUT 0.001'
run --backtrace off -j1 nanosecond
expect_code 1
expect_ended nanosecond 'no end within'
run --backtrace off -j1 millisecond
expect_code 1
expect_ended millisecond 'no end within 0.001 s'

# Longer than any clock counts.
new_build huge
for seconds in 10000000 10000000000 1e12 1e300; do add_test "$seconds" '${victim} sleep 0.1' "TIMEOUT $seconds"; done
run --backtrace off -j2
expect_code 0
for seconds in 10000000 10000000000 1e12 1e300; do expect_status $seconds passed; done

# A test's own timeout, the run's, none.
new_build whose
add_test own '${victim} sleep 4' 'TIMEOUT 0.2'
add_test own_is_longer '${victim} sleep 0.5' 'TIMEOUT 10'
add_test own_is_none '${victim} sleep 0.5' 'TIMEOUT 0'
add_test of_the_run '${victim} sleep 4'
run --backtrace off -j4 --timeout 0.3
expect_code 1
expect_ended own 'no end within 0.2 s'
expect_status own_is_longer passed
expect_status own_is_none passed
expect_ended of_the_run 'no end within 0.3 s'
run --backtrace off -j4 --timeout 0 own_is_longer
expect_code 0

# The clock starts anew when the output says so.
new_build after_match
add_test ready 'sh -c "sleep 0.3; echo ready; exec sleep 4"' 'TIMEOUT 15 TIMEOUT_AFTER_MATCH "0.2;rea[d]y"'
add_test never_ready '${victim} sleep 4' 'TIMEOUT 0.3 TIMEOUT_AFTER_MATCH "10;ready"'
add_test ready_and_ends 'sh -c "echo ready; sleep 0.3"' 'TIMEOUT 0.2 TIMEOUT_AFTER_MATCH "10;ready"'
run --backtrace off -j3
expect_code 1
expect_ended ready 'no end within 0.2 s'
expect_ended never_ready 'no end within 0.3 s'
expect_status ready_and_ends passed

new_build after_match_on_stderr
add_test ready 'sh -c "echo ready >&2; exec sleep 4"' 'TIMEOUT 15 TIMEOUT_AFTER_MATCH "0.2;rea[d]y" PTESTS_CAPTURE split'
make_manifest
run --backtrace off
expect_code 1
expect_ended ready 'no end within 0.2 s'

# What a test that ends within a second has open is seen too.
new_build open_files
add_test holds 'sh -c "exec 3<. 4<. 5<. 6<. 7<. 8<. 9<.; exec sleep 0.9"'
run
expect_code 0
most=$(sed -n 's/.*"most_open_files":\([0-9]*\).*/\1/p' "$build/paralleltests/events.jsonl" | head -n 1)
[ "${most:-0}" -ge 10 ] || fault "open_files: 10 files were open, ${most:-none} seen"

# The signal a test asks for, and its grace period.
new_build signal
words='"suite": "suite", "cwd": "/", "timeout": 0.3, "command"'
usr1="[\"/bin/sh\", \"-c\", \"trap 'echo asked by USR1; exit 0' USR1; echo waiting; sleep 4\"]"
kill='["/bin/sh", "-c", "trap : TERM; echo waiting; sleep 4; sleep 4"]'
patient='["/bin/sh", "-c", "trap \"sleep 1.5; echo cleaned up; exit 0\" TERM; echo waiting; sleep 4"]'
write_manifest "{\"name\": \"usr1\", $words: $usr1, \"properties\": {\"TIMEOUT_SIGNAL_NAME\": \"SIGUSR1\"}},
  {\"name\": \"kill\", $words: $kill, \"properties\": {\"TIMEOUT_SIGNAL_NAME\": \"SIGKILL\"}},
  {\"name\": \"patient\", $words: $patient, \"properties\": {\"TIMEOUT_SIGNAL_GRACE_PERIOD\": 10}}"
run --backtrace off -j3
expect_code 1
expect_ended usr1 'no end within 0.3 s'
expect_text "$build/paralleltests/logs/usr1.log" 'asked by USR1'
expect_ended kill 'no end within 0.3 s'
expect_status patient timed_out
expect_text "$build/paralleltests/logs/patient.log" 'cleaned up'

expect_nothing_left
conclude
