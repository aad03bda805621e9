#!/bin/sh
# Usage: ctest_cases.sh <generator> [catch2]; PTESTS_EXECUTABLE = the executor
# CTEST_CASES: ctest has the cases that ptests listed last, while the executable and its command are the same, and else the executable.
. "$(dirname "$0")/common.sh"
generator=$1
catch=OFF
[ "${2:-}" != catch2 ] || catch=ON
build=$tmp/build
# What the configuration adds to file names, to the options of ctest and to those of ptests.
suffix=
config=
case $generator in *Multi*) suffix=-Debug config=Debug ;; esac
lists=$build/paralleltests/ctest$suffix

# project <option>...: configures anew.
cp -R "$here/projects/ctest_cases" "$tmp/project"
project() { configure "$tmp/project" "$build" -G "$generator" "-DEXECUTOR=$PTESTS_EXECUTABLE" -DCATCH=$catch "$@"; }
build_all() { quietly "$cmake" --build "$build" ${config:+--config $config}; }
of_ctest() { (cd "$build" && "$ctest" ${config:+-C $config} "$@"); }
run() { "$PTESTS_EXECUTABLE" run -B "$build" ${config:+--config $config} "$@" >"$tmp/out" 2>&1 || :; }
# listed: the tests of ptests, in its order.
listed() { "$PTESTS_EXECUTABLE" list -B "$build" ${config:+--config $config} | sed -n 's/^ *Test *#[0-9]*: //p' | tr '\n' ' '; }
# names [<option of ctest>...]: what ctest has, in its order.
names() { of_ctest -N "$@" | sed -n 's/^ *Test *#[0-9]*: //p' | sed 's/ (Disabled)$//'; }
# statuses: "<name>\t<status>" of all tests as ctest runs them, sorted; skipped ones are "notrun".
statuses() {
  of_ctest -j2 --output-junit "$tmp/junit.xml" >"$tmp/out" 2>&1 || :
  sed -n 's/.*<testcase name="\([^"]*\)".* status="\([a-z]*\)".*/\1\t\2/p' "$tmp/junit.xml" |
    sed 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' | LC_ALL=C sort
}
# is_whole <test>...: ctest has these as tests, and no case of them.
is_whole() {
  names >"$tmp/names"
  for test; do
    grep -qxF "$test" "$tmp/names" || fail "ctest lost $test: $(cat "$tmp/names")"
    ! grep -qF "$test/" "$tmp/names" || fail "ctest has $test and its cases: $(cat "$tmp/names")"
  done
}
# has_cases <test>...: ctest has the cases of these, and not these.
has_cases() {
  names >"$tmp/names"
  for test; do
    ! grep -qxF "$test" "$tmp/names" || fail "ctest has $test as a whole: $(cat "$tmp/names")"
    grep -qF "$test/" "$tmp/names" || fail "ctest has no cases of $test: $(cat "$tmp/names")"
  done
}

# The tests with CTEST_CASES of a directory come first.
first="unit.more unit.names unit.same unit.whole odd name.table $([ $catch = OFF ] || echo 'catch.names ')"
last="plain.whole below.later bundled.bundle without.table"
wholes="$first$last"
table=$here/projects/ctest_cases/expected.tsv
expected() { if [ $catch = ON ]; then cat "$table"; else grep -v "^catch" "$table"; fi | LC_ALL=C sort; }

# Nothing is listed yet.
project
build_all
expect "before a run" "$(names | tr '\n' ' ')" "$wholes "
same_as_ctest "$build" "$build/paralleltests/manifest$suffix.json" ${config:+-C $config}
if [ -n "$config" ]; then
  config=
  expect "without a configuration" "$(names | tr '\n' ' ')" "$wholes "
  config=Debug
fi

# Each case as ptests has it. Those whose process is judged stay as they are.
run
total=$(sed -n 's/.* tests failed out of //p' "$tmp/out")
statuses >"$tmp/got"
expected >"$tmp/wanted"
diff -u "$tmp/wanted" "$tmp/got" >"$tmp/diff" || fail "cases in ctest: $(cat "$tmp/diff")"
expect "an odd label of the suite" "$(names -L '^odd;label$' | grep -c '^unit\.')" 11
[ $catch = OFF ] || expect "a tag" "$(names -L '^b;c$')" "catch.names/one, two"

# To ptests nothing is new, and what failed there ctest runs again.
run
expect "tests of ptests" "$(sed -n 's/.* tests failed out of //p' "$tmp/out")" "$total"
expect "of ptests list" "$(listed)" "$wholes "
sed -n 's/\tfail$//p' "$tmp/wanted" >"$tmp/failed"
names --rerun-failed | LC_ALL=C sort >"$tmp/again"
diff -u "$tmp/failed" "$tmp/again" >"$tmp/diff" || fail "ctest --rerun-failed after ptests: $(cat "$tmp/diff")"

# A rebuilt executable may have other cases.
echo 'TEST_CASE("new") {}' >>"$tmp/project/doctest/more.cpp"
build_all
is_whole unit.more bundled.bundle
has_cases unit.names unit.same below.later
run
has_cases unit.more bundled.more bundled.same
expect "the new case" "$(names -R '^unit.more/new$')" unit.more/new
program=$build${config:+/$config}/unit.more
# So may one that is older than its list.
touch -d '2001-02-03 04:05:06.000007' "$program"
is_whole unit.more
run --suite unit
has_cases unit.more
mv "$program" "$tmp/gone"
is_whole unit.more
mv "$tmp/gone" "$program"
has_cases unit.more

# A list that is not whole is none.
list=$lists/unit.names.cmake
cp "$list" "$tmp/list"
size=$(wc -c <"$list")
for part in 0 1 100 $((size / 3)) $((size / 2)) $((size - 7)) $((size - 1)); do
  head -c "$part" "$tmp/list" >"$list"
  is_whole unit.names
done
cp "$tmp/list" "$list"
has_cases unit.names

# A new configuration of CMake holds at once for the properties; with another command it is another program.
project -DLIMIT=7
timeout_of() { of_ctest --show-only=json-v1 -R '^unit.names/passes$' | tr -d ' \n' | sed -n 's/.*"TIMEOUT","value":\([0-9.]*\).*/\1/p'; }
expect "a property of CMake's last configuration" "$(timeout_of)" 7.0
project -DMORE=more
is_whole unit.more unit.names unit.same
has_cases bundled.more bundled.same
run --suite unit
has_cases unit.more unit.names unit.same

# Who removes the reports loses no test.
rm -rf "$lists"
expect "without lists" "$(names | tr '\n' ' ')" "$wholes "

# With tests of others ctest's list gives the order, and cases in it are none of them.
project -DFOREIGN=ON
run
expect "with tests of others" "$(listed)" "foreign ${first}before $last "
run
expect "tests besides those of others" "$(sed -n 's/.* tests failed out of //p' "$tmp/out")" $((total + 4))
names --rerun-failed | LC_ALL=C sort >"$tmp/again"
diff -u "$tmp/failed" "$tmp/again" >"$tmp/diff" || fail "ctest --rerun-failed with tests of others: $(cat "$tmp/diff")"

