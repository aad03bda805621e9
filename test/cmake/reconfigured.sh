# sh reconfigured.sh <generator>: CMake configures the project anew while its tests run, as an IDE does: the tests that are new or different
# run too, and the reports are of the whole.
. "$(dirname "$0")/common.sh"
generator=$1
project=$tmp/source
build=$tmp/build
cp -R "$here/projects/reconfigured" "$project"

# write_tests <definition of "rebuilt"> <line>...
write_tests() {
  definition=$1
  shift
  {
    printf 'declare(waits for "%s/go")\ndeclare(kept)\ndeclare(rebuilt)\ntarget_compile_definitions(rebuilt PRIVATE %s)\n' "$tmp" "$definition"
    printf '%s\n' "$@"
  } >"$project/tests.cmake.new"
  mv "$project/tests.cmake.new" "$project/tests.cmake"
}
write_tests OLD 'declare(different)' 'declare(gone)'
configure "$project" "$build" -G "$generator" "-DEXECUTOR=$PTESTS_EXECUTABLE" "-DRAN=$tmp/ran"

# wait_for_lines <n>: in $tmp/ran, for a minute.
wait_for_lines() {
  tenths=600
  while [ "$(cat "$tmp/ran" 2>/dev/null | wc -l)" -lt "$1" ]; do
    [ "$tenths" -gt 0 ] || fail "waited in vain for $1 tests: $(cat "$tmp/ran" "$tmp/run.txt")"
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

"$PTESTS_EXECUTABLE" run -B "$build" -j 2 >"$tmp/run.txt" 2>&1 </dev/null &
pid=$!
wait_for_lines 5
write_tests NEW 'declare(different now)' 'declare(new)'
quietly "$cmake" "$build"
: >"$tmp/go"
status=0
wait "$pid" || status=$?
cp "$tmp/run.txt" "$tmp/out"
expect "exit code" "$status" 0

runs_of() { grep -cx "$1" "$tmp/ran" || :; }
expect "those that are as they were run once" "$(runs_of waits) $(runs_of kept) $(runs_of gone)" "1 1 1"
expect "another command: runs again; new: runs" "$(runs_of different) $(runs_of new)" "2 1"
case $generator in
  Ninja)
    # Its executable is no longer what ran.
    expect "rebuilt: runs again" "$(runs_of rebuilt)" 2
    output_has "CMake configured the project anew meanwhile: 3 tests are new, different or not run."
    ;;
  *) output_has "CMake configured the project anew meanwhile: " ;;
esac
output_has "1 test of the run before is there no longer: gone"
output_has "100% tests passed, 0 tests failed out of 5"
for name in waits kept rebuilt different new; do
  expect "$name in JUnit" "$(grep -c "<testcase [^>]*name=\"$name\"" "$build/paralleltests/junit.xml")" 1
done
grep -q 'name="gone"' "$build/paralleltests/junit.xml" && fail "gone is in JUnit's report"

# What it knows afterwards is the whole: nothing is left, and nothing runs for nothing.
exits 4 "$PTESTS_EXECUTABLE" run -B "$build" --resume
output_has "is complete"
