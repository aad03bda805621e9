# SOURCES: settings reach the compiler, MAIN and the precompiled header are compiled
# once a call, and ParallelTests_EXCLUDE_FROM_ALL and _CHECK_TARGET do what they say.
. "$(dirname "$0")/common.sh"

for pic in OFF ON; do
  build=$tmp/build-$pic
  configure "$here/projects/build" "$build" -G Ninja -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
    -DCMAKE_POSITION_INDEPENDENT_CODE=$pic
  quietly "$cmake" --build "$build"
  [ ! -e "$build/late.one" ] || fail "late.one is in the target all"
  quietly "$cmake" --build "$build" --target late.one
  (cd "$build" && quietly "$ctest")
  output_has "100% tests passed, 0 tests failed out of 5"
  same_as_ctest "$build" "$build/paralleltests/manifest.json"
done

commands=$build/compile_commands.json
# Each entry names its source in "file".
compiled() {
  grep -cE "\"file\": \".*$1\"" "$commands" || :
}
expect "MAIN of three calls" "$(compiled '/main\.cpp')" 3
expect "precompiled headers for C++" "$(compiled 'cmake_pch\.hxx\.cxx')" 2
expect "precompiled headers for C" "$(compiled 'cmake_pch\.h\.c')" 1
expect "a header's user" "$(compiled '/two\.cpp')" 1
quietly "$cmake" --build "$build" --target help
output_has "examine-late"
