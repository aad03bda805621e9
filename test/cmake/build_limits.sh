# sh build_limits.sh <generator>: --compile-memory, --compile-timeout and --link-jobs; as root also for a user without rights, who has no
# cgroups.
. "$(dirname "$0")/common.sh"
generator=$1
# Where everybody can read it.
chmod 755 "$tmp"
cp -R "$repo/cmake" "$here/projects/build_limits" "$tmp"
cp "$PTESTS_EXECUTABLE" "$tmp/ptests"
chmod -R go+rX "$tmp"
events=paralleltests/events.jsonl
as=

# new_build <name>: configured in $build.
new_build() {
  build=$tmp/$1
  configure "$tmp/build_limits" "$build" -G "$generator" "-DREPOSITORY=$tmp" "-DPTESTS=$tmp/ptests"
  [ -z "$as" ] || chown -R 65534:65534 "$build"
}

# run <exit code> <option>...
run() {
  wanted_code=$1
  shift
  # shellcheck disable=SC2086
  exits "$wanted_code" timeout 300 $as "$tmp/ptests" run -B "$build" "$@"
}

# count <text>...: lines of the journal that have all of them.
count() {
  cp "$build/$events" "$tmp/lines"
  for text; do
    grep -F -e "$text" "$tmp/lines" >"$tmp/fewer" || :
    mv "$tmp/fewer" "$tmp/lines"
  done
  grep -c '' "$tmp/lines" || :
}

# expect_result <test> <status>: once.
expect_result() {
  expect "results of $1 in all" "$(count '"event":"test_finished"' "\"name\":\"$1\"")" 1
  expect "results of $1 that are $2" "$(count '"event":"test_finished"' "\"name\":\"$1\"" "\"status\":\"$2\"")" 1
}

# error_of <test>: in the JUnit file.
error_of() { xmllint --xpath "string(//testcase[@name='$1']/error)" "$build/paralleltests/junit.xml"; }

# A compiler that needs more is ended, and has the memory of the machine when it runs alone.
compile_memory() {
  new_build "memory$1"
  run 0 --suite memory -j 2 --compile-memory 64M
  expect "second tries" "$(grep -c 'runs once more, alone' "$tmp/out")" 1
  output_has "memory.hungry: a compiler had not enough memory; it runs once more, alone."
  output_has "100% tests passed, 0 tests failed out of 3"
  for test in hungry small_1 small_2; do
    expect_result memory.$test passed
    expect "compilers of $test" "$(count '"event":"step_finished"' "\"target\":\"memory.$test\",\"kind\":\"compile\"")" 1
  done
  # It is told of as one compiler, which had more than the limit in the end.
  expect "steps a limit ended" "$(count '"event":"step_finished"' '"limit_hit":"memory"')" 0
  peak=$(sed -n 's/.*"step_finished".*"target":"memory.hungry","kind":"compile".*"peak_rss_bytes":\([0-9]*\).*/\1/p' "$build/$events")
  [ "${peak:-0}" -gt 67108864 ] || fail "the compiler of memory.hungry had only ${peak:-no} bytes"
}

# What dies for want of memory when it is alone, too, has failed.
killed_again() {
  run 3 --suite killed -j 2
  expect "second tries" "$(grep -c 'runs once more, alone' "$tmp/out")" 1
  expect_result killed.killed build_failed
  expect_result killed.other passed
  expect "compilers that were killed" "$(count '"event":"step_finished"' '"target":"killed.killed"' '"kind":"signaled","code":9')" 1
}

compile_timeout() {
  run 3 --suite time -j 2 --compile-timeout 4
  expect_result time.long build_failed
  expect_result time.short_1 passed
  expect_result time.short_2 passed
  expect "steps a limit ended" "$(count '"event":"step_finished"' '"target":"time.long","kind":"compile"' '"limit_hit":"timeout"')" 1
  output_has "time.long ........................***Not Run (Build failed)"
  output_has "ended by ptests: beyond --compile-timeout 4"
  error_of time.long | grep -qF "ended by ptests: beyond --compile-timeout 4" ||
    fail "the JUnit file lacks why: $(error_of time.long)"
}

# most_at_once <kind of step>: that ran, by the journal.
most_at_once() {
  awk -v "kind=\"kind\":\"$1\"" 'index($0, kind) == 0 { next }
    /"event":"step_started"/ { if (++now > most) most = now }
    /"event":"step_finished"/ { --now }
    END { print most + 0 }' "$build/$events"
}

link_jobs() {
  run 0 --suite links -j 4 --link-jobs 1
  output_has "100% tests passed, 0 tests failed out of 6"
  expect "links" "$(count '"event":"step_finished"' '"kind":"link"')" 6
  expect "links at once" "$(most_at_once link)" 1
}

compile_memory ""
killed_again
compile_timeout
link_jobs
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
  as='setpriv --reuid=65534 --regid=65534 --clear-groups'
  compile_memory .nobody
  compile_timeout
fi
