# sh pipeline.sh <generator> [<runs>]: compile and run in one pipeline, on a project with generated headers and sources, custom commands,
# libraries of all kinds, a precompiled header, a POST_BUILD copy and ccache as launcher; from clean and incrementally, with -j1, -j2 and
# -j8: each test runs once, and not before all it needs is there. As many rounds as it takes for that many runs (default: 9).
. "$(dirname "$0")/common.sh"
generator=$1
most=${2:-9}
project=$here/projects/pipeline
build=$tmp/build
names="c copied early early_main framed generated objects plain shared staged static sub"
config=
[ "$generator" != "Ninja Multi-Config" ] || config=Debug
CCACHE_DIR=$tmp/ccache
export CCACHE_DIR

echo first >"$tmp/value"
configure "$project" "$build" -G "$generator" "-DEXECUTOR=$PTESTS_EXECUTABLE" "-DVALUE=$tmp/value" \
  -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache

# run <jobs> <what was done before>
run() {
  runs=$((runs + 1))
  rm -f "$build/ran"
  timeout 300 "$PTESTS_EXECUTABLE" run -B "$build" ${config:+-C "$config"} -j "$1" >"$tmp/out" 2>&1 || {
    cat "$tmp/out" >&2
    fail "run $runs (-j$1, $2): exit code $?"
  }
  expect "tests that ran in run $runs (-j$1, $2)" "$(LC_ALL=C sort "$build/ran" | tr '\n' ' ')" "$names "
  expect "results of run $runs (-j$1, $2)" "$(grep -c '"event":"test_finished".*"status":"passed"' "$build/paralleltests/events.jsonl")" 11
}

change_value() {
  # Two builds within a second must differ for make, too.
  sleep 1
  echo "value $runs" >"$tmp/value"
}

# What stands for cmake in the rules of Makefiles: the same as cmake.
check_quick_cmake() {
  for quick in "$build/paralleltests/make/cmake" "$build/paralleltests/make/cmake-clean"; do
    expect "a line of $quick" "$("$quick" -E cmake_echo_color --switch= --green --progress-num=1 'a  \n b')" 'a  \n b'
    for command in 'echo "x  y" z=1 --a,b' "echo 'x  y'" 'echo "\$HOME"  *' 'echo a#b'; do
      echo "$command" >"$tmp/link.txt"
      expect "$quick: $command" "$("$quick" -E cmake_link_script "$tmp/link.txt" --verbose= 2>&1)" \
        "$("$cmake" -E cmake_link_script "$tmp/link.txt" --verbose=)"
    done
    for commands in 'echo 1\necho "2  3"\n' 'echo 1\necho $((1 + 1))\n' 'echo $((1 + 1))\necho 2\n' 'echo 1\n\n' 'echo 1\necho 2\necho 3\n' \
      'echo 1\necho 2'; do
      printf "$commands" >"$tmp/link.txt"
      expect "$quick: $commands" "$("$quick" -E cmake_link_script "$tmp/link.txt" --verbose= 2>&1)" \
        "$("$cmake" -E cmake_link_script "$tmp/link.txt" --verbose=)"
    done
    for commands in 'sh -x /nowhere/script\n' 'false\necho 2\n' 'true\nfalse\n'; do
      printf "$commands" >"$tmp/link.txt"
      if "$quick" -E cmake_link_script "$tmp/link.txt" --verbose= >"$tmp/out" 2>&1; then fail "$quick: $commands: no failure"; fi
      if grep -x 2 "$tmp/out"; then fail "$quick: $commands: went on"; fi
    done
    expect "$quick: words of cmake" "$("$quick" -E echo a '$b' 'c d')" 'a $b c d'
  done
}

runs=0
while [ "$runs" -lt "$most" ]; do
  for jobs in 1 2 8; do
    [ "$runs" -lt "$most" ] || break
    quietly "$cmake" --build "$build" ${config:+--config "$config"} --target clean
    run $jobs "from clean"
    [ "$runs" -lt "$most" ] || break
    run $jobs "nothing changed"
    [ "$runs" -lt "$most" ] || break
    change_value
    run $jobs "a value changed"
  done
done
[ "$generator" != "Unix Makefiles" ] || check_quick_cmake
echo "$runs runs"
