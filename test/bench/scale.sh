#!/bin/sh
# Usage: scale.sh <ptests> [runs]
#
# How ptests grows from 1,000 to 10,000 tests: wall time a test, its peak RSS, and the ratio of the two; beside the posix_spawn
# loop, because 10,000 processes cost the kernel more a process on some machines. One interleaved run (5 rounds after a
# warm-up round in which the tests that ran are counted). The RSS of the import is the larger of ptests and its `ctest --show-only`.
# Then, as often again: the time from the start of ptests to that of the first of 10,000 tests, with an expression to evaluate and a
# history to read, and what such a run adds to the history.
bench=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$bench/common.sh"

small=1000
large=10000
jobs=2
take_arguments "scale.sh <ptests> [runs]" "$@"

load=$(load)
make_work_folder
build_programs
cd "$work"

for count in $small $large; do
  configure "import-$count" "$count"
  ./measure configured "$count" cmake -S "$bench/project" -B "manifest-$count" -G Ninja "-DBENCH_COUNT=$count" \
    "-DBENCH_PROGRAM=$program" "-DBENCH_MODULE=$bench/../../cmake" "-DBENCH_PTESTS=$ptests" >configure.log 2>&1 || {
    cat configure.log >&2
    die "cannot configure the project of $count tests"
  }
done

run() { # run <runner> <count> <measure|counted N>
  runner=$1
  n=$2
  shift 2
  case $runner in
    floor) "$@" "floor $n" ./spawn_floor "$n" $jobs "$program" ;;
    *) "$@" "$runner $n" "$ptests" run -B "$runner-$n" --no-build -j $jobs ;;
  esac
}

for runner in floor manifest import; do
  for count in $small $large; do run $runner $count counted $count; done
done
: >samples
for _ in $(seq "$runs"); do
  for runner in floor manifest import; do
    for count in $small $large; do run $runner $count measure; done
  done
done

expression='name(~bench.*) and not (status(flaky) or name(/slow/))'

# note_run: appends the ns until the first test's start to $work/starts, the bytes that history.db grew by to $work/growths.
note_run() {
  folder=manifest-$large/paralleltests
  size=$(stat -c %s $folder/history.db)
  begun=$(date +%s%N)
  "$ptests" run -B manifest-$large --no-build -j $jobs -e "$expression" >output 2>&1 </dev/null || {
    tail -n 20 output >&2
    die "the run with an expression failed"
  }
  started=$(sed -n '/"event":"test_started"/{s/.*"time":"\([^"]*\)".*/\1/p;q}' $folder/events.jsonl)
  echo $(($(date -d "$started" +%s%N) - begun)) >>starts
  echo $(($(stat -c %s $folder/history.db) - size)) >>growths
  [ "$(grep -c '"event":"test_finished"' $folder/events.jsonl)" -eq $large ] || die "the expression did not select all $large tests"
}
for _ in $(seq "$runs"); do note_run; done

# median <file>: of its lines, each a number.
median() {
  sort -n "$1" | awk '{ all[NR] = $1 } END { printf "%.0f\n", NR % 2 ? all[(NR + 1) / 2] : (all[NR / 2] + all[NR / 2 + 1]) / 2 }'
}

summary wall >table
echo "Scale: $small and $large tests, $jobs at a time; medians of $runs interleaved rounds after a warm-up"
echo "$load"
echo
printf '%-30s %14s %14s %8s %11s %11s\n' "" "us/test at $small" "at $large" "ratio" "RSS MB at $small" "at $large"
for runner in floor manifest import; do
  awk -F '\t' -v runner=$runner -v small=$small -v large=$large '
    BEGIN { label["floor"] = "posix_spawn loop (the floor)"; label["manifest"] = "ptests, manifest"; label["import"] = "ptests, CTest import" }
    $1 == runner " " small { a = $2 / small / 1e3; rss_a = $4 / 1024 }
    $1 == runner " " large { b = $2 / large / 1e3; rss_b = $4 / 1024 }
    END { printf "%-30s %15.1f %14.1f %8.2f %13.1f %11.1f\n", label[runner], a, b, b / a, rss_a, rss_b }' table
done
echo
awk -F '\t' '{ printf "configure with the module, %5d tests: %8.0f ms\n", $1, $2 / 1e6 }' configured
growth=$(median growths)
echo "history.db grows by $growth bytes a run of $large tests, $((growth / large)) a result"
awk -F '\t' -v small=$small -v large=$large -v start="$(median starts)" '
  function goal(text, met) { printf "%-60s %s\n", text, met ? "met" : "MISSED" }
  { wall[$1] = $2; rss[$1] = $4 / 1024 }
  END {
    ratio = (wall["manifest " large] / large) / (wall["manifest " small] / small)
    goal(sprintf("wall a test at %d is %.2fx that at %d; goal: <= 1.3", large, ratio, small), ratio <= 1.3)
    goal(sprintf("%.3f s to the first of %d tests; goal: <= 0.25", start / 1e9, large), start / 1e9 <= 0.25)
    goal(sprintf("RSS at %d tests is %.1f MB; goal: < 60", large, rss["manifest " large]), rss["manifest " large] < 60)
  }' table
