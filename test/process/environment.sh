#!/bin/sh
# What a test finds in its environment: a TMPDIR of its own, its name, its attempt, its slot, the run.
. "$(dirname "$0")/common.sh"

log_of() { cat "$build/paralleltests/logs/$1.log"; }
temporary_left() { find "$work/tmp" -mindepth 1 | sed "s|^$work/tmp/||"; }

# --- TMPDIR: private, empty, removed with everything in it, and with nothing else.
# private <name>
private() {
  new_build "$1"
  mkdir "$build/precious"
  : >"$build/precious/file"
  ln -s precious/file "$build/precious/link"
  # Four one after the other in one slot.
  for i in 1 2 3 4; do add_test "t$i" '${victim} tmpdir'" \"$build/precious\" \"$build/precious/file\""; done
  add_test fails 'sh -c "echo $TMPDIR >\"$TMPDIR/file\"; exit 1"'
  hand_over
  start -j1
  finish
  expect_code 1
  for i in 1 2 3 4; do expect_status "t$i" passed; done
  [ -z "$(temporary_left)" ] || fault "$1: left in TMPDIR: $(temporary_left)"
  [ "$(find "$build/precious" | wc -l)" -eq 3 ] || fault "$1: removed what a link in TMPDIR named: $(find "$build/precious")"
  expect_no_traces 100 "$1"
}
private private
as_nobody
private unprivileged
as_ourselves

# A test may do with its folder what it likes; the next one in its slot gets one as new.
misused() {
  new_build "$1"
  mkdir "$build/precious"
  : >"$build/precious/file"
  add_test t1 'sh -c "chmod 0 $TMPDIR"'
  add_test t3 'sh -c "chmod 777 $TMPDIR"'
  add_test t5 'sh -c "mv $TMPDIR $TMPDIR.away"'
  add_test t7 "sh -c \"rmdir \$TMPDIR && ln -s '$build/precious' \$TMPDIR\""
  for i in 2 4 6 8; do add_test "t$i" '${victim} tmpdir' "DEPENDS t$((i - 1))"; done
  for i in 3 5 7; do echo "set_tests_properties(t$i PROPERTIES DEPENDS t$((i - 1)))" >>"$build/CTestTestfile.cmake"; done
  hand_over
  run -j1
  expect_code 0
  [ -f "$build/precious/file" ] || fault "$1: removed what a link in place of TMPDIR named"
  expect_no_traces 100 "$1"
}
misused misused
as_nobody
misused misused_unprivileged
as_ourselves

new_build at_once
for i in 1 2 3 4 5 6; do
  add_test "t$i" 'sh -c "echo $TMPDIR; touch $PTESTS_TMPDIR/$PTESTS_TEST_NAME && sleep 0.2 && ls $TMPDIR"'
done
run -j6
expect_code 0
for i in 1 2 3 4 5 6; do log_of "t$i" | sed 1d; done >"$work/got"
printf 't%d\n' 1 2 3 4 5 6 >"$work/expected"
same "$work/expected" "$work/got" "at_once: what was in each TMPDIR"
for i in 1 2 3 4 5 6; do log_of "t$i" | head -n 1; done | sort -u >"$work/got"
[ "$(wc -l <"$work/got")" -eq 6 ] || fault "at_once: 6 tests at once had $(wc -l <"$work/got") folders"

# A TMPDIR of the project's own is what it asked for.
new_build own
add_test own '${victim} env TMPDIR' 'ENVIRONMENT "TMPDIR=/no/such/folder"'
run
expect_code 0
[ "$(log_of own)" = TMPDIR=/no/such/folder ] || fault "own: $(log_of own)"

# --- Kept for those that failed, when asked for.
new_build kept
add_test passes 'sh -c "echo $TMPDIR; echo text >$TMPDIR/file"'
add_test fails 'sh -c "echo $TMPDIR; echo text >$TMPDIR/file; exit 1"'
add_test crashes 'sh -c "echo text >$TMPDIR/file; kill -SEGV $$"'
add_test hangs 'sh -c "echo text >$TMPDIR/file; exec sleep 20"' 'TIMEOUT 0.3'
run -j1 --keep-tmp
expect_code 1
find "$work/tmp" -type f -name file >"$work/got"
[ "$(wc -l <"$work/got")" -eq 3 ] || { fault "kept: expected the folders of 3 tests" && show "$work/got"; }
for name in fails crashes hangs; do
  folder=$(grep "$name" "$work/got" || :)
  [ -n "$folder" ] || { fault "kept: no folder of $name" && continue; }
  expect_text "$build/out" "$(dirname "$folder")"
