# Each misuse ends configuration with exactly the message in misuse/<case>.txt.
# UPDATE=1 writes the files anew.
. "$(dirname "$0")/common.sh"

failed=
for case in "$here"/misuse/*.cmake; do
  golden=${case%.cmake}.txt
  rm -rf "$tmp/build"
  exits 1 "$cmake" -S "$here/projects/misuse" -B "$tmp/build" -G Ninja -Wno-dev \
    "-DREPOSITORY=$repo" "-DCASE=$case"
  # CMake wraps the text and puts the call stack behind it.
  tr -s ' \n' ' ' <"$tmp/out" | sed -e 's/.*(message): //' -e 's/ Call Stack .*//' \
    -e 's/ CMake Error.*//' -e "s|$here|<test>|g" -e 's/ -- Configuring incomplete.*//' >"$tmp/got"
  echo >>"$tmp/got"
  [ -z "${UPDATE:-}" ] || cp "$tmp/got" "$golden"
  cmp -s "$golden" "$tmp/got" || {
    diff "$golden" "$tmp/got" >&2 || :
    failed="$failed $(basename "$case" .cmake)"
  }
done
[ -z "$failed" ] || fail "other text:$failed"
