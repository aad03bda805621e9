#!/bin/sh
# Usage: bundle.sh <generator> [catch2]; PTESTS_EXECUTABLE = the executor
# BUNDLE links the sources of a suite into few executables. Their cases keep their names, verdicts, history and files.
. "$(dirname "$0")/common.sh"
build=$tmp/build
events=$build/paralleltests/events.jsonl
catch=OFF
[ "${2:-}" != catch2 ] || catch=ON

# bundle <value of BUNDLE>: configures anew, in the same build directory.
bundle() {
  configure "$here/projects/bundle" "$build" -G "$generator" "-DEXECUTOR=$PTESTS_EXECUTABLE" -DCATCH=$catch "-DBUNDLE=$1" \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
}
generator=$1
# run <option>...: its exit code does not count, what it says of each case does.
run() { "$PTESTS_EXECUTABLE" run -B "$build" "$@" >"$tmp/out" 2>&1 || :; }
# verdicts: "<name>\t<status>" of the last run, sorted.
verdicts() {
  sed -n 's/.*"event":"test_finished".*"name":"\(\([^"\\]\|\\.\)*\)".*"status":"\([a-z_]*\)".*/\1\t\3/p' "$events" |
    sed 's/\\"/"/g; s/\\\\/\\/g' | LC_ALL=C sort
}
# executables: the tests of ctest.
executables() {
  (cd "$build" && "$ctest" -N) | sed -n 's/^ *Test *#[0-9]*: //p' | tr '\n' ' '
}
# located <case>: the file and the line that the JUnit file has of it.
located() { sed -n "s|.*<testcase name=\"$1\".* file=\"\([^\"]*\)\" line=\"\([0-9]*\)\".*|\1:\2|p" "$build/paralleltests/junit.xml"; }

bundle OFF
run
verdicts >"$tmp/apart"
wanted=25
[ $catch = OFF ] || wanted=29
expect "cases without BUNDLE" "$(wc -l <"$tmp/apart")" $wanted

# What is known of the cases is still known when their executable is another one.
bundle ON
expect "executables" "$(executables)" "unit.bundle short.bundle library.bundle $([ $catch = OFF ] || echo 'catch.bundle ')"
expect "a source is compiled once a call" "$(grep -c '"file": ".*/doctest/net.cpp"' "$build/compile_commands.json")" 1
run -R '^unit.net/reads$'
expect "one case by its name" "$(verdicts)" "unit.net/reads	passed"
run --suite unit --rerun-failed
expect "what had failed" "$(verdicts | grep -v '	passed$\|later')" "unit.db/crashes	crashed
unit.db/in both	failed
unit.net/fails	failed
unit.net/twice#2	failed"

# The same cases with the same results; what nobody can know is which source a file belongs to that it includes.
run
verdicts >"$tmp/together"
same_as_ctest "$build" "$build/paralleltests/manifest.json"
expect "a skipped source" "$(grep later "$tmp/together")" "unit.later/later	skipped"
expect "a case of an included file" "$(grep shared "$tmp/together")" "unit.bundle/shared	passed"
sed 's|^unit.later/later|unit.later|; s|^unit.bundle/shared|unit.db/shared|' "$tmp/together" | LC_ALL=C sort >"$tmp/named"
diff -u "$tmp/apart" "$tmp/named" >"$tmp/diff" || fail "with BUNDLE: $(cat "$tmp/diff")"
expect "a case of doctest" "$(located unit.net/fails)" "$here/projects/bundle/doctest/net.cpp:4"
expect "of a file that the compiler calls by a shorter name" "$(located short.table/Table.opens)" "$here/projects/bundle/gtest/table.cpp:3"
expect "of a generated source" "$(located library.made/All/Index.has/0)" "$build/made.cpp:5"
run --suite unit
output_has "doctest/notes.cpp:3: @timeout: it would hold for all sources that BUNDLE links into unit.bundle"

# Sources are selected as the executables that they were.
run -R '^unit.notes$'
expect "a source by its name" "$(verdicts)" "unit.notes/noted	passed"
run --suite unit --tag smoke
expect "a tag of one source" "$(verdicts)" "unit.notes/noted	passed"
run --suite unit --integration
expect "the level of one source" "$(verdicts)" "unit.notes/noted	passed"

# More executables than some calls have sources.
bundle 3
more=$([ $catch = OFF ] || echo "catch.bundle1 catch.bundle2 ")
expect "three bundles" "$(executables)" \
  "unit.bundle1 unit.bundle2 unit.bundle3 short.bundle1 short.bundle2 library.bundle1 library.bundle2 $more"
run
verdicts | sed 's|^unit.bundle1/shared|unit.bundle/shared|' | LC_ALL=C sort >"$tmp/three"
diff -u "$tmp/together" "$tmp/three" >"$tmp/diff" || fail "with BUNDLE 3: $(cat "$tmp/diff")"
