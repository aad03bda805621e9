# The manifest's command has emulator and launcher where add_test puts them.
. "$(dirname "$0")/common.sh"

# with <policy version> <option>...: configures and compares; then the first words
# of the command of the tests are in `words`.
with() {
  rm -rf "$build"
  limit=$1
  shift
  configure "$here/projects/emulator" "$build" -G Ninja "-DLIMIT=$limit" "$@"
  quietly "$cmake" --build "$build"
  same_as_ctest "$build" "$manifest"
  first=$(json "$manifest" tests 0 command 0)
  words=$(json "$manifest" tests 0 command '#')
}
build=$tmp/build
manifest=$build/paralleltests/manifest.json
env=$(command -v env)
emulator="-DCMAKE_CROSSCOMPILING_EMULATOR=$env;A=b c;B=\"d\""
cross=-DCMAKE_SYSTEM_NAME=Linux

with 3.25
expect "none" "$words" 2
with 3.25 "$emulator"
expect "emulator" "$first $words" "$env 5"
expect "no target" "$(json "$manifest" tests 5 command 0)" "$(json "$manifest" tool cmake)"
expect "alias" "$(json "$manifest" tests 3 target)" tool
expect "expression for a file" "$(json "$manifest" tests 4 target)" tool
expect "imported" "$(json "$manifest" tests 6 target)" "(none)"

# CMake 3.29 brought launchers and policy CMP0158.
"$cmake" -P "$here/has_launchers.cmake" >"$tmp/out" 2>&1 || exit 0
with 3.29 "$emulator"
expect "CMP0158, not cross compiling" "$words" 2
with 3.29 "$emulator" $cross
expect "CMP0158, cross compiling" "$first $words" "$env 5"
with 3.29 "-DCMAKE_TEST_LAUNCHER=$env;L=1" "$emulator" $cross
expect "launcher and emulator" "$(json "$manifest" tests 0 command 1) $words" "L=1 7"
launcher='-DCMAKE_TEST_LAUNCHER=$<$<CONFIG:Debug>:'$env'$<SEMICOLON>L=2>'
manifest=$build/paralleltests/manifest-Debug.json
with 3.25 "$launcher" -DCMAKE_BUILD_TYPE=Debug
expect "expression that is true" "$first $words" "$env 4"
manifest=$build/paralleltests/manifest-Release.json
with 3.25 "$launcher" -DCMAKE_BUILD_TYPE=Release
expect "expression that is false" "$words" 2
