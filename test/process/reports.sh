#!/bin/sh
# A report that cannot be written is an error that says why; the other reports are written all the same.
. "$(dirname "$0")/common.sh"

three_tests() {
  new_build "$1"
  add_test first '${victim} exit 0'
  add_test second '${victim} exit 3'
  add_test third '${victim} exit 0'
}

# expect_others: CTest's files, while JUnit's cannot be written.
expect_others() {
  expect_text "$build/Testing/Temporary/LastTest.log" 'Testing: third'
  expect_text "$build/Testing/Temporary/LastTestsFailed.log" '2:second'
  expect_text "$build/Testing/Temporary/CTestCostData.txt" 'first 1 '
  expect_text "$build/out" '2 - second (Failed)'
  expect_nothing_left
}

# --- JUnit: a folder of a file system that takes no files.
three_tests proc
run --junit /proc/no/junit.xml
expect_code 5
expect_text "$build/err" 'ptests: error: '
expect_text "$build/err" '/proc/no'
expect_others

# --- JUnit: the folder's place is a file's.
three_tests not_a_folder
: >"$build/file"
run --junit "$build/file/junit.xml"
expect_code 5
expect_text "$build/err" "$build/file"
expect_others

# --- JUnit: the name is a folder's.
three_tests a_folder
mkdir "$build/junit.xml"
run --junit "$build/junit.xml"
expect_code 5
expect_text "$build/err" "$build/junit.xml"
expect_others

# --- JUnit: new folders are made for it, and a relative name counts from where ptests was started.
three_tests new_folder
(cd "$build" && env "$mark" "$ptests" run -B . --junit reports/new/junit.xml >"$build/out" 2>"$build/err") || :
expect_xml "$build/reports/new/junit.xml"
expect_others

# --- A disk that is full after 64 KiB, as far as one file goes. What is small is still written.
three_tests full
add_test flood '${victim} flood'
{
  code=0
  (
    trap "" XFSZ
    ulimit -f 128
    exec env "$mark" "$ptests" run -B "$build" -j2 2>"$build/err"
  ) || code=$?
  echo "$code" >"$build/code"
} | tail -n 20 >"$build/out"
code=$(cat "$build/code")
expect_code 5
expect_text "$build/err" "$build/Testing/Temporary/LastTest.log: File too large"
expect_text "$build/err" "$build/paralleltests/junit.xml: File too large"
expect_text "$build/out" '4 - flood (SIGXFSZ)'
expect_text "$build/Testing/Temporary/LastTestsFailed.log" '2:second'
expect_nothing_left

# --- Without rights. Root has all of them, so root becomes nobody for this.
as_nobody

# run_as_nobody: its words are in $work/out and $work/err, for the build directory may be closed to it.
run_as_nobody() {
  hand_over
  code=0
  # shellcheck disable=SC2086
  $as env "$mark" "$ptests" run -B "$build" >"$work/out" 2>"$work/err" </dev/null || code=$?
}

two_tests() {
  new_build "$1"
  add_test first '${victim} exit 0'
  add_test second '${victim} exit 3'
}

# Testing/Temporary cannot be written: CTest's files are missing, the rest is there.
new_build read_only_testing
write_manifest "{\"name\": \"second\", \"suite\": \"suite\", \"command\": [\"$victim\", \"exit\", \"3\"], \"cwd\": \"$build\"}"
mkdir -p "$build/Testing/Temporary"
chmod 555 "$build/Testing/Temporary"
run_as_nobody
expect_code 5
expect_text "$work/err" 'Permission denied'
expect_text "$work/err" "$build/Testing/Temporary"
expect_status second failed 'exit code 3'
expect_nothing_left

# The whole build directory is read-only: nothing can be kept, so nothing runs.
two_tests read_only_build
chmod 555 "$build"
run_as_nobody
[ "$code" -ge 2 ] || fault "read_only_build: expected an error, got exit code $code"
expect_text "$work/err" 'Permission denied'
expect_text "$work/err" "$build/paralleltests"

# Logs of another user: each test says so.
two_tests foreign_logs
as_ourselves
run -j2 --no-build
as_nobody
chmod 555 "$build/paralleltests/logs"
chmod 444 "$build/paralleltests/logs/first.log" "$build/paralleltests/logs/second.log"
run_as_nobody
expect_code 1
expect_status first not_run 'Permission denied'
expect_status first not_run "$build/paralleltests/logs/first.log"

# A working directory without rights.
two_tests closed_folder
mkdir "$build/closed"
chmod 000 "$build/closed"
add_test in_closed_folder '${victim} exit 0' "WORKING_DIRECTORY \"$build/closed\""
run_as_nobody
expect_code 1
expect_status in_closed_folder not_run "Failed to change working directory to $build/closed: Permission denied"
expect_status first passed

as_ourselves

# --- One ptests in a build directory at a time. The second says so at once and disturbs nothing.
new_build twice
add_test waits '${victim} journal ${journal} waits 20'
start
wait_until 100 test -s "$build/journal" || die "twice: does not start: $(cat "$build/err")"
code=0
env "$mark" "$ptests" run -B "$build" >"$work/second.out" 2>"$work/second.err" </dev/null || code=$?
[ "$code" -eq 2 ] || fault "twice: expected exit code 2 of the second, got $code"
expect_text "$work/second.err" "another ptests runs in $build"
[ ! -s "$work/second.out" ] || fault "twice: the second printed: $(cat "$work/second.out")"
env "$mark" "$ptests" list -B "$build" >"$work/list" || fault "twice: list needs no lock"
kill -TERM "$pid"
finish
expect_code 143
expect_status waits interrupted
# The lock ends with its holder, however that ended.
: >"$build/journal"
start
wait_until 100 test -s "$build/journal" || die "twice: does not start again: $(cat "$build/err")"
kill -KILL "$pid"
finish 2>"$work/ignored"
end_processes
run --timeout 0.2
expect_code 1
expect_status waits timed_out

conclude
