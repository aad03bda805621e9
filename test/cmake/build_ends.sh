# sh build_ends.sh <generator>: how builds end: sources that do not compile, Ctrl-C and kill -9 in the middle of a compilation,
# warnings, one source that changed. A compiler is held for as long as there is a file in $tmp/hold that is named as its source; see
# compiler.sh of the project.
. "$(dirname "$0")/common.sh"
generator=$1
project=$tmp/source
build=$tmp/build
events=$build/paralleltests/events.jsonl
hold=$tmp/hold
cp -R "$here/projects/build_ends" "$project"
mkdir "$hold"
configure "$project" "$build" -G "$generator" "-DEXECUTOR=$PTESTS_EXECUTABLE" "-DHOLD=$hold"
mark=PARALLELTESTS_MARK=$$.$(basename "$tmp")
pid=

# processes: all that live of what the runs below have started.
processes() { grep -lsaxzF "$mark" /proc/[0-9]*/environ | cut -d / -f 3 || :; }

clean_up_processes() {
  status=$?
  rm -rf "$hold"
  if [ -n "$pid" ]; then
    # Its guard ends what it started and removes its folders.
    kill -KILL "$pid" 2>/dev/null || :
    tenths=50
    while [ "$tenths" -gt 0 ] && [ -n "$(processes)" ]; do
      tenths=$((tenths - 1))
      sleep 0.1
    done
  fi
  for process in $(processes); do kill -KILL "$process" 2>/dev/null || :; done
  clean_up
  exit "$status"
}
trap clean_up_processes EXIT

# start <option>...: `ptests run` in the background, its process in $pid, its output in $tmp/out. The background jobs of a shell
# ignore SIGINT.
start() {
  rm -f "$events"
  env --default-signal "$mark" "$PTESTS_EXECUTABLE" run -B "$build" -j 4 "$@" >"$tmp/out" 2>&1 </dev/null &
  pid=$!
}

# finish <exit code>
finish() {
  status=0
  wait "$pid" || status=$?
  pid=
  [ "$status" -eq "$1" ] || {
    cat "$tmp/out" >&2
    fail "exit code $status instead of $1"
  }
}

# wait_until <what> <command>...: for a minute.
wait_until() {
  what=$1
  shift
  tenths=600
  while ! "$@"; do
    [ "$tenths" -gt 0 ] || {
      cat "$tmp/out" >&2
      fail "waited in vain: $what"
    }
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

# has_event <event> <key> <value>: in the journal.
has_event() { grep -qsF "\"event\":\"$1\"" "$events" && grep -F "\"event\":\"$1\"" "$events" | grep -qF "\"$2\":\"$3\""; }
prints() { grep -qF -e "$1" "$tmp/out"; }
none_left() { [ -z "$(processes)" ]; }
folder_gone() { ! [ -e "$folder" ]; }
# hold <source> [<text>]: its compiler shall go on and on, once it has written that into the object.
hold() { printf %s "${2:-}" >"$hold/$1"; }
let_go() { rm -f "$hold/$1" "$hold/$1.waits"; }
is_held() { [ -e "$hold/$1.waits" ]; }

# expect_result <test> <status>: once.
expect_result() {
  expect "results of $1" "$(sed -n "s/.*\"event\":\"test_finished\".*\"name\":\"$1\".*\"status\":\"\([a-z_]*\)\".*/\1/p" "$events")" "$2"
}

# error_of <test>: in the JUnit file.
error_of() { xmllint --xpath "string(//testcase[@name='$1']/error)" "$build/paralleltests/junit.xml"; }
compiled() {
  sed -n 's/.*"event":"step_finished".*"kind":"compile".*"source":"[^"]*\/\([a-z_0-9]*\.c\)".*/\1/p' "$events" | sort | tr '\n' ' '
}

# no_escapes: in the JUnit file, though the compiler prints colours.
no_escapes() {
  xmllint --noout "$build/paralleltests/junit.xml"
  if grep -q "$(printf '\033')" "$build/paralleltests/junit.xml"; then fail "escape sequences in the JUnit file"; fi
  if grep -qF '[31m' "$build/paralleltests/junit.xml"; then fail "parts of escape sequences in the JUnit file"; fi
}

