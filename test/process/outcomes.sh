#!/bin/sh
# Every behaviour of expected.tsv ends as the table says: in JUnit, on the console, for `ctest --rerun-failed`.
. "$(dirname "$0")/common.sh"

table=$work/table
grep -v '^#' "$programs/expected.tsv" >"$table"

mkdir "$work/files"
cp "$victim" "$work/files/vic tim"
cp "$victim" "$work/files/not_executable"
chmod a-x "$work/files/not_executable"
head -c 100 "$victim" >"$work/files/truncated"
echo '#!/no/such/interpreter' >"$work/files/no_interpreter"
echo 'exit 0' >"$work/files/without_hash_bang"
chmod +x "$work/files/truncated" "$work/files/no_interpreter" "$work/files/without_hash_bang"

new_build build
awk -F '\t' '
  { printf "add_test([==[%s]==] %s)\n", $1, $5 }
  $6 != "-" { printf "set_tests_properties([==[%s]==] PROPERTIES %s)\n", $1, $6 }' "$table" >>"$build/CTestTestfile.cmake"

run -j4
expect_code 1
expect_xml

# What JUnit says of each.
outcomes >"$work/got"
awk -F '\t' '
  FNR == NR { status[$1] = $2; reason[$1] = $3; next }
  !($1 in status) { print $1 ": not in the report"; next }
  status[$1] != $2 { print $1 ": expected " $2 ", got " status[$1] " (" reason[$1] ")"; next }
  $4 != "-" && !index(reason[$1], $4) { print $1 ": expected the reason \"" $4 "\", got \"" reason[$1] "\"" }
' "$work/got" "$table" >"$work/wrong"
[ ! -s "$work/wrong" ] || { fault "outcomes:" && show "$work/wrong"; }
[ "$(wc -l <"$work/got")" -eq "$(wc -l <"$table")" ] || fault "$(wc -l <"$table") tests, $(wc -l <"$work/got") in the report"

# What the lists at the end of the console say.
awk -F '\t' '$3 != "-" { printf "%d - %s (%s)\n", NR, $1, $3 }' "$table" >"$work/expected_lists"
awk '/^The following tests/ { inside = 1; next } /^$/ { inside = 0 } inside { sub(/^[\t ]*/, ""); print }' "$build/out" |
  sort -n >"$work/lists"
same "$work/expected_lists" "$work/lists" "lists at the end of the console"
expect_text "$build/out" "$(awk -F '\t' '$2 == "failed" || $2 == "timed_out" || $2 == "crashed" || $2 == "not_run" { ++n }
  END { printf "tests passed, %d tests failed out of %d", n, NR - 1 }' "$table")"

# The grandchild of the timeout is dead; what a test left behind on purpose ends by itself.
expect_nothing_left 30

# CTest reruns what failed, and a fixture's setup is one of them.
awk -F '\t' '$2 == "failed" || $2 == "timed_out" || $2 == "crashed" || $2 == "not_run" { print NR ":" $1 }' "$table" >"$work/failed"
same "$work/failed" "$build/Testing/Temporary/LastTestsFailed.log" "LastTestsFailed.log"
(cd "$build" && ctest -N --rerun-failed) | sed -n 's/^ *Test *#\([0-9]*\): \(.*\)/\1:\2/p' | sed 's/ (Disabled)$//' >"$work/rerun"
same "$work/failed" "$work/rerun" "tests that ctest --rerun-failed would run"

conclude
