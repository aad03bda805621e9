#!/bin/sh
# Usage: w1.sh <ptests> [runs] [--output FILE]
#
# W1: 1,000 CTest tests of one tiny static executable, two at a time: ptests against the runners people use, and against a
# bare posix_spawn loop, which is the floor. One interleaved run (every runner once a round, 7 rounds after a warm-up round in
# which the tests that ran are counted), so that the ratios hold on a noisy machine. FILE gets the table as TSV.
# LIT is lit's command, default: lit, or the lit.py of Debian's llvm-14-tools.
bench=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$bench/common.sh"

count=1000
jobs=2
runs=7
output=
ptests=
while [ $# -gt 0 ]; do
  case $1 in
    --output)
      [ $# -ge 2 ] || die "--output needs a file"
      case $2 in /*) output=$2 ;; *) output=$PWD/$2 ;; esac
      shift
      ;;
    -*) die "unknown option $1" ;;
    *) if [ -z "$ptests" ]; then ptests=$1; else runs=$1; fi ;;
  esac
  shift
done
[ -n "$ptests" ] || die "usage: w1.sh <ptests> [runs] [--output FILE]"
check_arguments

load=$(load)
make_work_folder
build_programs
cd "$work"

# --- the same tests for every runner ---------------------------------------------------------------------------------

configure manifest $count "$bench/../../cmake"
configure import $count
configure ctest $count

numbers=$(seq $count)

mkdir ninja
{
  printf 'rule run\n  command = %s\n' "$program"
  for n in $numbers; do echo "build t$n: run"; done
} >ninja/build.ninja

{
  echo "all:$(for n in $numbers; do printf ' t%d' "$n"; done)"
  echo ".PHONY: all$(for n in $numbers; do printf ' t%d' "$n"; done)"
  for n in $numbers; do printf 't%d:\n\t%s\n' "$n" "$program"; done
} >Makefile

printf '%s\n' $numbers >numbers

mkdir lit
for n in $numbers; do ln "$program" "lit/t$n.test"; done
cat >lit/lit.cfg <<'LIT'
import lit.formats
config.name = "bench"
config.suffixes = [".test"]
config.test_format = lit.formats.ExecutableTest()
LIT

# --- the runners -----------------------------------------------------------------------------------------------------

lit=${LIT:-}
if [ -z "$lit" ]; then
  if command -v lit >/dev/null; then
    lit=lit
  elif [ -f /usr/lib/llvm-14/build/utils/lit/lit.py ] && command -v python3 >/dev/null; then
    lit="python3 /usr/lib/llvm-14/build/utils/lit/lit.py"
  fi
fi

missing=
runners="floor manifest import"
for peer in ctest ninja make xargs lit; do
  if [ $peer = lit ] && [ -z "$lit" ] || [ $peer != lit ] && ! command -v $peer >/dev/null; then
    missing="$missing $peer"
  else
    runners="$runners $peer"
  fi
done

# run <measure|counted N> <runner>
run() {
  runner=$1
  shift
  case $runner in
    floor) "$@" floor ./spawn_floor $count $jobs "$program" ;;
    manifest) "$@" manifest "$ptests" run -B manifest --no-build -j $jobs ;;
    import) "$@" import "$ptests" run -B import --no-build -j $jobs ;;
    ctest) "$@" ctest ctest --test-dir ctest -j $jobs ;;
    ninja) "$@" ninja ninja -C ninja -j $jobs ;;
    make) "$@" make make -s -j $jobs ;;
    xargs) "$@" xargs xargs -a numbers -n 1 -P $jobs "$program" ;;
    lit) "$@" lit $lit -j $jobs lit ;;
  esac
}

for runner in $runners; do run "$runner" counted $count; done
: >samples
for _ in $(seq "$runs"); do
  for runner in $runners; do run "$runner" measure; done
done

# --- the table -------------------------------------------------------------------------------------------------------

label() {
  case $1 in
    floor) echo "posix_spawn loop (the floor)" ;;
    manifest) echo "ptests, manifest" ;;
    import) echo "ptests, CTest import" ;;
    lit) echo "lit -j$jobs" ;;
    xargs) echo "xargs -P$jobs" ;;
    *) echo "$1 -j$jobs" ;;
  esac
}

summary wall >table
echo "W1: $count tests of one static executable, $jobs at a time; $runs interleaved rounds after a warm-up"
echo "$load"
echo
printf '%-30s %10s %10s %9s %9s %9s\n' runner "median ms" "min ms" "x floor" "x ptests" "RSS MB"
floor=$(awk -F '\t' '$1 == "floor" { print $2 }' table)
ours=$(awk -F '\t' '$1 == "manifest" { print $2 }' table)
while IFS='	' read -r name median min rss _; do
  echo "$median $min $rss" | awk -v label="$(label "$name")" -v floor="$floor" -v ours="$ours" '{
    printf "%-30s %10.1f %10.1f %9.2f %9.2f %9.1f\n", label, $1 / 1e6, $2 / 1e6, $1 / floor, $1 / ours, $3 / 1024
  }'
done <table
for peer in $missing; do
  printf '%-30s %s\n' "$(label "$peer")" "MISSING: not installed, not compared"
done
echo
awk -F '\t' '
  { median[$1] = $2 }
  function goal(text, met) { printf "%-60s %s\n", text, met ? "met" : "MISSED" }
  END {
    above = median["manifest"] / median["floor"]
    goal(sprintf("ptests (manifest) is %.2fx the floor; goal: <= 1.6", above), above <= 1.6)
    if (!("ctest" in median)) { print "ctest is missing: the second goal was not measured"; exit }
    faster = median["ctest"] / median["manifest"]
    goal(sprintf("ctest takes %.2fx as long as ptests (manifest); goal: >= 3", faster), faster >= 3)
  }' table

if [ -n "$output" ]; then
  {
    printf 'runner\tmedian_ns\tmin_ns\tmax_rss_kb\truns\tratio_to_floor\n'
    awk -F '\t' -v floor="$floor" '{ printf "%s\t%.3f\n", $0, $2 / floor }' table
    for peer in $missing; do printf '%s\t\t\t\t0\t\n' "$peer"; done
  } >"$output"
  echo "written: $output"
fi
[ -z "$missing" ] || echo "bench: warning: peers MISSING:$missing" >&2
