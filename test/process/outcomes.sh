#!/bin/sh
# Every behaviour of expected.tsv ends as the table says: in JUnit, in the journal, on the console, for `ctest --rerun-failed`. As the user
# we are and, when that is root, as one without rights: no cgroup, no permission.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/table.sh"

# CTest reruns what failed, and a fixture's setup is one of them.
expect_rerun() {
  same "$work/failed" "$build/Testing/Temporary/LastTestsFailed.log" "$(basename "$build"): LastTestsFailed.log"
  (cd "$build" && ctest -N --rerun-failed) | sed -n 's/^ *Test *#\([0-9]*\): \(.*\)/\1:\2/p' | sed 's/ (Disabled)$//' >"$work/rerun"
  same "$work/failed" "$work/rerun" "$(basename "$build"): tests that ctest --rerun-failed would run"
}

# run_table <arguments>...: $build holds the rows of $table.
run_table() {
  hand_over
  run -j8 "$@"
  expect_table
  expect_rerun
  expect_nothing_left
  expect_no_traces 50 'at its end'
}

# What a cgroup slows down could be done in a moment.
expect_slowed_down() {
  for name in $(sed -n 's/^\(cgroup\.[a-z_]*slowed_down\)\t.*/\1/p' "$table"); do
    [ "$(seconds_of "$name")" -ge 1 ] || fault "$name: expected more than a second, got $(seconds_of "$name")"
  done
}

# What the limit on the output leaves on the disk.
expect_bounded_logs() {
  for log in "$build"/paralleltests/logs/output_size.*; do
    case $log in *.err) continue ;; */output_size.1_GB*) most=67108864 ;; */output_size.split_sum*) most=12288 ;; *) most=1048576 ;; esac
    errors=$log.err
    [ -f "$errors" ] || errors=/dev/null
    size=$(cat "$log" "$errors" | wc -c)
    [ "$size" -le $((most + 4096)) ] || fault "$log: $size bytes, stderr counted"
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
expect_slowed_down
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
