# shellcheck shell=sh
# What the topics share; sourced with the arguments of the topic: <ptests> <victim>.
# A topic runs ptests on build directories it makes from hand-written CTestTestfile.cmake files: nothing is compiled.
# Its programs and temporary files are its own: whatever has to do with them was started by it.
set -eu
# shellcheck disable=SC3045
ulimit -S -c 0

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2034
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

work=$(mktemp -d "${TMPDIR:-/tmp}/paralleltests-process.XXXXXX")
work=$(cd "$work" && pwd -P)
mark=PARALLELTESTS_MARK=$$.$(basename "$work")
mkdir "$work/bin" "$work/tmp"
chmod 1777 "$work/tmp"
TMPDIR=$work/tmp
export TMPDIR
cp "$(absolute "$1")" "$work/bin/ptests"
cp "$(absolute "$2")" "$work/bin/victim"
ptests=$work/bin/ptests
victim=$work/bin/victim
# Whom ptests runs as: a command before it, or nothing.
as=

# What ptests sets the soft RLIMIT_RTTIME of its processes to, from which to which, for the run of process $pid; see src/process/mark.hpp.
marks_from=none
marks_to=none

# expect_marks <process>: a ptests that runs.
expect_marks() {
  start_time=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d " " -f 20)
  hash=2166136261
  for byte in $(printf '%s.%s' "$1" "$start_time" | od -An -v -tu1); do hash=$((((hash ^ byte) * 16777619) & 4294967295)); done
  marks_from=$(((1 << 62) | (hash << 24)))
  marks_to=$((marks_from | ((1 << 24) - 1)))
}

# pids_marked: those of that run that are no zombies. The numbers are of one length, and too large for awk.
pids_marked() {
  grep -Hs '^Max realtime timeout' /proc/[0-9]*/limits |
    awk -v from="x$marks_from" -v to="x$marks_to" '"x" $4 >= from && "x" $4 <= to { split($1, path, "/"); print path[3] }' |
    while read -r process; do
      # State and number of threads; nothing when it has gone.
      case $(sed 's/.*) //' "/proc/$process/stat" | cut -d " " -f 1,18) in '' | 'Z 1') ;; *) echo "/proc/$process" ;; esac
    done
}

# pids_left: the live processes that have our mark in their environment, or that of the last run of ptests in their limits, or are
# programs of ours: ptests and all it started. Thread by thread, for a process whose first thread has ended shows neither program nor
# environment.
pids_left() {
  {
    find /proc/[0-9]*/task -mindepth 2 -maxdepth 2 -name environ -exec grep -lsaxzF "$mark" {} + || :
    find /proc/[0-9]*/task -mindepth 2 -maxdepth 2 -name exe -lname "$work/*" || :
    pids_marked || :
  } 2>/dev/null | cut -d / -f 3 | sort -un
}

# pids_of <program>: those of them that are this one.
pids_of() { find /proc/[0-9]*/task -mindepth 2 -maxdepth 2 -name exe -lname "$1*" 2>/dev/null | cut -d / -f 3 | sort -un; }

commands_left() {
  for process in $(pids_left); do
    { tr "\0" " " <"/proc/$process/cmdline" && echo "[$process]"; } 2>/dev/null || :
  done
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
trap 'exit 141' PIPE
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

# has_line <file> <line>
has_line() { [ -f "$1" ] && grep -qaxF -- "$2" "$1"; }

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

# make_manifest: the tests of $build as our module writes them, for the properties that ctest does not tell us.
make_manifest() {
  mkdir -p "$build/paralleltests"
  cmake -D "directory=$build" -P "$here/manifest.cmake" || die "no manifest of $build"
}

# --- Running ptests

# as_nobody: from here on ptests runs as a user without rights, when we are root; in builds that were handed over to that user.
as_nobody() {
  [ "$(id -u)" -eq 0 ] || return 0
  chmod 755 "$work"
  as='setpriv --reuid=65534 --regid=65534 --clear-groups'
}
as_ourselves() { as=; }

hand_over() { [ -z "$as" ] || chown -R 65534:65534 "$build"; }

# start <arguments>...: `ptests run -B $build`, marked, in the background; its process in $pid, its words in $build/out and $build/err. The
# background jobs of a shell ignore SIGINT and SIGQUIT.
start() {
  # shellcheck disable=SC2086
  $as env --default-signal "$mark" "$ptests" run -B "$build" "$@" >"$build/out" 2>"$build/err" </dev/null &
  pid=$!
  expect_marks "$pid"
}

# finish: waits for it; its exit code in $code.
finish() {
  code=0
  wait "$pid" || code=$?
}

# run <arguments>...: the two in one.
run() {
  start "$@"
  finish
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
  if ! wait_until "${1:-100}" nothing_left; then
    fault "$(basename "$build"): processes left: $(commands_left)"
    end_processes
  fi
  find "$build" -name "*.tmp" >"$work/temporary"
  [ ! -s "$work/temporary" ] || fault "temporary files left: $(cat "$work/temporary")"
}

# traces: what the run of process $pid left behind: processes, a log that still grows, cgroups, temporary folders, mounts.
traces() {
  commands_left
  runaway=$build/paralleltests/logs/leak.daemon_that_runs_away.log
  if [ -f "$runaway" ]; then
    before=$(wc -c <"$runaway")
    sleep 0.05
    [ "$before" -eq "$(wc -c <"$runaway")" ] || echo "$runaway grows"
  fi
  find /sys/fs/cgroup -type d -name "ptests-$pid.*" 2>/dev/null || :
  find "$work/tmp" /tmp -mindepth 1 -maxdepth 1 \( -path "$work/tmp/*" -o -name "ptests-$pid.*" \) 2>/dev/null || :
  grep -F " $work" /proc/self/mountinfo || :
}

no_traces() { [ -z "$(traces)" ]; }

# expect_no_traces <tenths of a second> <when>: nothing is left by then. What is, is removed.
expect_no_traces() {
  wait_until "$1" no_traces && return
  fault "$(basename "$build"), $2: left behind: $(traces)"
  end_processes
  find /sys/fs/cgroup -depth -type d -name "ptests-$pid.*" -exec rmdir {} + 2>/dev/null || :
  find "$work/tmp" -mindepth 1 -maxdepth 1 -exec chmod -R u+rwx {} + -exec rm -rf {} + || :
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

# expect_journal: every line of it is an event.
expect_journal() {
  cmake -D "file=$build/paralleltests/events.jsonl" -P "$here/journal.cmake" 2>"$work/journal_error" && return
  fault "$(basename "$build"): the journal:"
  show "$work/journal_error"
}

# seconds_of <name>: how long it ran, in whole seconds.
seconds_of() { sed -n "s/^    <testcase name=\"$1\".* time=\"\([0-9]*\)\.[0-9]*\".*/\1/p" "$build/paralleltests/junit.xml"; }

# expect_status <name> <status> [<part of the reason>]
expect_status() {
  outcomes | awk -F '\t' -v name="$1" -v status="$2" -v reason="${3:-}" \
    '$1 == name && $2 == status && index($3, reason) { found = 1 } END { exit !found }' && return
  fault "$(basename "$build"): expected $1 to be $2 ${3:+(}${3:-}${3:+)}, got: $(outcomes | awk -F '\t' -v name="$1" '$1 == name')"
}
