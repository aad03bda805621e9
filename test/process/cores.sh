#!/bin/sh
# Core dumps that go to one name, in one folder: each crash shows its own stacks, and keeps its own core.
. "$(dirname "$0")/common.sh"

skip() {
  echo "process.$topic: SKIPPED: $*"
  exit 0
}
rule=$(cat /proc/sys/kernel/core_pattern)
if [ "$rule" != core ] || [ "$(cat /proc/sys/kernel/core_uses_pid)" != 0 ]; then
  skip "core dumps do not go to the one name \"core\" here: \"$rule\""
fi
gdb=$(command -v gdb) || skip "no gdb"
[ "$(ulimit -H -c)" = unlimited ] || skip "core dumps are limited by \`ulimit -H -c\`"

# crash <name> <command>: a test that leaves a core in $work/files.
mkdir "$work/files"
crash() { add_test "$1" "$2" 'WORKING_DIRECTORY "${files}" PTESTS_CORE_SIZE 1G TIMEOUT 60'; }

# details_of <name>: what the JUnit file says about it.
details_of() { sed -n "/<testcase name=\"$1\"/,/<\/testcase>/p" "$build/paralleltests/junit.xml"; }

# expect_core <name> <function that crashed>: the core is kept, and reported where it is.
expect_core() {
  details_of "$1" >"$work/details"
  core=$build/paralleltests/logs/$1.log.core
  expect_text "$work/details" "name=\"core_file\" value=\"$core\""
  "$gdb" -batch -nx -ex bt -se "$victim" -core "$core" >"$work/later" 2>&1 </dev/null || :
  expect_text "$work/later" " $2 ("
}

# expect_stacks <name> <function that crashed> <function of the other test>
expect_stacks() {
  details_of "$1" >"$work/details"
  expect_text "$work/details" " $2 ("
  expect_no_text "$work/details" " $3 ("
}

# --- One after the other: the first core is still there at the end.
new_build in_turn
crash first '${victim} dump_core here'
crash second '${victim} dump_core there'
make_manifest
run -j1
expect_code 1
expect_core first dump_here
expect_core second dump_there
expect_stacks first dump_here dump_there
expect_stacks second dump_there dump_here
[ -z "$(ls "$work/files")" ] || fault "left in the working directory: $(ls "$work/files")"

# --- The second one crashes while the debugger of the first one starts, which waits for that.
mkdir "$work/gdb"
cat >"$work/gdb/gdb" <<END
#!/bin/sh
if mkdir "$work/first_is_read" 2>/dev/null; then
  tenths=90
  until [ -d "$work/second_is_read" ] || [ \$tenths -eq 0 ]; do
    tenths=\$((tenths - 1))
    sleep 0.1
  done
else
  mkdir "$work/second_is_read"
fi
exec "$gdb" "\$@"
END
cat >"$work/bin/crashes_later" <<END
#!/bin/sh
tenths=300
until [ -d "$work/first_is_read" ] || [ \$tenths -eq 0 ]; do
  tenths=\$((tenths - 1))
  sleep 0.1
done
exec "$victim" dump_core there
END
chmod +x "$work/gdb/gdb" "$work/bin/crashes_later"
PATH=$work/gdb:$PATH
new_build at_once
crash first '${victim} dump_core here'
crash second "\"$work/bin/crashes_later\""
make_manifest
run -j2
expect_code 1
[ -d "$work/second_is_read" ] || fault "at_once: the core of the second one was not read"
expect_core first dump_here
expect_core second dump_there
expect_stacks first dump_here dump_there

conclude
