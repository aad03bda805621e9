# sh launch_subdirectory.sh <generator>: with ParallelTests from source, what needs no ptests is built before there is one, and
# ptests itself has no launchers.
. "$(dirname "$0")/common.sh"
unset PTESTS_BUILD_DIRECTORY PTESTS_BUILD_SOCKET PTESTS_BUILD_LAUNCHER || :
build=$tmp/build
configure "$here/projects/launch" "$build" -G "$1" -DHOW=add_subdirectory
config=
[ "$1" != "Ninja Multi-Config" ] || config=Release
for target in late unit.test unit.plain; do
  quietly "$cmake" --build "$build" ${config:+--config $config} --target $target
done
"$(find "$build" -name unit.test -type f)" || fail "unit.test"
[ -z "$(find "$build" -name ptests -type f)" ] || fail "ptests was built for what does not need it"

find "$build" -type f \( -name '*.ninja' -o -name build.make -o -name link.txt \) -exec cat {} + >"$tmp/rules"
grep -qe '--target=unit.test --kind=compile' "$tmp/rules" || fail "unit.test has no launcher"
if grep -e '--target=ptests' "$tmp/rules" >&2; then fail "ptests has launchers"; fi
