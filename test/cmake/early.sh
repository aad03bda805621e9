# sh early.sh <generator>: objects of tests may be compiled before the library they need. From clean, after a change of a header, with a
# test and with a library that do not compile: with -j1, -j2 and -j4 the same, and what a plain build makes of it.
. "$(dirname "$0")/common.sh"
build=$tmp/build
sources=$tmp/sources
mkdir "$sources"

# write_sources <what the library returns> <what the header says>
write_sources() {
  echo "#define EXPECTED $2" >"$sources/value.h"
  echo "int value(void) { return $1; }" >"$sources/value.c"
  for name in one two three; do
    printf '#include "value.h"\nint value(void);\nint main(void) { return value() == EXPECTED ? 0 : 1; }\n' >"$sources/$name.c"
  done
}

# has <failed tests, sorted>: what the last run said.
has() {
  expect "failed tests (-j$jobs, $what)" "$(sed -n 's/^.*- \(early\.[a-z]*\) (.*$/\1/p' "$tmp/out" | LC_ALL=C sort | tr '\n' ' ')" "$1"
}

write_sources 1 1
configure "$here/projects/early" "$build" -G "$1" "-DEXECUTOR=$PTESTS_EXECUTABLE" "-DSOURCES=$sources"
for jobs in 1 2 4; do
  what="from clean"
  write_sources 1 1
  quietly "$cmake" --build "$build" --target clean
  quietly "$PTESTS_EXECUTABLE" run -B "$build" -j $jobs
  early=2 # the third has a name that needs quotes
  [ $jobs -gt 1 ] || early=0
  expect "early goals (-j$jobs)" "$(grep -c '/early:$' "$build/paralleltests/make/goals.make")" $early

  what="a header has changed"
  sleep 1.1
  echo '#define EXPECTED 2' >"$sources/value.h"
  exits 1 "$PTESTS_EXECUTABLE" run -B "$build" -j $jobs
  has "early.one early.three early.two "

  what="the library has changed"
  sleep 1.1
  echo 'int value(void) { return 2; }' >"$sources/value.c"
  quietly "$PTESTS_EXECUTABLE" run -B "$build" -j $jobs

  what="a test does not compile"
  quietly "$cmake" --build "$build" --target clean
  echo 'int main(void) { return wrong_in_two; }' >"$sources/two.c"
  exits 3 "$PTESTS_EXECUTABLE" run -B "$build" -j $jobs
  has "early.two "
  expect "words of the compiler (-j$jobs)" "$(grep -c "error: .*wrong_in_two" "$tmp/out")" 1

  what="the library does not compile"
  write_sources wrong_in_library 1
  quietly "$cmake" --build "$build" --target clean
  exits 3 "$PTESTS_EXECUTABLE" run -B "$build" -j $jobs
  has "early.one early.three early.two "
done
