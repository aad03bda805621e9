# The manifest's order is ctest's, and it knows whether ctest has other tests.
. "$(dirname "$0")/common.sh"

build=$tmp/build
manifest=$build/paralleltests/manifest.json
configure "$here/projects/order" "$build" -G Ninja
(cd "$build" && "$ctest" -N) | sed -n 's/^ *Test *#[0-9]*: //p' >"$tmp/wanted"
index=0
while [ "$index" -lt "$(json "$manifest" tests '#')" ]; do
  json "$manifest" tests $index name
  index=$((index + 1))
done >"$tmp/got"
expect "order" "$(tr '\n' ' ' <"$tmp/got")" "z c b a.2 a.1 deep "
cmp -s "$tmp/wanted" "$tmp/got" || fail "ctest's order: $(tr '\n' ' ' <"$tmp/wanted")"
same_as_ctest "$build" "$manifest"
expect "suites in order" "$(json "$manifest" suites 0 name) $(json "$manifest" suites 1 name)" "first second"
expect "suite's directory" "$(json "$manifest" suites 1 directory)" "$here/projects/order/a"

expect "other tests: none" "$(json "$manifest" other_tests)" OFF
for place in deep top include; do
  configure "$here/projects/order" "$build" -DOTHER=$place
  expect "other tests: $place" "$(json "$manifest" other_tests)" ON
done
