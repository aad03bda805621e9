# Names of suites, tests and sources with uncommon characters arrive unchanged.
. "$(dirname "$0")/common.sh"

suite='über; [all] $x "q" \'
lone='lone [ bracket'
build=$tmp/build
configure "$here/projects/names" "$build" -G "$1" "-DEXECUTOR=${PTESTS_EXECUTABLE:-}"
manifest=$build/paralleltests/manifest.json
quietly "$cmake" --build "$build"
(cd "$build" && quietly "$ctest")
same_as_ctest "$build" "$manifest"
expect "test name" "$(json "$manifest" tests 0 name)" "$suite.a b"
expect "test name" "$(json "$manifest" tests 1 name)" "$suite.é"
expect "test name" "$(json "$manifest" tests 2 name)" "$suite.a.b"
expect "suite" "$(json "$manifest" tests 0 suite)" "$suite"
expect "suites" "$(json "$manifest" suites 0 name)" "$suite"
expect "suites" "$(json "$manifest" suites 1 name)" "$lone"
expect "number of suites" "$(json "$manifest" suites '#')" 2
expect "target" "$(json "$manifest" tests 0 target)" "__ber___all___x__q___.a_b"
expect "other tests" "$(json "$manifest" other_tests)" OFF
expect "own value" "$(json "$manifest" tests 3 timeout)" 3
expect "label" "$(json "$manifest" tests 3 properties LABELS 1)" é

if [ -n "${PTESTS_EXECUTABLE:-}" ]; then
  for target in "check-__ber___all___x__q___=3" "check-lone___bracket=2" check=5; do
    quietly "$cmake" --build "$build" --target "${target%=*}"
    output_has "100% tests passed, 0 tests failed out of ${target#*=}"
  done
fi
