# sh build_budget.sh <generator>: sixty tests, half of them asleep, built and run twice with -j2. By the journal no more than two of
# compilers, linkers and tests that are awake ever run at once; once it is known how much of a processor a test takes, that counts.
. "$(dirname "$0")/common.sh"
build=$tmp/build
configure "$here/projects/build_budget" "$build" -G "$1" "-DEXECUTOR=$PTESTS_EXECUTABLE"

# run <journal>: from clean; the journal is kept there.
run() {
  quietly "$cmake" --build "$build" --target clean
  quietly timeout 600 "$PTESTS_EXECUTABLE" run -B "$build" -j 2
  cp "$build/paralleltests/events.jsonl" "$1"
  expect "results" "$(grep -c '"event":"test_finished"' "$1")" 60
  expect "tests that passed" \
    "$(sed -n 's/.*"event":"test_finished".*"name":"\([^"]*\)".*"status":"passed".*/\1/p' "$1" | sort -u | grep -c '')" 60
  expect "compilers and linkers" "$(grep -c '"event":"step_finished"' "$1")" 120
}

# For awk: `name` is the test of an event, number(<key>) one of its members.
words='
  function number(key) { return match($0, "\"" key "\":[0-9.e+-]+") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : 0 }
  /"event":"(test_started|test_finished)"/ { match($0, /"name":"[^"]*"/); name = substr($0, RSTART + 8, RLENGTH - 9) }'

# shares <journal>: "<test> <hundredths of a processor that it took>" a line.
shares() {
  awk "$words"' /"event":"test_finished"/ {
    share = number("duration") > 0 ? 100 * (number("user_seconds") + number("system_seconds")) / number("duration") : 100
    printf "%s %d\n", name, (share > 100 ? 100 : share)
  }' "$1"
}

# most_at_once <shares> <journal>: hundredths of processors, and how many ran, at most. A share below 2 is none.
most_at_once() {
  awk "$words"'
    FNR == NR { share[$1] = $2 < 2 ? 0 : $2; next }
    /"event":"step_started"/ { change(100, 1) }
    /"event":"step_finished"/ { change(-100, -1) }
    /"event":"test_started"/ { change(share[name], 1) }
    /"event":"test_finished"/ { change(-share[name], -1) }
    function change(taken, count) {
      now += taken
      running += count
      if (now > most) most = now
      if (running > most_running) most_running = running
    }
    END { print most, most_running }' "$1" "$2"
}

# Of tests that nobody knows yet, those that are asleep are found out while they run; the others take a processor each.
run "$tmp/first"
shares "$tmp/first" >"$tmp/shares"
sed 's/^\(sleeps[^ ]*\) .*/\1 0/; s/^\(burns[^ ]*\) .*/\1 100/' "$tmp/shares" >"$tmp/kinds"
most=$(most_at_once "$tmp/kinds" "$tmp/first")
expect "hundredths of processors taken at once in the first run" "${most% *}" 200

run "$tmp/second"
most=$(most_at_once "$tmp/shares" "$tmp/second")
# Shares are rounded up, and up to a tenth more is handed out than there is.
[ "${most% *}" -le 220 ] || fail "in the second run ${most% *} hundredths of processors were taken at once, of 200"
# Many sleep beside the others, unless the machine is so slow that their start takes some hundredths of their sleep.
asleep=$(awk '$2 < 2' "$tmp/shares" | grep -c '^sleeps' || :)
[ "$asleep" -lt 20 ] || [ "${most#* }" -gt 2 ] || fail "of $asleep tests that sleep none ran beside two others"
echo "$asleep tests sleep; at most ${most#* } ran at once, on ${most% *} hundredths of processors"
