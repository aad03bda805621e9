#!/bin/sh
# Every behaviour of expected.tsv ends as the table says: in JUnit, in the journal, on the console, for `ctest --rerun-failed`. As the user
# we are and, when that is root, as one without rights: no cgroup, no permission.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/table.sh"

# expect_outcomes <file> <where it is from>: lines "<name> TAB <status> TAB <reason>".
expect_outcomes() {
  awk -F '\t' '
    FNR == NR { status[$1] = $2; reason[$1] = $3; next }
    !($1 in status) { print $1 ": no result"; next }
    status[$1] != $2 { print $1 ": expected " $2 ", got " status[$1] " (" reason[$1] ")"; next }
    $4 != "-" && !index(reason[$1], $4) { print $1 ": expected the reason \"" $4 "\", got \"" reason[$1] "\"" }
  ' "$1" "$table" >"$work/wrong"
  [ ! -s "$work/wrong" ] || { fault "$(basename "$build"): outcomes in $2:" && show "$work/wrong"; }
  [ "$(wc -l <"$1")" -eq "$(wc -l <"$table")" ] || fault "$(wc -l <"$table") tests, $(wc -l <"$1") results in $2"
}

# What the console says at its end: lists, and the figure.
expect_console() {
  awk -F '\t' '$3 != "-" { printf "%d - %s (%s)\n", NR, $1, $3 }' "$table" >"$work/expected_lists"
  awk '/^The following tests/ { inside = 1; next } /^$/ { inside = 0 } inside { sub(/^[\t ]*/, ""); print }' "$build/out" |
    sort -n >"$work/lists"
  same "$work/expected_lists" "$work/lists" "$(basename "$build"): lists at the end of the console"
  expect_text "$build/out" "tests passed, $(wc -l <"$work/failed") tests failed out of $(awk -F '\t' '$2 != "disabled"' "$table" | wc -l)"
}

# CTest reruns what failed, and a fixture's setup is one of them.
expect_rerun() {
  same "$work/failed" "$build/Testing/Temporary/LastTestsFailed.log" "$(basename "$build"): LastTestsFailed.log"
  (cd "$build" && ctest -N --rerun-failed) | sed -n 's/^ *Test *#\([0-9]*\): \(.*\)/\1:\2/p' | sed 's/ (Disabled)$//' >"$work/rerun"
  same "$work/failed" "$work/rerun" "$(basename "$build"): tests that ctest --rerun-failed would run"
}

# run_table <arguments>...: $build holds the rows of $table.
run_table() {
  awk -F '\t' '$2 !~ /^(passed|leaked|skipped|disabled)$/ { print NR ":" $1 }' "$table" >"$work/failed"
  hand_over
  run -j8 "$@"
  expect_code 1
  expect_xml
  outcomes >"$work/got"
  expect_outcomes "$work/got" "the JUnit file"
  awk -f "$here/journal.awk" "$build/paralleltests/events.jsonl" >"$work/got"
  expect_outcomes "$work/got" "the journal"
  expect_journal
  expect_console
  expect_rerun
  expect_nothing_left
  expect_no_traces 50 'at its end'
}

# What the limit on the output leaves on the disk.
expect_bounded_logs() {
  for log in "$build"/paralleltests/logs/output_size.*; do
    case $log in */output_size.1_GB*) most=67108864 ;; *) most=1048576 ;; esac
    [ "$(wc -c <"$log")" -le $((most + 4096)) ] || fault "$log: $(wc -c <"$log") bytes"
  done
}

# --- What CTest knows of too, as CTest tells it.
table_rows
awk -F '\t' '$6 !~ /PTESTS_/' "$table" >"$work/known" && mv "$work/known" "$table"
new_table_build imported
run_table --backtrace off

# --- All of it.
table_rows
new_table_build ours
make_manifest
run_table
expect_bounded_logs
expect_text "$build/out" inherited
# What was left is named, with its command line; what hung shows where.
expect_text "$build/out" "$victim leave 3"
expect_text "$build/paralleltests/junit.xml" "$victim leave 3"
if command -v gdb >"$work/ignored"; then expect_text "$build/paralleltests/junit.xml" ' in sleep_for'; fi

if [ "$(id -u)" -eq 0 ]; then
  as_nobody
  table_rows
  new_table_build unprivileged
  make_manifest
  run_table --backtrace off
  expect_bounded_logs
fi

conclude
