# sh frameworks.sh <generator>: which main the sources of a framework's suite get, and what the manifest and ctest are told.
. "$(dirname "$0")/common.sh"
project=$here/projects/frameworks

lacks() {
  ! grep -qF -e "$1" "$2" || fail "this is not to be there: $1
$(cat "$2")"
}
# compiled <source>: how many commands there are that compile it.
compiled() { grep -cE "\"file\": \".*$1\"" "$build/compile_commands.json" || :; }
# says <test> <text>: the program prints that.
says() {
  quietly "$build/$1"
  output_has "$2"
}
# tells <test> <framework>: the program has our main, the listener of which tells ptests.
tells() {
  rm -f "$tmp/events"
  quietly env "PTESTS_CASE_EVENTS=$tmp/events" "$build/$1"
  lacks "main of" "$tmp/out"
  lacks "gtest_main" "$tmp/out"
  expect "who tells of $1" "$(sed -n '1s/^\(ptests 1 [a-z0-9]*\) .*/\1/p' "$tmp/events")" "ptests 1 $2"
}

# From the module's folder, with everything.
catch=OFF
[ "$1" != Ninja ] || catch=ON
build=$tmp/build
configure "$project" "$build" -G "$1" -DALL=ON -DCATCH=$catch -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
tr -s ' \n' ' ' <"$tmp/out" >"$tmp/configured"
expect "warnings" "$(grep -o 'CMake Warning' "$tmp/configured" | wc -l)" 1
grep -qF 'ParallelTests: suite "doc": 1 of 4 sources have a main of their own' "$tmp/configured" || fail "$(cat "$tmp/configured")"
configure "$project" "$build" -Wno-dev
lacks "a main of their own" "$tmp/out"

# One a call, with the settings of the suite.
expect "mains of doctest" "$(compiled /paralleltests/main/doctest.cpp)" 2
expect "mains of GoogleTest" "$(compiled /paralleltests/main/gtest.cpp)" 2
expect "mains of Catch2" "$(compiled /paralleltests/main/catch2.cpp)" "$([ $catch = OFF ] && echo 0 || echo 1)"
expect "a main of the suite" "$(compiled /frameworks/gtest/main.cpp)" 1
for option in -DTEXT= -Wold-style-cast frameworks/other; do
  grep -E "command.*$option.*paralleltests/main/gtest.cpp" "$build/compile_commands.json" >"$tmp/out" || fail "our main is compiled without $option"
done

quietly "$cmake" --build "$build"
for test in google.one google.two explicit.quoting; do tells $test gtest; done
for test in google.own google.hidden explicit.own; do says $test "a main of its own"; done
says library.one gtest_main
for test in source.one source.two; do says $test "the main of the suite"; done
for test in doc.one doc.two doc.generated; do tells $test doctest; done
for test in doc.own quiet.own defined.one; do says $test "Status: SUCCESS"; done
[ $catch = OFF ] || tells catch.one catch2

# ctest runs each executable once, and reads our properties without a word.
tests=$([ $catch = OFF ] && echo 21 || echo 22)
manifest=$build/paralleltests/manifest.json
(cd "$build" && quietly "$ctest" -j2)
output_has "100% tests passed, 0 tests failed out of $tests"
same_as_ctest "$build" "$manifest"

# has <test> <property>=<value>...
has() {
  index=$(grep '^    {"name": .*"suite": ' "$manifest" | grep -n "\"name\": \"$1\"" | cut -d: -f1)
  name=$1
  shift
  for pair; do
    expect "$name: ${pair%%=*}" "$(json "$manifest" tests $((index - 1)) properties "PTESTS_${pair%%=*}")" "${pair#*=}"
  done
}
has google.own FRAMEWORK=gtest ISOLATE_CASES=TRUE
has library.one FRAMEWORK=gtest 'ISOLATE_CASES=(none)'
has doc.two FRAMEWORK=doctest ISOLATE_CASES=FALSE
has other.second FRAMEWORK=boost
has other.program FRAMEWORK=exitcode ISOLATE_CASES=1
has command FRAMEWORK=tap ISOLATE_CASES=TRUE
has neither 'FRAMEWORK=(none)' 'ISOLATE_CASES=(none)'
grep -q 'PTESTS_FRAMEWORK.*gtest' "$build/CTestTestfile.cmake" || fail "no framework in CTestTestfile.cmake"

# The same mains from an install prefix, where this repository has no part in it.
prefix=$tmp/prefix
quietly "$cmake" --install "$PTESTS_BUILD" --prefix "$prefix"
build=$tmp/package
configure "$project" "$build" -G "$1" -DHOW=package "-DCMAKE_PREFIX_PATH=$prefix" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
expect "installed mains" "$(compiled "$prefix/include/paralleltests/main/gtest.cpp")" 2
lacks "$repo/include" "$build/compile_commands.json"
quietly "$cmake" --build "$build" --target google.one source.one
tells google.one gtest
says source.one "the main of the suite"

# And from source; to build that takes minutes.
build=$tmp/subdirectory
configure "$project" "$build" -G "$1" -DHOW=add_subdirectory -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
expect "mains from source" "$(compiled "$repo/include/paralleltests/main/gtest.cpp")" 2
