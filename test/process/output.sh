#!/bin/sh
# What tests print arrives byte by byte in their logs and in LastTest.log, and never breaks JUnit or the console.
. "$(dirname "$0")/common.sh"

behaviours='nul invalid_utf8 control_characters xml carriage_return escapes flood long_line both_streams say close_stdout
  cwd'

new_build build
for behaviour in $behaviours; do add_test "$behaviour" "\${victim} $behaviour"; done
run -j2
# And again: nothing of an earlier run is in the logs, of small ones or of large ones, and what a reader of the old one sees does not change.
exec 3<"$build/paralleltests/logs/flood.log"
echo old >>"$build/paralleltests/logs/flood.log"
run -j2
expect_xml
expect_nothing_left
[ "$(cat <&3 | tail -n 1)" = old ] || fault "the log of flood that was open while the test ran again has changed"
exec 3<&-

# The truth is what the program prints when started without ptests.
last_test_log=$build/Testing/Temporary/LastTest.log
for behaviour in $behaviours; do
  (cd "$build" && "$victim" "$behaviour" </dev/null >"$work/$behaviour" 2>&1) || :
  same_bytes "$work/$behaviour" "$build/paralleltests/logs/$behaviour.log" "log of $behaviour"

  # Behind the header's second rule stands the output, with a newline added where it ends without one; of a large one the ends.
  start=$(grep -abn "^\"$behaviour\" start time: " "$last_test_log" | head -n 1 | cut -d : -f 2)
  tail -c "+$((start + 1))" "$last_test_log" | tail -n +4 | head -c "$(wc -c <"$work/$behaviour")" >"$work/logged"
  if [ "$(wc -c <"$work/$behaviour")" -gt 1048576 ]; then
    grep -aq 'bytes are left out here' "$work/logged" || fault "LastTest.log does not say that output of $behaviour is left out"
    for file in "$work/$behaviour" "$work/logged"; do head -c 200000 "$file" >"$file.head" && mv "$file.head" "$file"; done
  fi
  same_bytes "$work/$behaviour" "$work/logged" "output of $behaviour in LastTest.log"
done

# The report holds the beginning and the end of a flood, and says what it leaves out.
report=$build/paralleltests/junit.xml
[ "$(wc -c <"$report")" -lt 3000000 ] || fault "the JUnit file holds $(wc -c <"$report") bytes"
expect_text "$report" "$(printf '%079d' 0)"
expect_text "$report" "$(printf '%079d' 65535)"
expect_text "$report" 'bytes are left out here'
expect_text "$report" ']]&gt; &lt;![CDATA[ &lt;/system-out&gt;'
expect_text "$report" '1999 on 2'

# --- A run that keeps no output leaves none of an earlier one, which would be taken for its own.
new_build not_kept
add_test said '${victim} say before'
run
expect_text "$build/paralleltests/logs/said.log" before
run --capture none
expect_code 0
[ ! -e "$build/paralleltests/logs/said.log" ] || fault "the log of an earlier run stands beside a run with --capture none"

# --- The console's reader goes away, or never was there: the run goes on to its end.
expect_full_run() {
  [ "$code" -eq 1 ] || fault "$1: expected exit code 1, got $code"
  [ "$(outcomes | wc -l)" -eq 3 ] || fault "$1: expected 3 results, got $(outcomes | wc -l)"
  expect_xml
  [ -f "$build/Testing/Temporary/LastTestsFailed.log" ] || fault "$1: no LastTestsFailed.log"
}

three_tests() {
  new_build "$1"
  add_test first '${victim} flood'
  add_test second '${victim} exit 3'
  add_test third '${victim} exit 0'
}

three_tests pipe
{
  code=0
  env "$mark" "$ptests" run -B "$build" -j1 2>"$build/err" || code=$?
  echo "$code" >"$build/code"
} | head -n 1 >"$build/out"
wait_until 50 test -s "$build/code" || die "ptests | head -n 1: no end"
code=$(cat "$build/code")
expect_full_run "stdout is a pipe nobody reads"

three_tests closed
code=0
env "$mark" "$ptests" run -B "$build" -j1 2>"$build/err" >&- || code=$?
expect_full_run "stdout is closed"

three_tests all_closed
code=0
env "$mark" "$ptests" run -B "$build" -j1 <&- >&- 2>&- || code=$?
expect_full_run "stdin, stdout and stderr are closed"

three_tests full
code=0
env "$mark" "$ptests" run -B "$build" -j1 2>"$build/err" >/dev/full || code=$?
expect_full_run "stdout is on a full disk"

conclude
