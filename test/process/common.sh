# shellcheck shell=sh
# What the topics share; sourced with the arguments of the topic: <ptests> <victim>.
# A topic runs ptests on build directories it makes from hand-written CTestTestfile.cmake files: nothing is compiled.
set -eu
# shellcheck disable=SC3045
ulimit -c 0

here=$(cd "$(dirname "$0")" && pwd)
programs=$here/../programs
topic=$(basename "$0" .sh)
faults=0

die() {
  echo "process.$topic: error: $*" >&2
  exit 1
}

[ $# -eq 2 ] || die "usage: $0 <ptests> <victim>"
absolute() {
  [ -x "$1" ] || die "$1 is not an executable"
  echo "$(cd "$(dirname "$1")" && pwd -P)/$(basename "$1")"
}
ptests=$(absolute "$1")
victim=$(absolute "$2")

work=$(mktemp -d "${TMPDIR:-/tmp}/paralleltests-process.XXXXXX")
work=$(cd "$work" && pwd -P)
mark=PTESTS_TEST_MARK=$$.$(basename "$work")

# pids_left: the processes that have our mark in their environment: ptests and all it started.
pids_left() {
  grep -lsaxzF "$mark" /proc/[0-9]*/environ | cut -d / -f 3
}

end_processes() {
  for process in $(pids_left); do kill -KILL "$process" 2>/dev/null || :; done
}

clean_up() {
  end_processes
  chmod -R u+rwx "$work" 2>/dev/null || :
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# fault <what>: one thing that is not as it should be; the topic goes on and fails at its end.
fault() {
  echo "process.$topic: FAULT: $*" >&2
  faults=$((faults + 1))
}

# show <file>: what a fault was found in.
show() {
  if [ -f "$1" ]; then tail -n 40 "$1" | cut -c 1-200 | sed "s/^/  | /" >&2; else echo "  | no such file" >&2; fi
}

conclude() {
  [ $faults -eq 0 ] || die "$faults faults"
  echo "process.$topic: passed"
}

# wait_until <tenths of a second> <command>...: fails when the command never succeeds.
wait_until() {
  tenths=$1
  shift
  while ! "$@"; do
    [ "$tenths" -gt 0 ] || return 1
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

# --- Build directories

# new_build <name>: an empty one, in $build. Nothing is out of date in it: its "cmake" is true(1).
new_build() {
  build=$work/$1
  mkdir -p "$build"
  cat >"$build/CMakeCache.txt" <<EOF
CMAKE_HOME_DIRECTORY:INTERNAL=$build
CMAKE_COMMAND:INTERNAL=$(command -v true)
CMAKE_CTEST_COMMAND:INTERNAL=$(command -v ctest)
EOF
  cat >"$build/CTestTestfile.cmake" <<EOF
set(victim [==[$victim]==])
set(files [==[$work/files]==])
set(journal [==[$build/journal]==])
EOF
}

# add_test <name> <command> [<properties>], the last two in CMake's syntax.
add_test() {
  echo "add_test([==[$1]==] $2)" >>"$build/CTestTestfile.cmake"
  [ $# -lt 3 ] || echo "set_tests_properties([==[$1]==] PROPERTIES $3)" >>"$build/CTestTestfile.cmake"
}

# write_manifest <test as JSON>,... [<cmake>]: the manifest of our module, in place of CTest files.
write_manifest() {
  mkdir -p "$build/paralleltests"
  cat >"$build/paralleltests/manifest.json" <<EOF
{ "version": 1, "source_directory": "$build", "build_directory": "$build", "generator": "none", "configuration": "",
  "tool": {"cmake": "${2:-true}", "ctest": "ctest", "build": "none"}, "other_tests": false,
  "executables": [], "suites": [{"name": "suite", "directory": "$build"}], "tests": [$1] }
EOF
}

# --- Running ptests

# run <arguments>...: `ptests run -B $build`, marked; its exit code in $code, its words in $build/out and $build/err.
run() {
  code=0
  env "$mark" "$ptests" run -B "$build" "$@" >"$build/out" 2>"$build/err" </dev/null || code=$?
}

# start <arguments>...: the same in the background; its process in $pid. The background jobs of a shell ignore SIGINT and SIGQUIT.
start() {
  env --default-signal "$mark" "$ptests" run -B "$build" "$@" >"$build/out" 2>"$build/err" </dev/null &
  pid=$!
}

# finish: waits for it.
finish() {
  code=0
  wait "$pid" || code=$?
}

# --- Checking

expect_code() {
  [ "$code" -eq "$1" ] && return
  fault "$(basename "$build"): expected exit code $1, got $code"
  for words in "$build/out" "$build/err"; do [ ! -f "$words" ] || show "$words"; done
}

# expect_text <file> <text>: somewhere in it.
expect_text() {
  grep -qsaF -- "$2" "$1" && return
  fault "expected in $1: $2"
  show "$1"
}

expect_no_text() {
  grep -qsaF -- "$2" "$1" || return 0
  fault "not expected in $1: $2"
  show "$1"
}

# same <expected file> <file> <what it is>
same() {
  diff -au "$1" "$2" >"$work/diff" && return
  fault "$3 (- expected, + got):"
  show "$work/diff"
}

# same_bytes <expected file> <file> <what it is>
same_bytes() { cmp "$1" "$2" >"$work/diff" 2>&1 || fault "$3: $(cat "$work/diff")"; }

nothing_left() { [ -z "$(pids_left)" ]; }

# expect_nothing_left [<tenths of a second>]: no process, no temporary file. What is left is ended, so that the next case starts clean.
expect_nothing_left() {
  if ! wait_until "${1:-20}" nothing_left; then
    fault "$(basename "$build"): processes left: $(for process in $(pids_left); do tr "\0" " " <"/proc/$process/cmdline"; done)"
    end_processes
  fi
  find "$build" -name "*.tmp" >"$work/temporary"
  [ ! -s "$work/temporary" ] || fault "temporary files left: $(cat "$work/temporary")"
}

# expect_xml [<file>]: well-formed.
expect_xml() {
  xmllint --noout "${1:-$build/paralleltests/junit.xml}" 2>"$work/xmllint" && return
  fault "JUnit file is not well-formed"
  show "$work/xmllint"
}

# outcomes: "<name> TAB <status> TAB <reason>" a test, in their order.
outcomes() {
  [ ! -f "$build/paralleltests/junit.xml" ] || awk -f "$here/outcomes.awk" "$build/paralleltests/junit.xml"
}

# expect_status <name> <status> [<part of the reason>]
expect_status() {
  outcomes | awk -F '\t' -v name="$1" -v status="$2" -v reason="${3:-}" \
    '$1 == name && $2 == status && index($3, reason) { found = 1 } END { exit !found }' && return
  fault "$(basename "$build"): expected $1 to be $2 ${3:+(}${3:-}${3:+)}, got: $(outcomes | awk -F '\t' -v name="$1" '$1 == name')"
}
