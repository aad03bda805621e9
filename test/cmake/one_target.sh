# sh one_target.sh <generator>: check together with another target in one call of the build tool is refused; alone it runs.
. "$(dirname "$0")/common.sh"
quietly "$cmake" --install "$PTESTS_BUILD" --prefix "$tmp/prefix"
build=$tmp/build
configure "$repo/examples/minimal" "$build" -G "$1" "-DCMAKE_PREFIX_PATH=$tmp/prefix"
status=0
"$cmake" --build "$build" --target all check >"$tmp/out" 2>&1 || status=$?
[ "$status" -ne 0 ] || fail "all and check together were not refused"
output_has "the build tool was asked for several targets at once: all check"
output_has "hint: run the check target in a call of its own"
quietly "$cmake" --build "$build" --target check
output_has "100% tests passed"
