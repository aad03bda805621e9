#!/bin/sh
# run_case.sh <ptests> <case>: runs the case's `cmd` in a copy of builds/ and compares with its `stdout`, `stderr` and `code`.
# In `cmd`, $PTESTS is the program and $DIR the copy. A case may bring builds of its own. UPDATE=1 writes the expected files anew.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
PTESTS=$1
case=$(cd "$2" && pwd)

DIR=$(mktemp -d "${TMPDIR:-/tmp}/paralleltests-cli.XXXXXX")
DIR=$(cd "$DIR" && pwd -P)
trap 'rm -rf "$DIR"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
export PTESTS DIR
export LC_ALL=C.UTF-8
unset NO_COLOR

mkdir "$DIR/.got"
for builds in "$here/builds" "$case/builds"; do
  [ ! -d "$builds" ] || cp -R "$builds/." "$DIR"
done
# A debugger's words are of this machine.
mkdir "$DIR/.bin"
printf '#!/bin/sh\n' >"$DIR/.bin/gdb"
chmod +x "$DIR/.bin/gdb"
PATH=$DIR/.bin:$PATH
find "$DIR" -type f -exec sed -i "s|@DIR@|$DIR|g" {} +

code=0
(cd "$DIR" && sh "$case/cmd") >"$DIR/.got/out" 2>"$DIR/.got/err" </dev/null || code=$?

# Times, this machine's numbers and paths are not part of what is compared.
scrub() {
  sed -e "s|$DIR|\$DIR|g" \
    -e 's/ *[0-9][0-9]*\.[0-9][0-9] sec/ TIME sec/' \
    -e 's/ time="[0-9.]*"/ time="TIME"/g' \
    -e 's/ timestamp="[^"]*" hostname="[^"]*"/ timestamp="TIME" hostname="HOST"/' \
    -e 's/, core dumped//' \
    -e '/<property name="\(core_file\|peak_rss_bytes\)"/d' \
    -e 's/\(<property name="\(slot\|core_dumped\|[a-z_]*_\(seconds\|bytes\|switches\|processes\|threads\|open_files\|cpu\)\)" value="\)[^"]*/\1N/' \
    -e 's/^\(ptests\) [0-9.]*$/\1 VERSION/' \
    -e 's/\(processors to use (default:\) [0-9]*/\1 N/' "$1"
}
scrub "$DIR/.got/out" >"$DIR/.got/stdout"
scrub "$DIR/.got/err" >"$DIR/.got/stderr"
echo "$code" >"$DIR/.got/code"

if [ "${UPDATE:-0}" = 1 ]; then
  cp "$DIR/.got/stdout" "$DIR/.got/stderr" "$DIR/.got/code" "$case"
  exit 0
fi
different=0
for what in stdout stderr code; do
  diff -u --label "expected $what" --label "$what" "$case/$what" "$DIR/.got/$what" || different=1
done
exit $different
