#!/bin/sh
# --share: two ptests on one machine. Their tests write when they start and end into one journal.
. "$(dirname "$0")/common.sh"

processors=$(getconf _NPROCESSORS_ONLN)
# Each run alone would have two at a time, or one on a machine with one processor.
half=$(((processors + 1) / 2))
share=--share=$work/share

# shared_test <name> <seconds> [<properties>]: with $meet, "<number> <beginning of names>", it waits for as many of those.
shared_test() { add_test "$1" "\${victim} journal [==[$journal]==] $1 $2 0 ${meet:-}" ${3:+"$3"}; }
meet=

# new_pair <name>: builds a and b of it, and a journal.
new_pair() {
  pair=$1
  journal=$work/$1.journal
  : >"$journal"
  new_build "$1.a"
  new_build "$1.b"
}

in_build() { build=$work/$pair.$1; }

started() { grep -qsaF " start" "$journal"; }

# run_pair <arguments>...: b starts when a test of a runs.
run_pair() {
  in_build a
  start "$@"
  first=$pid
  wait_until 100 started || fault "$pair: nothing of a starts"
  in_build b
  run "$@"
  expect_code 0
  in_build a
  pid=$first
  finish
  expect_code 0
}

# most_at_once [<regex>] [<weight>]: the largest sum of the weights of tests, of those whose name matches, that ran at the same time.
most_at_once() {
  awk -v names="${1:-.}" -v weight="${2:-1}" '$1 !~ names { next }
    { now += $2 == "start" ? weight : -weight; if (now > most) most = now }
    END { print most + 0 }' "$journal"
}

# expect_lines <count>: so many tests started, and ended.
expect_lines() {
  [ "$(grep -c " start" "$journal")" -eq "$1" ] && [ "$(grep -c " end" "$journal")" -eq "$1" ] && return
  fault "$pair: expected $1 tests"
  show "$journal"
}

# --- Processors: together no more than the machine has; without --share each has its own. Both go on: neither waits for the other's end.
for how in "$share" --no-build; do
  new_pair "processors.${how%%=*}"
  for run in a b; do
    in_build $run
    for i in 1 2 3 4 5 6 7 8 9; do shared_test "$run$i" 0.3 "PROCESSORS $half"; done
    # The last one of a is still there when the first one of b comes.
    [ $run = b ] || meet='1 b'
    shared_test "${run}10" 0.3 "PROCESSORS $half"
    meet=
  done
  run_pair "-j$processors" "$how"
  expect_lines 20
  most=$(most_at_once . "$half")
  if [ "$how" = "$share" ]; then
    [ "$most" -le $((half * (processors / half))) ] || fault "processors: $most in use"
    awk '/^b.* start/ && !b { b = NR } /^a.* end/ { a = NR } END { exit !(b < a) }' "$journal" || fault "processors: b waits for a's end"
  else
    [ "$most" -gt "$processors" ] || fault "processors: without --share $most in use, expected more than $processors"
  fi
  [ $faults -eq 0 ] || show "$journal"
done

# --- Locks and groups, by name.
for how in "$share" --no-build; do
  new_pair "locks.${how%%=*}"
  for run in a b; do
    in_build $run
    for i in 1 2 3 4; do shared_test "${run}_db$i" 0.3 'RESOURCE_LOCK "a database/1"'; done
    shared_test "${run}_other" 0.1
  done
  run_pair -j2 "$how"
  expect_lines 10
  most=$(most_at_once _db)
  if [ "$how" = "$share" ]; then
    [ "$most" -eq 1 ] || fault "locks: $most at once"
  else
    [ "$most" -eq 2 ] || fault "locks: without --share $most at once, expected 2"
  fi
done

# --- RUN_SERIAL: nothing of the other run either.
new_pair serial
for run in a b; do
  in_build $run
  for i in 1 2 3 4; do shared_test "$run$i" 0.2; done
  shared_test "${run}_alone1" 0.2 'RUN_SERIAL ON'
  shared_test "${run}_alone2" 0.2 'RUN_SERIAL ON'
done
run_pair -j2 "$share"
expect_lines 12
awk '$2 == "start" { if (alone || ($1 ~ /alone/ && now)) bad = 1; ++now; alone += $1 ~ /alone/ }
  $2 == "end" { --now; alone -= $1 ~ /alone/ } END { exit bad }' "$journal" || { fault "serial: not alone" && show "$journal"; }

# --- One waits for the other, says so, can be stopped, and goes on at once when the other is killed.
new_pair killed
in_build a
shared_test holder 60 "PROCESSORS $processors RESOURCE_LOCK database"
start "-j$processors" "$share"
holder=$pid
wait_until 100 has_line "$journal" 'holder start' || fault "killed: the holder does not start"
in_build b
shared_test locked 0 'RESOURCE_LOCK database'
shared_test waits 0

start -j1 "$share" --explain
says_why() { grep -qsaF 'waits waits for another ptests on this machine' "$build/out"; }
wait_until 100 says_why || { fault "killed: does not say why it waits" && show "$build/out"; }
kill -INT "$pid"
finish
expect_code 130
[ "$(cat "$journal")" = 'holder start' ] || { fault "killed: b did not wait" && show "$journal"; }

start -j1 "$share" --explain
wait_until 100 says_why || fault "killed: does not say why it waits"
waiting=$pid
kill -KILL "$holder"
pid=$holder
finish
before=$(date +%s%3N)
pid=$waiting
finish
took=$(($(date +%s%3N) - before))
expect_code 0
[ "$took" -lt 3000 ] || fault "killed: b went on after $took ms"
expect_text "$build/out" 'locked waits for lock database held by another ptests on this machine'
expect_text "$journal" 'locked end'
echo "process.share: after kill -9 of the other run b ended in $took ms"

# --- Where they meet
new_pair folder
in_build a
shared_test one 0
run --share
expect_code 0
[ "$(stat -c %a.%u "/tmp/ptests-share-$(id -u)")" = "700.$(id -u)" ] || fault "folder: its mode"
mkdir -m 777 "$work/open"
run "--share=$work/open"
expect_code 2
expect_text "$build/err" "$work/open can be written to by others"

expect_nothing_left
conclude
