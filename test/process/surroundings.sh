#!/bin/sh
# ptests started in odd surroundings: paths, environment, limits and signals as no one would choose them.
. "$(dirname "$0")/common.sh"

two_tests() {
  new_build "$1"
  add_test first '${victim} signals'
  add_test second '${victim} exit 3'
}

# expect_both: what two_tests always gives.
expect_both() {
  expect_code 1
  expect_status first passed
  expect_status second failed 'exit code 3'
  expect_xml
  expect_nothing_left
}

# in_it <command>...: from inside the build directory.
in_it() {
  code=0
  (cd "$build" && env "$mark" "$@" >"$build/out" 2>"$build/err" </dev/null) || code=$?
}

# --- Where the build directory is
two_tests 'a & <b> "c" $d ;e [f] é'
run
expect_both

two_tests here
in_it "$ptests" run
expect_both

two_tests relative
mkdir "$build/sub"
in_it sh -c 'cd sub && exec "$0" run -B ..' "$ptests"
expect_both
expect_text "$build/out" "Test project $build"

two_tests linked
ln -s "$build" "$work/link"
code=0
env "$mark" "$ptests" run -B "$work/link/" >"$build/out" 2>"$build/err" || code=$?
expect_both

# --- What it is given
two_tests no_environment
in_it env -i "$mark" "$ptests" run
expect_both

two_tests private_umask
in_it sh -c 'umask 077 && exec "$0" run' "$ptests"
expect_both

two_tests children_ignored
in_it sh -c 'trap "" CHLD && exec "$0" run' "$ptests"
expect_both

two_tests all_ignored
in_it sh -c 'trap "" HUP INT QUIT PIPE TERM USR1 USR2 ALRM TSTP TTIN TTOU XFSZ && exec "$0" run' "$ptests"
expect_both

two_tests no_terminal
in_it setsid -w "$ptests" run
expect_both

two_tests no_tmp
in_it env TMPDIR=/no/such/folder "$ptests" run
expect_both

# --- More tests at once than files may be open, or than there are tests
new_build many
i=0
while [ $i -lt 60 ]; do
  i=$((i + 1))
  add_test "t$i" '${victim} sleep 0.2'
done
in_it sh -c 'ulimit -n 40 && exec "$0" run -j 60' "$ptests"
case $code in
  0) [ "$(outcomes | grep -c passed)" -eq 60 ] || fault "many: expected 60 to pass" ;;
  1 | 5) grep -q 'Too many open files' "$build/out" "$build/err" || fault "many: no word about open files: $(cat "$build/err")" ;;
  *) fault "many: exit code $code" ;;
esac
expect_nothing_left
run -j 1000000
expect_code 0

# --- Nothing to do
new_build none
run
expect_code 4
expect_text "$build/err" 'has no tests'

new_build only_disabled
add_test off '${victim} exit 1' 'DISABLED ON'
run
expect_code 0
expect_status off disabled
expect_xml

conclude