done
run -j1
[ "$(find "$work/tmp" -type f -name file | wc -l)" -eq 3 ] || fault "kept: a later run removed what was kept"
find "$work/tmp" -mindepth 1 -delete

# Names that are those of other folders, or of two tests.
new_build kept_names
for name in 0 1; do add_test $name 'sh -c "echo text >$TMPDIR/file; exit 1"'; done
mkdir "$build/a" "$build/b"
echo 'subdirs(a b)' >>"$build/CTestTestfile.cmake"
for part in a b; do echo "add_test(same sh -c \"echo $part >\$TMPDIR/file; exit 1\")" >"$build/$part/CTestTestfile.cmake"; done
run -j1 --keep-tmp
expect_code 1
find "$work/tmp" -type f -name file >"$work/got"
[ "$(wc -l <"$work/got")" -eq 4 ] || { fault "kept_names: expected the folders of 4 tests" && show "$work/got"; }
find "$work/tmp" -mindepth 1 -delete

# --- PTESTS_*
new_build named
variables='PTESTS_TEST_NAME PTESTS_TEST_NUMBER PTESTS_ATTEMPT PTESTS_SLOT'
name='a b;$c "d" é'
add_test "$name" "\${victim} env $variables"
add_test second "\${victim} env $variables PTESTS_RUN_ID"
add_test third '${victim} env PTESTS_RUN_ID'
# Ours are of the ptests above us, not of the test.
code=0
env "$mark" PTESTS_TEST_NAME=outer PTESTS_SLOT=99 PTESTS_RUN_ID=outer "$ptests" run -B "$build" -j1 >"$build/out" 2>"$build/err" || code=$?
expect_code 0
cat "$build"/paralleltests/logs/a* >"$work/got"
printf '%s\n' "PTESTS_TEST_NAME=$name" PTESTS_TEST_NUMBER=1 PTESTS_ATTEMPT=1 PTESTS_SLOT=0 >"$work/expected"
same "$work/expected" "$work/got" "named: variables of $name"
printf '%s\n' PTESTS_TEST_NAME=second PTESTS_TEST_NUMBER=2 PTESTS_ATTEMPT=1 PTESTS_SLOT=0 >"$work/expected"
log_of second | head -n 4 >"$work/got"
same "$work/expected" "$work/got" "named: variables of second"
run_id=$(log_of third)
[ "$(log_of second | tail -n 1)" = "$run_id" ] || fault "named: two run ids in one run"
case $run_id in PTESTS_RUN_ID=- | PTESTS_RUN_ID= | PTESTS_RUN_ID=outer) fault "named: $run_id" ;; esac
expect_text "$build/paralleltests/events.jsonl" "\"run_id\":\"${run_id#*=}\""
run -j1
[ "$(log_of third)" != "$run_id" ] || fault "named: two runs have one id"

# --- PTESTS_SLOT: 0..j-1, a test's own while it runs.
new_build slots
i=0
while [ $i -lt 40 ]; do
  i=$((i + 1))
  add_test "t$i" 'sh -c "echo $PTESTS_SLOT start >>${journal}; sleep 0.0$((PTESTS_SLOT + 3)); echo $PTESTS_SLOT end >>${journal}"'
done
# Slots are no processors: this one has one.
add_test wide 'sh -c "echo $PTESTS_SLOT start >>${journal}; echo $PTESTS_SLOT end >>${journal}"' 'PROCESSORS 2'
run -j4
expect_code 0
awk '{ seen[$1] = 1 }
  $1 !~ /^[0-3]$/ { print "not a slot: " $0 }
  $2 == "start" && used[$1]++ { print "taken twice: " $0 }
  $2 == "end" { used[$1]-- }
  END { for (i = 0; i < 4; ++i) if (!(i in seen)) print "never used: " i }' "$build/journal" >"$work/wrong"
[ ! -s "$work/wrong" ] || { fault "slots:" && show "$work/wrong"; }

expect_nothing_left
conclude
