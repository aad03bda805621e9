#!/bin/sh
# SIGINT, SIGTERM, SIGHUP and SIGQUIT end a run cleanly: reports for what ran, exit code 128 + signal, nothing left running.
. "$(dirname "$0")/common.sh"

# interrupt <signal> <its number>
interrupt() {
  new_build "$1"
  add_test passes '${victim} journal ${journal} passes'
  add_test failed '${victim} exit 3'
  add_test obeys '${victim} journal ${journal} obeys 20'
  add_test grandchild 'sh -c "echo grandchild start >>${journal}; exec ${victim} grandchild"'
  add_test stubborn 'sh -c "echo stubborn start >>${journal}; exec ${victim} ignore_term"'
  add_test after_stubborn '${victim} exit 0' 'DEPENDS stubborn'
  add_test disabled_later '${victim} exit 0' 'DEPENDS stubborn DISABLED ON'
  add_test serial '${victim} journal ${journal} serial' 'RUN_SERIAL ON'
  add_test late '${victim} journal ${journal} late' 'DEPENDS grandchild'
  start -j3
  for name in obeys grandchild stubborn; do
    wait_until 100 has_line "$build/journal" "$name start" || die "$1: $name does not start: $(cat "$build/out" "$build/err")"
  done
  kill "-$1" "$pid"
  finish
  expect_code $((128 + $2))
  expect_nothing_left 5
  expect_xml
  outcomes >"$work/got"
  cat >"$work/expected" <<'EOF'
passes	passed	
failed	failed	exit code 3
obeys	interrupted	the run was interrupted
grandchild	interrupted	the run was interrupted
stubborn	interrupted	the run was interrupted
EOF
  same "$work/expected" "$work/got" "$1: results"
  expect_text "$build/out" "Interrupted by SIG$1: 5 of 9 tests have a result."
  expect_no_text "$build/journal" late
  expect_no_text "$build/journal" serial
  expect_text "$build/Testing/Temporary/LastTest.log" 'Testing: stubborn'
  expect_no_text "$build/Testing/Temporary/LastTest.log" 'Testing: late'
  printf '%s\n' 2:failed 3:obeys 4:grandchild 5:stubborn >"$work/expected"
  same "$work/expected" "$build/Testing/Temporary/LastTestsFailed.log" "$1: LastTestsFailed.log"
}

interrupt INT 2
interrupt TERM 15
interrupt HUP 1
interrupt QUIT 3

stubborn="{\"name\": \"stubborn\", \"suite\": \"suite\", \"command\": [\"$victim\", \"ignore_term\"], \"cwd\": \"$work\""

# --- The second signal does not wait for the grace period.
new_build twice
write_manifest "$stubborn, \"properties\": {\"TIMEOUT_SIGNAL_GRACE_PERIOD\": 60}}"
start --no-build
log=$build/paralleltests/logs/stubborn.log
wait_until 100 has_line "$log" waiting || die "twice: stubborn does not start"
kill -INT "$pid"
wait_until 100 has_line "$log" 'asked to end' || die "twice: stubborn was not asked to end"
[ -n "$(pids_of "$victim")" ] || fault "twice: the first SIGINT already killed"
kill -INT "$pid"
wait_until 50 nothing_left || fault "twice: the second SIGINT did not kill: $(cat "$build/out")"
finish
expect_code 130
expect_status stubborn interrupted
expect_nothing_left 5
expect_xml

# --- While it builds: the build tool is ended too.
new_build build
cat >"$work/slow_cmake" <<'EOF'
#!/bin/sh
[ "$1" != --build ] || { echo building; sleep 20; }
EOF
chmod +x "$work/slow_cmake"
write_manifest "$stubborn, \"target\": \"some_target\"}" "$work/slow_cmake"
start
wait_until 100 has_line "$build/out" building || die "build: does not start: $(cat "$build/out" "$build/err")"
kill -INT "$pid"
finish
expect_code 130
expect_nothing_left 5
expect_xml
[ "$(outcomes | wc -l)" -eq 0 ] || fault "build: expected no result, got $(outcomes)"

# --- While a debugger reads the core dump of a test: the second signal does not wait for it.
new_build reading_core
mkdir "$work/slow"
printf '#!/bin/sh\nexec sleep 20\n' >"$work/slow/gdb"
chmod +x "$work/slow/gdb"
add_test dumps 'sh -c "ulimit -c unlimited; kill -SEGV $$"'
start_slowly() { PATH=$work/slow:$PATH start; }
start_slowly
reads_core() { commands_left | grep -q 'sleep 20'; }
if wait_until 100 reads_core; then
  kill -INT "$pid"
  sleep 0.2
  kill -INT "$pid"
  wait_until 100 test ! -d "/proc/$pid/fd" || { fault "reading_core: the second SIGINT did not end it" && kill -KILL "$pid"; }
  finish
  expect_code 130
  expect_status dumps crashed SIGSEGV
  expect_no_traces 100 'reading_core'
else
  # Core dumps go elsewhere here, or there are none.
  finish
fi

# --- What was ignored when ptests started stays ignored: nohup.
new_build nohup
add_test first '${victim} journal ${journal} first 0.5'
add_test second '${victim} journal ${journal} second' 'DEPENDS first'
env --ignore-signal=HUP "$mark" "$ptests" run -B "$build" >"$build/out" 2>"$build/err" </dev/null &
pid=$!
wait_until 100 has_line "$build/journal" 'first start' || die "nohup: does not start"
kill -HUP "$pid"
finish
expect_code 0
expect_text "$build/journal" 'second end'

conclude
