#!/bin/sh
# Test names that break naive tools arrive everywhere as they are: console, JUnit, logs, CTest's files, ctest --rerun-failed.
. "$(dirname "$0")/common.sh"

long=$(printf '%0300d' 7)
new_build build
while IFS= read -r name; do
  add_test "$name" "\${victim} say [==[$name]==]" 'WILL_FAIL ON'
  printf '%s\n' "$name" >>"$work/names"
done <<EOF
with spaces
 leading and trailing 
a/path/like/name
../up
.
..
.hidden
-R
--help
semi;colon
"double" and 'single'
back\\slash
<xml attr="v"> & ]]>
*
[a-z]?
\$HOME \${HOME} \$(id)
%41%d%s
grüße, 世界
UPPER
upper
42
colon: 1
name 1 0.5
---
$long
EOF
count=$(wc -l <"$work/names")

run -j2
expect_code 1
expect_xml
outcomes | cut -f 1 >"$work/got"
same "$work/names" "$work/got" "names in the JUnit file"
awk '{ print NR ":" $0 }' "$work/names" >"$work/numbered"
same "$work/numbered" "$build/Testing/Temporary/LastTestsFailed.log" "LastTestsFailed.log"
awk '/^The following tests FAILED/ { inside = 1; next } /^$/ { inside = 0 } inside { sub(/^[\t ]*[0-9]* - /, ""); print }' "$build/out" |
  sed 's/ (Failed)$//' >"$work/got"
same "$work/names" "$work/got" "names in the list of failed tests"

# Each has a log of its own, below logs/ itself, that holds its own output.
[ "$(find "$build/paralleltests/logs" -type f | wc -l)" -eq "$count" ] || fault "expected $count logs: $(ls -A "$build/paralleltests/logs")"
[ "$(find "$build/paralleltests/logs" -mindepth 2 | wc -l)" -eq 0 ] || fault "folders below logs/"
cat "$build"/paralleltests/logs/* "$build"/paralleltests/logs/.[!.]* 2>/dev/null | sort >"$work/got"
sort "$work/names" >"$work/expected"
same "$work/expected" "$work/got" "outputs in the logs"
sed -n 's/^ *Log: //p' "$build/out" | while IFS= read -r log; do [ -s "$log" ] || echo "$log"; done >"$work/missing"
[ ! -s "$work/missing" ] || fault "logs that the console names and that are not there: $(cat "$work/missing")"

# CTest takes our list of failed tests and our costs.
(cd "$build" && ctest -N --rerun-failed) | sed -n 's/^ *Test *#[0-9]*: //p' >"$work/got"
same "$work/names" "$work/got" "tests that ctest --rerun-failed would run"

# A second run reads the costs of the first and adds to them: the names survive both ways.
run -j2
awk '/^---$/ { exit } { print }' "$build/Testing/Temporary/CTestCostData.txt" | sed 's/ [0-9]* [0-9.e-]*$//' | sort >"$work/got"
sort "$work/names" >"$work/expected"
same "$work/expected" "$work/got" "names in CTestCostData.txt"

# The name of each selects exactly it.
while IFS= read -r name; do
  env "$mark" "$ptests" list -B "$build" -- "$name" >"$work/list" 2>&1 || :
  sed -n 's/^ *Test *#[0-9]*: //p' "$work/list" | grep -qxF -e "$name" || { fault "not found by its name: $name" && show "$work/list"; }
done <"$work/names"

# --- Two tests of one name: two results and two logs.
new_build duplicates
mkdir "$build/a" "$build/b"
echo 'subdirs(a b)' >>"$build/CTestTestfile.cmake"
for part in a b; do
  echo "add_test(same \"$victim\" say $part)" >"$build/$part/CTestTestfile.cmake"
  echo 'set_tests_properties(same PROPERTIES WILL_FAIL ON)' >>"$build/$part/CTestTestfile.cmake"
done
run -j2
expect_code 1
expect_xml
[ "$(outcomes | grep -c '^same')" -eq 2 ] || fault "expected two results, got $(outcomes)"
printf '1:same\n2:same\n' >"$work/expected"
same "$work/expected" "$build/Testing/Temporary/LastTestsFailed.log" "LastTestsFailed.log of two tests of one name"
cat "$build"/paralleltests/logs/* >"$work/got"
printf 'a\nb\n' >"$work/expected"
same "$work/expected" "$work/got" "logs of two tests of one name"

expect_nothing_left
conclude