# A library fails all tests that need it, by way of another library too, each once; why is on the screen while the rest compiles.
library_fails() {
  hold held_library.c
  start --suite needs --suite needs_both --suite library
  wait_until "a compiler that is held" is_held held_library.c
  wait_until "what the compiler says of the library" prints wrong_in_library
  if has_event build_finished event build_finished; then fail "the build has ended while a compiler was held"; fi
  let_go held_library.c
  finish 3
  for test in needs.user_1 needs.user_2 needs_both.user_3; do
    expect_result $test build_failed
    error_of $test | grep -qF wrong_in_library || fail "the JUnit file lacks why $test failed: $(error_of $test)"
  done
  expect_result library.other passed
  expect_result library.held_library passed
  output_has "40% tests passed, 3 tests failed out of 5"
  no_escapes
}

# Two sources of several: the test is told at once by the one that fails first, and both are on the screen, each once.
source_fails() {
  hold held_own.c
  start --suite own
  wait_until "a compiler that is held" is_held held_own.c
  wait_until "that own.several failed" has_event test_finished name own.several
  wait_until "what the compiler says" prints wrong_in_source
  wait_until "what the compiler says of the other source" prints also_wrong_in_source
  output_has "own.several ......................***Not Run (Build failed)"
  let_go held_own.c
  finish 3
  expect_result own.several build_failed
  expect_result own.other_own passed
  expect_result own.held_own passed
  for word in wrong_in_source also_wrong_in_source; do
    error_of own.several | grep -qw $word || fail "the JUnit file lacks $word: $(error_of own.several)"
    expect "errors of $word on the screen" "$(grep -c "error: [^a-z]*$word" "$tmp/out")" 1
  done
  no_escapes
}

# What follows a run that was ended: all of it is well, and held.c was compiled.
all_is_well() {
  let_go held.c
  start --suite rest
  finish 0
  output_has "100% tests passed, 0 tests failed out of 4"
  case " $(compiled)" in *" held.c "*) ;; *) fail "held.c was not compiled again, only: $(compiled)" ;; esac
}

# start_and_hold <text>: a run that is in the middle of a compilation, which has made an object of that; the folder of its
# socket in $folder.
start_and_hold() {
  quietly "$cmake" --build "$build" --target clean
  hold held.c "$1"
  start --suite rest
  wait_until "a compiler that is held" is_held held.c
  folder=$(echo /tmp/ptests-"$pid".*build)
  [ -d "$folder" ] || fail "no folder of the socket: $folder"
}

interrupted() {
  start_and_hold "a part"
  kill -INT "$pid"
  finish 130
  wait_until "that no process is left after Ctrl-C: $(processes)" none_left
  folder_gone || fail "left after Ctrl-C: $folder"
  all_is_well
}

# The guard asks the build to end, and reads what it says, before it kills what is left: the build tool removes what is half made.
killed() {
  start_and_hold "a part"
  kill -KILL "$pid"
  finish 137
  wait_until "that no process is left after kill -9: $(processes)" none_left
  wait_until "that $folder is gone" folder_gone
  all_is_well
}

warnings() {
  touch "$project/rest/warns.c"
  start --suite rest --summary=compile
  finish 0
  expect "warnings of warns.c" \
    "$(sed -n 's/.*"event":"step_finished".*"target":"rest.warns","kind":"compile".*"warnings":\([0-9]*\).*/\1/p' "$events")" 2
  output_has "The longest time to compile:"
  grep -qE "^	 *[0-9.]+ sec  +[0-9.]+ sec  +[0-9.]+ [KM]?i?B  +2  rest\.warns$" "$tmp/out" || {
    cat "$tmp/out" >&2
    fail "no line of rest.warns in the table"
  }
}

# Only what changed is compiled, and who does not need it does not wait for it.
one_source() {
  hold held.c
  touch "$project/rest/held.c"
  start --suite rest
  wait_until "a compiler that is held" is_held held.c
  for test in good_1 good_2 warns; do wait_until "the end of rest.$test" has_event test_finished name rest.$test; done
  if has_event step_finished target rest.held; then fail "held.c was compiled while it was held"; fi
  let_go held.c
  finish 0
  expect "sources that were compiled" "$(compiled)" "held.c "
  for test in held good_1 good_2 warns; do expect_result rest.$test passed; done
}

# Only what is needed is built.
one_test() {
  quietly "$cmake" --build "$build" --target clean
  start rest.good_1
  finish 0
  expect "sources that were compiled" "$(compiled)" "good_1.c "
  expect_result rest.good_1 passed
}

library_fails
source_fails
interrupted
killed
warnings
one_source
one_test
