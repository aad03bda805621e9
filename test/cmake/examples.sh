# examples/minimal as its reader would build it, with ParallelTests from an install prefix.
. "$(dirname "$0")/common.sh"
quietly "$cmake" --install "$PTESTS_BUILD" --prefix "$tmp/prefix"
configure "$repo/examples/minimal" "$tmp/build" "-DCMAKE_PREFIX_PATH=$tmp/prefix"
quietly "$cmake" --build "$tmp/build" --target check
output_has "100% tests passed, 0 tests failed out of 3"
