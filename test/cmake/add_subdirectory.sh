# ParallelTests from source, by add_subdirectory: the target check builds the
# executor first, and then as from an install prefix.
. "$(dirname "$0")/common.sh"
build=$tmp/build
configure "$here/projects/twelve" "$build" -G Ninja -DHOW=add_subdirectory
quietly "$cmake" --build "$build" --target check
output_has "100% tests passed, 0 tests failed out of 12"
expect "other tests" "$(json "$build/paralleltests/manifest.json" other_tests)" OFF
quietly "$cmake" --build "$build" --target check-unit
output_has "100% tests passed, 0 tests failed out of 5"
