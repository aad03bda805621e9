# Arguments of every kind arrive unchanged: by ctest, by the executor, and in the
# manifest.
. "$(dirname "$0")/common.sh"

hex() {
  printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
  echo
}
newline='
'
{
  for word in plain 'two words' 'a;b' '' '[' ']' '[[x' 'y]]' 'a\b' '\' '\;' \
    '"quoted"' "it's" '$HOME' '${x}' '$ENV{HOME}' '$<' 'a>b,c:d' "one${newline}two" \
    "${newline}leading and trailing${newline}" "$(printf '\ttab')" 'é日本' '#hash' '(' '@x@' '100%' '*?' ';' ';;' \
    '--flag=1;2' "$(printf '\001x')" '[a;b' 'c]' 'LABELS' 'args' last; do
    hex "$word"
  done
} >"$tmp/wanted"

arrived() {
  for test in sources targets command; do
    cmp -s "$tmp/wanted" "$build/$test/args.txt" || {
      diff "$tmp/wanted" "$build/$test/args.txt" >&2 || :
      fail "arguments of $test altered by $1"
    }
    rm "$build/$test/args.txt"
  done
}

build=$tmp/build
configure "$here/projects/arguments" "$build" -G Ninja
quietly "$cmake" --build "$build"
(cd "$build" && quietly "$ctest")
arrived ctest
if [ -n "${PTESTS_EXECUTABLE:-}" ]; then
  quietly "$PTESTS_EXECUTABLE" run -B "$build"
  arrived ptests
fi

same_as_ctest "$build" "$build/paralleltests/manifest.json"
for index in 0 1 2; do
  "$cmake" "-DFILE=$build/paralleltests/manifest.json" -DTEST=$index -P "$here/command_hex.cmake" >"$tmp/got" 2>&1
  cmp -s "$tmp/wanted" "$tmp/got" || {
    diff "$tmp/wanted" "$tmp/got" >&2 || :
    fail "arguments of test $index altered in the manifest"
  }
done
