# shellcheck shell=sh disable=SC2154
# What the comparisons share; sourced with `compare` set to this folder.
set -eu

die() {
  echo "compare: error: $*" >&2
  exit 1
}

make_work_folder() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/paralleltests-compare.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

absolute() {
  [ -f "$1" ] && [ -x "$1" ] || die "$1 is not an executable"
  echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
}

# run_quietly <what> <command>...: the command's output is shown only when it fails.
run_quietly() {
  what=$1
  shift
  "$@" >"$work/quiet.log" 2>&1 || {
    tail -n 40 "$work/quiet.log" >&2
    die "$what failed: $*"
  }
}

# keep <results> <runner> <build folder> <exit code>: what one run left, as files that can be compared line by line.
keep() {
  awk -f "$compare/outcomes.awk" "$1/$2.out" | sort >"$1/$2.outcomes"
  # A test whose program could not be started is `Not Run` on ctest's console but BAD_COMMAND in its list and `fail` in its JUnit
  # file; it is not run everywhere in ours.
  awk -f "$compare/listed.awk" "$1/$2.out" | sed 's/(BAD_COMMAND)$/(Not Run)/' | sort >"$1/$2.listed"
  awk -f "$compare/statuses.awk" "$1/$2.xml" |
    awk -F '\t' 'FNR == NR { if ($3 ~ /^\*\*\*Not Run$/) not_run[$2] = 1; next }
      { print $1 "\t" ($2 == "fail" && $1 in not_run ? "notrun" : $2) }' "$1/$2.outcomes" - | sort >"$1/$2.statuses"
  grep -v "$(printf '\t')\*\*\*Not Run" "$1/$2.outcomes" | cut -f 2 >"$1/$2.started"
  awk -f "$compare/outputs.awk" "$1/$2.started" "$3/Testing/Temporary/LastTest.log" >"$1/$2.outputs"
  for log in LastTestsFailed LastTestsDisabled; do
    : >"$1/$2.$log"
    [ ! -f "$3/Testing/Temporary/$log.log" ] || sort "$3/Testing/Temporary/$log.log" >"$1/$2.$log"
  done
  echo "$4" >"$1/$2.exit"
}

# run_both <results> <ptests> <build folder> [<selection>...]: first ctest, then ptests, each on a fresh Testing/Temporary.
# `between`, when defined, is called before each of them.
run_both() {
  results=$1
  ptests=$2
  build=$3
  shift 3
  mkdir -p "$results"
  for runner in ctest ptests; do
    rm -rf "$build/Testing/Temporary"
    before_run
    code=0
    if [ $runner = ctest ]; then
      ctest --test-dir "$build" -j 2 --output-junit "$results/ctest.xml" "$@" >"$results/ctest.out" 2>&1 || code=$?
      # ctest's bit mask, in the words of ptests.
      [ $code -ne 8 ] || code=1
    else
      "$ptests" run -B "$build" --no-build --backtrace off -j 2 --junit "$results/ptests.xml" "$@" >"$results/ptests.out" 2>&1 || code=$?
    fi
    if [ $code -gt 1 ]; then
      tail -n 20 "$results/$runner.out" >&2
      die "$runner ended with $code"
    fi
    after_run $runner
    keep "$results" $runner "$build" $code
  done
}

before_run() { :; }
after_run() { :; }

# same <results> <kind> <words>: one comparison; adds to $differences.
same() {
  if ! diff "$1/ctest.$2" "$1/ptests.$2" >"$1/$2.diff"; then
    differences=$((differences + 1))
    echo "DIFFERENT: $3 (< ctest, > ptests)"
    head -n 60 "$1/$2.diff"
  fi
}

# compare_all <results>: prints the table of outcomes and every difference; adds to $differences.
compare_all() {
  awk -F '\t' '
    FNR == 1 { ++runner }
    { count[runner, $3]++; if (!($3 in seen)) { seen[$3] = ++kinds; kind[kinds] = $3 } }
    END {
      printf "  %-40s %6s %6s\n", "outcome", "ctest", "ptests"
      for (k = 1; k <= kinds; ++k) printf "  %-40s %6d %6d\n", kind[k], count[1, kind[k]], count[2, kind[k]]
    }' "$1/ctest.outcomes" "$1/ptests.outcomes"
  same "$1" outcomes "number, name and outcome of the tests"
  same "$1" exit "exit code (ctest's 8 is 1)"
  same "$1" listed "the lists of tests that failed or did not run"
  same "$1" statuses "status in the JUnit file"
  same "$1" LastTestsFailed "LastTestsFailed.log"
  same "$1" LastTestsDisabled "LastTestsDisabled.log"
  same "$1" outputs "command, directory and output in LastTest.log"
}

# conclude <what>: fails on any difference.
conclude() {
  [ "$differences" -eq 0 ] || die "$1: $differences differences between ctest and ptests"
  echo "$1: ctest and ptests agree"
}
