#!/bin/sh
# Tests write when they start and end into one journal; from it: what ran beside what, and in which order.
. "$(dirname "$0")/common.sh"

# journal_test <name> <seconds> [<properties>] [<exit code>]: with $meet, "<number> <beginning of names>", it waits for as many of those.
journal_test() { add_test "$1" "\${victim} journal \${journal} $1 $2 ${4:-0} ${meet:-}" ${3:+"$3"}; }
meet=

# most_at_once [<regex>]: the largest number of tests, of those whose name matches, that ran at the same time.
most_at_once() {
  awk -v names="${1:-.}" '$1 !~ names { next }
    { now += $2 == "start" ? 1 : -1; if (now > most) most = now }
    END { print most + 0 }' "$build/journal"
}

expect_most() {
  [ "$(most_at_once "$2")" -eq "$1" ] && return
  fault "$(basename "$build"): expected $1 of \"$2\" at once, got $(most_at_once "$2")"
  show "$build/journal"
}

# expect_before <what> <what>: lines of the journal.
expect_before() {
  awk -v first="$1" -v second="$2" '$0 == first { f = NR } $0 == second { s = NR } END { exit !(f && s && f < s) }' "$build/journal" &&
    return
  fault "$(basename "$build"): expected \"$1\" before \"$2\""
  show "$build/journal"
}

# expect_alone <name>: nothing else starts or ends between its start and its end, or runs then.
expect_alone() {
  awk -v name="$1" '$1 == name { inside = $2 == "start"; if (inside && now) bad = 1; seen = 1; next }
    inside { bad = 1 } { now += $2 == "start" ? 1 : -1 } END { exit bad || !seen }' "$build/journal" && return
  fault "$(basename "$build"): expected $1 to run alone"
  show "$build/journal"
}

# --- -j: never more than N, and N when there is enough to do.
for jobs in 1 3; do
  new_build "j$jobs"
  meet="$jobs t"
  for i in 1 2 3 4 5 6 7 8 9; do journal_test "t$i" 0.1; done
  meet=
  run "-j$jobs"
  expect_code 0
  expect_most $jobs .
done

# --- PROCESSORS counts as that many of -j; more than there are means all of them.
new_build processors
for i in 1 2 3 4; do journal_test "wide$i" 0.1 'PROCESSORS 2'; done
for i in 1 2 3 4; do journal_test "narrow$i" 0.1; done
journal_test huge 0.1 'PROCESSORS 100'
run -j3
expect_code 0
expect_most 1 '^wide'
expect_alone huge
awk '{ weight = $1 ~ /^wide/ ? 2 : $1 == "huge" ? 3 : 1; now += $2 == "start" ? weight : -weight; if (now > 3) bad = 1 }
  END { exit bad }' "$build/journal" || { fault "processors: more than 3 in use" && show "$build/journal"; }

# --- RUN_SERIAL
new_build serial
meet='4 t'
for i in 1 2 3 4; do journal_test "t$i" 0.1; done
meet=
journal_test alone1 0.1 'RUN_SERIAL ON'
journal_test alone2 0.1 'RUN_SERIAL ON'
journal_test t5 0.1
run -j4
expect_code 0
expect_alone alone1
expect_alone alone2
expect_most 4 '^t'

# --- RESOURCE_LOCK: one holder at a time, others beside it.
new_build lock
meet='2 d'
for i in 1 2 3; do journal_test "database$i" 0.1 'RESOURCE_LOCK database'; done
for i in 1 2 3; do journal_test "disk$i" 0.1 'RESOURCE_LOCK "disk;other"'; done
meet=
journal_test both 0.1 'RESOURCE_LOCK "database;disk"'
run -j4
expect_code 0
expect_most 1 '^(database|both)'
expect_most 1 '^(disk|both)'
expect_most 2 .

# --- DEPENDS orders, whatever the outcome; without the other test in the selection it says nothing.
new_build depends
journal_test last 0 'DEPENDS "middle;side"'
journal_test middle 0.1 'DEPENDS first' 3
journal_test first 0.1
journal_test side 0.1
run -j4
expect_code 1
expect_before 'first end' 'middle start'
expect_before 'middle end' 'last start'
expect_before 'side end' 'last start'
expect_status middle failed 'exit code 3'
expect_status last passed
rm "$build/journal"
run -j4 -R last
expect_code 0
[ "$(cat "$build/journal")" = 'last start
last end' ] || fault "depends: -R last ran more than that: $(cat "$build/journal")"

# --- Fixtures: setup, those who need it, cleanup; they come with the selection of any who needs them.
new_build fixtures
journal_test cleanup 0 'FIXTURES_CLEANUP server'
meet='2 user'
journal_test user1 0.1 'FIXTURES_REQUIRED server'
journal_test user2 0.1 'FIXTURES_REQUIRED server' 1
meet=
journal_test setup1 0.1 'FIXTURES_SETUP server'
journal_test setup2 0.1 'FIXTURES_SETUP server'
journal_test stranger 0
run -j4 -R user
expect_code 1
for setup in setup1 setup2; do for user in user1 user2; do expect_before "$setup end" "$user start"; done; done
for user in user1 user2; do expect_before "$user end" 'cleanup start'; done
expect_most 2 '^user'
expect_no_text "$build/journal" stranger
[ "$(outcomes | wc -l)" -eq 5 ] || fault "fixtures: expected 5 results, got $(outcomes)"

# A failed setup: who needs it does not run, the cleanup does.
new_build failed_fixture
journal_test setup 0 'FIXTURES_SETUP server' 1
journal_test user 0 'FIXTURES_REQUIRED server'
journal_test user_of_user 0 'FIXTURES_REQUIRED user_made'
add_test makes '${victim} journal ${journal} makes' 'FIXTURES_REQUIRED server FIXTURES_SETUP user_made'
journal_test cleanup 0 'FIXTURES_CLEANUP server'
run -j4
expect_code 1
expect_status setup failed 'exit code 1'
expect_status user not_run 'setup'
expect_status makes not_run 'setup'
expect_status user_of_user not_run 'makes'
expect_status cleanup passed
expect_no_text "$build/journal" user
expect_before 'setup end' 'cleanup start'

# --- COST: the dear ones first.
new_build cost
journal_test cheap 0
journal_test dear 0 'COST 100'
journal_test dearer 0 'COST 200.5'
run -j1
expect_code 0
expect_before 'dearer end' 'dear start'
expect_before 'dear end' 'cheap start'

# --- A cycle is refused before anything runs.
new_build cycle
journal_test a 0 'DEPENDS c'
journal_test b 0 'DEPENDS a'
journal_test c 0 'DEPENDS b'
journal_test d 0
run -j2
expect_code 2
expect_text "$build/err" 'cycle'
[ ! -f "$build/journal" ] || fault "cycle: ran $(cat "$build/journal")"

expect_nothing_left
conclude
