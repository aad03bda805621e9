# sh check.sh <generator>: the targets check and check-<suite>, and ctest, on a
# project of twelve tests with ParallelTests from an install prefix.
. "$(dirname "$0")/common.sh"
generator=$1
prefix=$tmp/prefix
project=$here/projects/twelve
configs=
[ "$generator" != "Ninja Multi-Config" ] || configs="Debug Release"

quietly "$cmake" --install "$PTESTS_BUILD" --prefix "$prefix"

# Runs a target; the junit file of the run then has this many tests.
target_runs() {
  quietly "$cmake" --build "$build" ${config:+--config "$config"} --target "$1"
  output_has "100% tests passed, 0 tests failed out of $2"
  junit_has "$2"
}
junit_has() {
  quietly xmllint --noout "$build/paralleltests/junit.xml"
  expect "tests in the junit file" "$(grep -c '<testcase' "$build/paralleltests/junit.xml")" "$1"
}

all_ways() {
  target_runs check 12
  target_runs check-unit 5
  target_runs check-core 2
  target_runs check-cli 3
  target_runs check-sub 2
  quietly "$cmake" --build "$build" ${config:+--config "$config"}
  (cd "$build" && quietly "$ctest" ${config:+-C "$config"} -j2)
  output_has "100% tests passed, 0 tests failed out of 12"
  same_as_ctest "$build" "$build/paralleltests/manifest${config:+-$config}.json" ${config:+-C "$config"}
}

build=$tmp/build
configure "$project" "$build" -G "$generator" "-DCMAKE_PREFIX_PATH=$prefix"
config=
if [ -n "$configs" ]; then
  for config in $configs; do all_ways; done
else
  all_ways
fi

# Only what is needed is built: check-core of a fresh build makes no unit test.
build=$tmp/fresh
configure "$project" "$build" -G "$generator" "-DCMAKE_PREFIX_PATH=$prefix" -DFAILING=ON -DBROKEN=ON
target_runs check-core 2
[ -z "$(find "$build" -name 'unit.test_split')" ] || fail "check-core built unit.test_split"

# A test that fails and one that does not compile: the others run, the target fails.
if "$cmake" --build "$build" ${config:+--config "$config"} --target check >"$tmp/out" 2>&1; then
  fail "check passed with a failing test"
fi
output_has "unit.test_join"
output_has "the words differ"
output_has "this test does not compile"
output_has "2 tests failed out of 12"
junit_has 12
