# sh nested.sh <generator>: a build in the build that has a target of the same name starts no test of ours early: the test runs when our
# executable is made anew, whether make or ninja run around us or not.
. "$(dirname "$0")/common.sh"
generator=$1
build=$tmp/build
events=$build/paralleltests/events.jsonl

# main_returns <exit code>: what our executable is made of.
main_returns() { echo "int main(void) { return $1; }" >"$tmp/same.c"; }
# expect_result <status>
expect_result() {
  expect "results ($how)" "$(sed -n 's/.*"event":"test_finished".*"status":"\([a-z_]*\)".*/\1/p' "$events")" "$1"
}

main_returns 0
configure "$here/projects/nested" "$build" -G "$generator" "-DEXECUTOR=$PTESTS_EXECUTABLE" "-DVALUE=$tmp/same.c"
for how in run check; do
  case $how in
    run) set -- "$PTESTS_EXECUTABLE" run -B "$build" ;;
    check) set -- "$cmake" --build "$build" --target check ;;
  esac
  main_returns 0
  quietly "$@"
  expect_result passed
  main_returns 1
  if "$@" >"$tmp/out" 2>&1; then
    cat "$tmp/out" >&2
    fail "the executable of the build before was run ($how)"
  fi
  output_has "0% tests passed, 1 tests failed out of 1"
  expect_result failed
done
