# sh add_subdirectory.sh [build]: ParallelTests from source, by add_subdirectory: the
# target check builds the executor first. With "build" that is done, which takes
# minutes, and then check does as from an install prefix.
. "$(dirname "$0")/common.sh"
build=$tmp/build
configure "$here/projects/twelve" "$build" -G Ninja -DHOW=add_subdirectory

# Dry: the executor is linked, then it is called; it would build the tests itself. With another name for the build file ninja does not
# end at the globs, which it would have to look at first.
echo 'include build.ninja' >"$build/dry.ninja"
quietly ninja -C "$build" -f dry.ninja -n -v check
sed -n 's/^\[\([0-9]*\)\/[0-9]*\] .* -o \([^ ]*ptests\) .*/\1 link \2/p; s/^\[\([0-9]*\)\/[0-9]*\] .*\/ptests run .*/\1 run/p' "$tmp/out" >"$tmp/steps"
expect "what check does" "$(sed 's/[^ ]*\///; s/^[0-9]* //' "$tmp/steps" | tr '\n' ' ')" "link ptests run "
! grep -q 'unit\.test_' "$tmp/out" || fail "check builds tests before the executor runs"
[ "${1:-}" = build ] || exit 0

quietly "$cmake" --build "$build" --target check
output_has "100% tests passed, 0 tests failed out of 12"
expect "other tests" "$(json "$build/paralleltests/manifest.json" other_tests)" OFF
quietly "$cmake" --build "$build" --target check-unit
output_has "100% tests passed, 0 tests failed out of 5"
