# shellcheck shell=sh disable=SC2154
# What the benchmarks share; sourced by them with `bench` set to this folder.
set -eu

die() {
  echo "bench: error: $*" >&2
  exit 1
}

# take_arguments <usage> <argument>...: an executable in $ptests, a number in $runs (default: 5).
take_arguments() {
  [ $# -ge 2 ] || die "usage: $1"
  ptests=$2
  runs=${3:-5}
  check_arguments
}

# check_arguments: that they are what they should be; $ptests becomes an absolute path.
check_arguments() {
  check_number runs "$runs"
  [ -f "$ptests" ] && [ -x "$ptests" ] || die "$ptests is not an executable"
  ptests=$(cd "$(dirname "$ptests")" && pwd)/$(basename "$ptests")
}

# check_number <what> <value>
check_number() {
  case $2 in '' | *[!0-9]* | 0) die "$1: expected a number above 0, got \"$2\"" ;; esac
}

# ignore_settings: those of the person's own builds, and a compiler cache.
ignore_settings() {
  CCACHE_DISABLE=1
  export CCACHE_DISABLE
  unset CMAKE_GENERATOR CMAKE_BUILD_TYPE CMAKE_CXX_COMPILER_LAUNCHER CXXFLAGS LDFLAGS NINJA_STATUS MAKEFLAGS || :
}

# make_cache <folder>: its tests are in a CTestTestfile.cmake without a CMake project.
make_cache() {
  {
    echo "CMAKE_HOME_DIRECTORY:INTERNAL=$work/$1"
    echo "CMAKE_COMMAND:INTERNAL=$(command -v cmake)"
    echo "CMAKE_CTEST_COMMAND:INTERNAL=$(command -v ctest)"
    echo "CMAKE_GENERATOR:INTERNAL=Ninja"
  } >"$1/CMakeCache.txt"
}

make_work_folder() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/paralleltests-bench.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# load: what else the machine does; the ratios of a busy machine mislead, because the floor is disturbed the most.
load() {
  read -r minute _ </proc/loadavg
  echo "$minute $(nproc)" | awk '{
    busy = $1 > $2
    printf "load before: %s on %d processors%s\n", $1, $2, busy ? " (BUSY: do not trust the ratios)" : ""
  }'
}

# The C helpers, and the test program in both variants. $program is one file all along (hard links to it stay valid):
# use_program writes the wanted variant into it.
build_programs() {
  compile() { "${CC:-cc}" -O2 "$@" || die "cannot compile $*"; }
  compile -o "$work/measure" "$bench/measure.c"
  compile -o "$work/spawn_floor" "$bench/spawn_floor.c"
  compile -static -o "$work/quiet" "$bench/tiny.c"
  compile -static "-DTICK_FILE=\"$work/ticks\"" -o "$work/ticking" "$bench/tiny.c"
  program=$work/tiny
  cp "$work/quiet" "$program"
}

use_program() {
  cat "$work/$1" >"$program"
}

# configure <folder> <count> [<module folder>]: a build folder with <count> tests of $program.
configure() {
  cmake -S "$bench/project" -B "$work/$1" -G Ninja "-DBENCH_COUNT=$2" "-DBENCH_PROGRAM=$program" \
    ${3:+"-DBENCH_MODULE=$3" "-DBENCH_PTESTS=$ptests"} >"$work/configure.log" 2>&1 || {
    cat "$work/configure.log" >&2
    die "cannot configure the project of $2 tests"
  }
}

# measure <name> <command>...: appends one line to $work/samples; a command that fails ends the benchmark.
measure() {
  "$work/measure" "$work/samples" "$@" </dev/null >"$work/output" 2>&1 || {
    tail -n 20 "$work/output" >&2
    die "$1 failed: $2"
  }
}

# counted <expected> <name> <command>...: a warm-up run that must have run the program exactly <expected> times.
counted() {
  expected=$1
  shift
  rm -f "$work/ticks"
  use_program ticking
  measure "$@"
  use_program quiet
  ran=0
  [ ! -f "$work/ticks" ] || ran=$(wc -c <"$work/ticks")
  [ "$ran" -eq "$expected" ] || {
    tail -n 20 "$work/output" >&2
    die "$1 ran $ran tests of $expected"
  }
}

# summary <wall|cpu>: $work/samples as "name median_ns min_ns peak_rss_kb runs", tab-separated, in the order of the first run. CPU is
# the time of the command and its children.
summary() {
  case $1 in wall) column=2 ;; cpu) column=5 ;; esac
  awk -F '\t' '!seen[$1]++ { print $1 }' "$work/samples" | while read -r name; do
    awk -F '\t' -v name="$name" -v column=$column '$1 == name { print $column "\t" $3 }' "$work/samples" | sort -n |
      awk -F '\t' -v name="$name" '
        { wall[NR] = $1; if ($2 > rss) rss = $2 }
        END {
          median = NR % 2 ? wall[(NR + 1) / 2] : (wall[NR / 2] + wall[NR / 2 + 1]) / 2
          printf "%s\t%.0f\t%.0f\t%d\t%d\n", name, median, wall[1], rss, NR
        }'
  done
}
