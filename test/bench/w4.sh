#!/bin/sh
# Usage: w4.sh <ptests> [runs] [--own-mains] [--tests=N]
#
# W4: compile and run in one pipeline. 40 doctest files of five cases and a static library, with a shared main (or a main in each file);
# each test takes 1 s, half of them asleep, half of them burning CPU time. `ptests run` against `cmake --build` and then `ctest`, with
# Ninja and with Makefiles, interleaved (2 rounds): from clean ("first": ptests knows nothing of earlier runs; "cold": it does), after a
# touch of one source, with nothing to do.
#   result   seconds until the first result of a test; after a touch: until that of the touched test
#   chain    the compile + link + run of that test; the longest compile of those that it needs (the shared main, the library, its own)
#   bound    the CPU time of compilers, linkers and tests by the number of processors, or the longest compile + link + run
bench=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$bench/common.sh"
# shellcheck source-path=SCRIPTDIR source=w4_sources.sh
. "$bench/w4_sources.sh"

mains=shared
tests=40
for argument; do
  shift
  case $argument in
    --own-mains) mains=own ;;
    --tests=*) tests=${argument#*=} ;;
    *) set -- "$@" "$argument" ;;
  esac
done
[ $# -ge 2 ] || set -- "$@" 2
take_arguments "w4.sh <ptests> [runs] [--own-mains] [--tests=N]" "$@"
check_number --tests "$tests"

load=$(load)
jobs=$(nproc)
ignore_settings
make_work_folder
build_programs
cd "$work"

# --- the project -----------------------------------------------------------------------------------------------------

write_w4_sources "$tests" $mains
main=
[ $mains = own ] || main=$work/main.cpp

for generator in Ninja Makefiles; do
  case $generator in Ninja) name=Ninja ;; *) name="Unix Makefiles" ;; esac
  for runner in ptests ctest; do
    # The peer has no launchers.
    cmake -S "$bench/pipeline" -B "$runner-$generator" -G "$name" "-DBENCH_MODULE=$bench/../../cmake" "-DBENCH_PTESTS=$ptests" \
      "-DBENCH_SOURCES=$work/tests/*.cpp" "-DBENCH_MAIN=$main" "-DBENCH_LIBRARY=$work/library" \
      "-DParallelTests_LAUNCHER=$([ $runner = ctest ] && echo OFF || echo ON)" >configure.log 2>&1 || {
      cat configure.log >&2
      die "cannot configure $runner-$generator"
    }
  done
done

# --- the runs --------------------------------------------------------------------------------------------------------

# note_results <name> [<test>]: seconds until the first result (of that test), its chain and the bound, from the journal of the run.
note_results() {
  python3 - "$1" "${2:-}" "$jobs" "ptests-$generator/paralleltests/events.jsonl" >>results <<'PY'
import datetime, json, sys
name, wanted, jobs, path = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
time = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
begun = first = None
cpu = 0.0
chains = {}
steps = {}
for line in open(path):
    event = json.loads(line)
    kind = event["event"]
    if kind == "run_started": begun = time(event["time"])
    if kind not in ("step_finished", "test_finished"): continue
    used = event["usage"]["user_seconds"] + event["usage"]["system_seconds"]
    cpu += used
    target = event["target"] if kind == "step_finished" else event["name"]
    chains[target] = chains.get(target, 0.0) + event["duration"]
    if kind == "step_finished":
        longest = steps.setdefault(target, {})
        longest[event["kind"]] = max(longest.get(event["kind"], 0.0), event["duration"])
    elif first is None and wanted in ("", target): first = (time(event["time"]) - begun, target, event["duration"])
result, test, chain = first
needed = [test] + [target for target in steps if not target.startswith("unit.")]
chain += max(steps.get(target, {}).get("compile", 0.0) for target in needed) + steps.get(test, {}).get("link", 0.0)
print(name, "%.3f" % result, "%.3f" % chain, "%.3f" % max(cpu / jobs, max(chains.values())), sep="\t")
PY
}

measure_ptests() { # measure_ptests <what> [<test>]
  measure "$1 $generator ptests" "$ptests" run -B "ptests-$generator" -j "$jobs"
  note_results "$1 $generator ptests" "${2:-}"
}
measure_ctest() {
  measure "$1 $generator ctest" sh -c 'cmake --build "$1" -j "$2" && ctest --test-dir "$1" -j "$2"' sh "ctest-$generator" "$jobs"
}
clean() { cmake --build "$1-$generator" --target clean >clean.log 2>&1 || die "cannot clean $1-$generator"; }

: >samples
: >results
for round in $(seq "$runs"); do
  for generator in Ninja Makefiles; do
    clean ptests
    rm -rf "ptests-$generator/paralleltests/history.db"*
    measure_ptests first
    clean ptests
    measure_ptests cold
    clean ctest
    measure_ctest cold
    touch tests/test_1.cpp
    measure_ptests touch unit.test_1
    measure_ctest touch
    measure_ptests no-op
    measure_ctest no-op
  done
done

# --- the table -------------------------------------------------------------------------------------------------------

summary wall | cut -f 1-3 >wall.tsv
summary cpu | cut -f 1-2 >cpu.tsv
echo "W4: $tests tests of 1 s and their build ($mains main), $jobs jobs; medians of $runs interleaved rounds"
echo "$load"
echo
python3 - "$jobs" <<'PY'
import statistics, sys
jobs = int(sys.argv[1])
wall = {}
for line in open("wall.tsv"):
    name, median, least = line.rstrip("\n").split("\t")
    wall[name] = float(median) / 1e9
cpu = {}
for line in open("cpu.tsv"):
    name, median = line.rstrip("\n").split("\t")
    cpu[name] = float(median) / 1e9
results = {}
for line in open("results"):
    name, *values = line.rstrip("\n").split("\t")
    results.setdefault(name, []).append([float(value) for value in values])
print("%-28s %8s %9s %8s %8s %8s %8s %8s %8s" % ("", "wall s", "x ctest", "result s", "chain s", "bound s", "x bound", "CPU/%d s" % jobs, "x CPU/%d" % jobs))
for name in wall:
    what, generator, runner = name.split(" ")
    peer = " ".join(("cold" if what == "first" else what, generator, "ctest"))
    row = "%-28s %8.2f %9s" % (name, wall[name], "%.2f" % (wall[name] / wall[peer]))
    if name in results:
        first, chain, bound = (statistics.median(column) for column in zip(*results[name]))
        share = cpu[peer] / jobs
        row += " %8.2f %8.2f %8.2f %8.2f %8.2f %8.2f" % (first, chain, bound, wall[name] / bound, share, wall[name] / share)
    print(row)
print("bound: the CPU time of compilers, linkers and tests on all processors, or the longest chain; CPU/%d: what the peer takes, its" % jobs)
print("build tool included, on all of them")
PY
