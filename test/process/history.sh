#!/bin/sh
# How long it takes until a finished test is in the history, while its run goes on: five short tests end one after the other, each
# when the one before it was seen there; a long test runs all the time.
. "$(dirname "$0")/common.sh"

most=2000 # ms; promised are 100 on a machine that is not busy
count=5

now() { date +%s%3N; }

new_build latency
for n in $(seq $count); do
  # It says itself when it ends.
  add_test "short$n" "sh -c \"while ! test -e $build/go$n; do sleep 0.02; done; date +%s%3N >$build/end$n\"" 'TIMEOUT 120'
done
add_test long "sh -c \"while ! test -e $build/enough; do sleep 0.05; done\"" 'TIMEOUT 300'

# is_known <name>: whether the history has a result of the test.
is_known() { "$ptests" stats -B "$build" --slowest 100 --format json 2>>"$build/stats" | grep -qF "\"name\": \"$1\""; }

# await_known <name>: looks again and again, for a minute; the time of the look that found it in $seen, and what that took in $look.
await_known() {
  give_up=$(($(now) + 60000))
  while :; do
    begun=$(now)
    if is_known "$1"; then
      seen=$(now)
      look=$((seen - begun))
      return
    fi
    [ "$begun" -lt $give_up ] || return 1
  done
}

# is_running <name>: by the journal.
is_running() {
  grep -qs "\"event\":\"test_started\".*\"name\":\"$1\"" "$build/paralleltests/events.jsonl" &&
    ! grep -q "\"event\":\"test_finished\".*\"name\":\"$1\"" "$build/paralleltests/events.jsonl"
}

start -j8
wait_until 600 is_running long || fault "the long test does not start"
worst=0
for n in $(seq $count); do
  ! is_known "short$n" || fault "short$n is known before it ended"
  : >"$build/go$n"
  if await_known "short$n"; then
    took=$((seen - $(cat "$build/end$n")))
    echo "process.$topic: short$n was in the history at most $took ms after its end (a look takes $look ms)"
    [ $took -le $worst ] || worst=$took
  else
    fault "short$n is not in the history after a minute"
    show "$build/stats"
  fi
done
is_running long || fault "the long test has ended"
[ $worst -le $most ] || fault "a result was in the history only after $worst ms, expected $most"
: >"$build/enough"
finish
expect_code 0
is_known long || fault "the long test is not in the history of a run that ended"
echo "process.$topic: at most $worst ms"

expect_nothing_left
conclude
