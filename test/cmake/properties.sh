# Every property reaches ctest and the manifest alike; set_tests_properties wins.
. "$(dirname "$0")/common.sh"

build=$tmp/build
configure "$here/projects/properties" "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug
quietly "$cmake" --build "$build"
manifest=$build/paralleltests/manifest-Debug.json

cmake_path=$(json "$manifest" tool cmake)

property() {
  number=$1
  shift
  json "$manifest" tests "$number" "$@"
}
expect "text for the reader" "$(property 2 timeout)" 5s
expect "list with an expression" "$(property 2 properties LABELS)" "a;c"
expect "number with an expression" "$(property 2 properties PROCESSORS)" 2
expect "environment with an expression" "$(property 0 env)" 'A=1;B=x\;y;C=Debug'
expect "own property" "$(property 0 properties OWN_PROPERTY)" "own; value"
expect "directory's labels" "$(property 1 properties LABELS)" '[ "directory", "slow", "with space" ]'
expect "keywords without values" "$(property 3 env) $(property 3 properties LABELS)" '(none) [ "directory", "with space" ]'
expect "switch" "$(property 3 properties RUN_SERIAL)" ON
expect "source line" "$(property 0 properties DEF_SOURCE_LINE)" "$here/projects/properties/one.c:1"
expect "user's source line" "$(property 1 properties DEF_SOURCE_LINE)" here:7
expect "user's timeout" "$(property 1 timeout)" 9
expect "property taken back" "$(property 1 properties COST)" "(none)"
expect "sources" "$(property 0 sources)" "[ \"$here/projects/properties/one.c\" ]"
expect "imported: target" "$(property 4 target)" "(none)"
expect "target of an expression" "$(property 5 target)" all.one
expect "environment of a local import" "$(property 5 env)" "TOOL=$cmake_path"
expect "relative WORKING_DIRECTORY" "$(property 5 cwd)" "$build/sub/there"

# Values with an expression have another form in ctest's answer.
configure "$here/projects/properties" "$build" -DCOMPARE=ON
same_as_ctest "$build" "$manifest"
