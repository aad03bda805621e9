#!/bin/sh
# Usage: process.sh <ptests> [runs]
#
# What the process layer costs, in one interleaved run (5 rounds after a warm-up round):
# - 1,000 tests of one tiny static executable, two at a time: without limits, with limits that only need rlimits or a look now and
#   then, and with MEMORY on every test (a cgroup each, where we may make one; `ptests doctor` tells).
# - 64 tests that sleep: what it costs to watch them, as CPU time of ptests itself, from the second second on.
# - the launcher that stands before each compiler and linker, in a build without ptests: 300 commands with it and without.
# - 50 tests that print 10 MB each, two at a time: the same processes writing to files by a shell loop, and ptests with each way of capturing.
bench=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$bench/common.sh"

count=1000
floods=50
bytes=10485760
jobs=2
take_arguments "process.sh <ptests> [runs]" "$@"

load=$(load)
make_work_folder
build_programs
cd "$work"
cc -O2 -static -o print "$bench/print.c" || die "cannot compile print.c"

configure tests "$count"
mkdir out
# Each way in a folder of its own, where it replaces its own logs, as the loop does its files: what a terminal printed lies in memory in
# small pieces, and takes several times as long to remove.
for capture in file pipe pty; do
  mkdir "flood-$capture"
  for n in $(seq $floods); do echo "add_test(flood.$n \"$work/print\" $bytes)"; done >"flood-$capture/CTestTestfile.cmake"
  make_cache "flood-$capture"
done

run() { # run <what> <measure|counted N>
  what=$1
  shift
  case $what in
    plain) "$@" "$what" "$ptests" run -B tests -j $jobs ;;
    watched) "$@" "$what" "$ptests" run -B tests -j $jobs --cpu-time 60 --idle-timeout 60 --limit open-files=256 ;;
    memory) "$@" "$what" "$ptests" run -B tests -j $jobs --memory 256M ;;
    bare) "$@" "$what" sh -c "seq $floods | xargs -P $jobs -I{} sh -c './print $bytes >out/{}'" ;;
    *) "$@" "$what" "$ptests" run -B "flood-$what" -j $jobs --capture "$what" ;;
  esac
}

for what in plain watched memory; do run $what counted $count; done
for what in bare file pipe pty; do run $what measure; done
: >samples
for _ in $(seq "$runs"); do
  for what in plain watched memory bare file pipe pty; do run $what measure; done
done

# The main thread's time on a processor, in ns. Source: Documentation/scheduler/sched-stats.rst.
busy() { cut -d ' ' -f 1 "/proc/$1/schedstat"; }
sleepers=64
mkdir idle
for n in $(seq $sleepers); do echo "add_test(idle.$n sleep 60)"; done >idle/CTestTestfile.cmake
make_cache idle
"$ptests" run -B idle -j $sleepers >output 2>&1 </dev/null &
watcher=$!
sleep 1
from=$(busy $watcher)
sleep 5
watching=$(($(busy $watcher) - from)) # in 5 s
kill -TERM $watcher
wait $watcher || :
[ "$(grep -c '^ *Start ' output)" -eq $sleepers ] || die "not all of $sleepers sleepers were started"

summary wall >table
echo "Process layer: medians of $runs interleaved rounds after a warm-up"
echo "$load"
echo
awk -F '\t' -v count=$count -v watching=$watching -v sleepers=$sleepers '
  BEGIN {
    label["plain"] = "1,000 tests, no limits"; label["watched"] = "CPU_TIME, IDLE_TIMEOUT, OPEN_FILES"; label["memory"] = "MEMORY (a cgroup each)"
    label["bare"] = "50 x 10 MB, a shell loop"; label["file"] = "ptests, CAPTURE file"; label["pipe"] = "CAPTURE pipe"; label["pty"] = "CAPTURE pty"
    printf "%-40s %10s %10s %8s %8s\n", "", "median ms", "min ms", "ratio", "RSS MB"
  }
  $1 == "plain" || $1 == "bare" { base = $2 }
  { printf "%-40s %10.1f %10.1f %8.2f %8.1f\n", label[$1], $2 / 1e6, $3 / 1e6, $2 / base, $4 / 1024; wall[$1] = $2; rss[$1] = $4 / 1024 }
  function goal(text, met) { printf "%-60s %s\n", text, met ? "met" : "MISSED" }
  END {
    printf "\nMEMORY costs %.0f us a test\n", (wall["memory"] - wall["plain"]) / count / 1e3
    goal(sprintf("printing through us takes %.2fx; goal: <= 1.5", wall["file"] / wall["bare"]), wall["file"] / wall["bare"] <= 1.5)
    part = watching / 5e9 * 100
    goal(sprintf("watching %d tests takes %.2f %% of a processor; goal: < 1", sleepers, part), part < 1)
    goal(sprintf("RSS while 500 MB are printed is %.1f MB; goal: < 30", rss["file"]), rss["file"] < 30)
  }' table

# --- The launcher of compilers and linkers
mkdir launch
echo 'int main(void) { return 0; }' >launch/t.c
cat >launch/CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.25)
project(launch LANGUAGES C)
set(EXECUTOR "$ptests")
set(REPOSITORY "$bench/../..")
include("$bench/../cmake/projects/module.cmake")
add_executable(t t.c)
add_parallel_test_suite(launch TARGETS t)
END
cmake -S launch -B launch/build >/dev/null
launcher=$work/launch/build/CMakeFiles/paralleltests-launch
commands() { # commands <measure> <what> <word>...: 300 times /bin/true behind these words
  how=$1
  what=$2
  shift 2
  "$how" "$what" sh -c 'for _ in $(seq 300); do "$@" /bin/true; done' sh "$@"
}
: >samples
for _ in $(seq "$runs"); do
  commands measure direct env
  commands measure launched "$launcher" --target=t --kind=compile --language=C -- env
done
summary wall >table
awk -F '\t' '{ wall[$1] = $2 / 300 / 1e6 } END {
  cost = wall["launched"] - wall["direct"]
  printf "\n%-60s %s\n", sprintf("a launcher without ptests takes %.2f ms a command; goal: < 1", cost), cost < 1 ? "met" : "MISSED"
}' table
