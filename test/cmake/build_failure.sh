# sh build_failure.sh <generator>: what does not compile fails exactly the tests that need it, with the compiler's words; the
# rest runs.
. "$(dirname "$0")/common.sh"
quietly "$cmake" --install "$PTESTS_BUILD" --prefix "$tmp/prefix"
build=$tmp/build
configure "$here/projects/broken" "$build" -G "$1" "-DCMAKE_PREFIX_PATH=$tmp/prefix"
config=
[ "$1" != "Ninja Multi-Config" ] || config=Debug
exits 3 "$tmp/prefix/bin/ptests" run -B "$build" ${config:+-C "$config"}
output_has "own.good .........................   Passed"
output_has "own.bad_source ...................***Not Run (Build failed)"
output_has "library.user .....................***Not Run (Build failed)"
output_has "33% tests passed, 2 tests failed out of 3"
xmllint --noout "$build/paralleltests/junit.xml"

# words_of <test>: the text of its error in the JUnit file.
words_of() { xmllint --xpath "string(//testcase[@name='$1']/error)" "$build/paralleltests/junit.xml"; }
words_of own.bad_source | grep -q wrong_in_source || fail "own.bad_source has not the compiler's words"
words_of library.user | grep -q wrong_in_library || fail "library.user has not the compiler's words"
if words_of own.bad_source | grep -q wrong_in_library; then fail "own.bad_source has the words of the library"; fi

# Only what the selected tests need is built.
quietly "$tmp/prefix/bin/ptests" run -B "$build" ${config:+-C "$config"} own.good
output_has "100% tests passed, 0 tests failed out of 1"
