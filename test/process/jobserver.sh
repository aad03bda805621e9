#!/bin/sh
# --jobserver: builds in tests take idle processors. The builds are scripts that speak make's protocol; their jobs and the plain tests write
# when they start and end into one journal.
. "$(dirname "$0")/common.sh"

# build.sh <journal> <name> <jobs> <seconds of each>: does them, as many at a time as it has tokens, and one more.
cat >"$work/build.sh" <<EOF
victim='$victim'
EOF
cat >>"$work/build.sh" <<'EOF'
journal=$1 name=$2 jobs=$3 seconds=$4
fifo=$(echo "$MAKEFLAGS" | sed -n 's/.*--jobserver-auth=fifo:\([^ ]*\).*/\1/p')
[ -p "$fifo" ] || { echo "no fifo in MAKEFLAGS=$MAKEFLAGS" && exit 3; }
exec 9<>"$fifo"
mkdir "$TMPDIR/queue"
i=0
while [ $i -lt "$jobs" ]; do i=$((i + 1)) && : >"$TMPDIR/queue/$i"; done
# next_job <worker>: takes one from the queue; fails when it is empty.
next_job() {
  for job in "$TMPDIR"/queue/*; do mv "$job" "$TMPDIR/taken.$1" 2>/dev/null && return; done
  return 1
}
are_left() { [ -n "$(ls "$TMPDIR/queue")" ]; }
work() { "$victim" journal "$journal" "$name.$1" "$seconds"; }
take() { token=$(dd if="$fifo" iflag=nonblock bs=1 count=1 2>/dev/null) && [ -n "$token" ]; }
# All workers but the first need a token for each job.
worker() {
  while are_left; do
    if take; then
      ! next_job "$1" || work "$1"
      printf %s "$token" >&9
    else
      sleep 0.02
    fi
  done
}
for number in 2 3 4 5 6; do worker $number & done
while next_job 1; do work 1; done
wait
EOF

# thief.sh <journal> <end>: takes all tokens as soon as there are any, and ends as it is told.
cat >"$work/thief.sh" <<'EOF'
fifo=$(echo "$MAKEFLAGS" | sed -n 's/.*--jobserver-auth=fifo:\([^ ]*\).*/\1/p')
exec 9<>"$fifo"
i=0
while [ $i -lt 1000 ] && [ ! -s "$1.tokens" ]; do
  i=$((i + 1))
  dd if="$fifo" iflag=nonblock bs=64 count=1 2>/dev/null >"$1.tokens" || sleep 0.02
done
echo "thief start" >>"$1"
eval "$2"
EOF

# new_jobs <name>
new_jobs() {
  new_build "$1"
  journal=$build/journal
  : >"$journal"
}
# add_build <name> <jobs> [<properties>]
add_build() { add_test "$1" "sh [==[$work/build.sh]==] [==[$journal]==] $1 $2 0.15" ${3:+"$3"}; }
# add_thief <end> [<properties>]
add_thief() { add_test thief "sh [==[$work/thief.sh]==] [==[$journal]==] [==[$1]==]" ${2:+"$2"}; }
# add_plain <name> <seconds> [<properties>] [<how many others, and how their names begin>]: it goes on until these have started.
add_plain() { add_test "$1" "\${victim} journal [==[$journal]==] $1 $2 ${4:+0 $4}" ${3:+"$3"}; }

# most_at_once [<regex>]: of the jobs and tests whose name matches.
most_at_once() {
  awk -v names="${1:-.}" '$1 !~ names { next } { now += $2 == "start" ? 1 : -1; if (now > most) most = now } END { print most + 0 }' "$journal"
}
# expect_most <count>
expect_most() {
  most=$(most_at_once)
  [ "$most" -eq "$1" ] && return
  fault "$(basename "$build"): $most at once, expected $1"
  show "$journal"
}
# expect_jobs <count>
expect_jobs() {
  [ "$(grep -c " start" "$journal")" -eq "$1" ] && [ "$(grep -c " end" "$journal")" -eq "$1" ] && return
  fault "$(basename "$build"): expected $1 jobs and tests"
  show "$journal"
}

# --- A build alone has all processors; it has one with -j1.
new_jobs alone
add_build build 12
run -j3 --jobserver=on
expect_code 0
expect_jobs 12
expect_most 3
rm -f "$build"/paralleltests/history.db*
: >"$journal"
run -j1 --jobserver=on
expect_code 0
expect_jobs 12
expect_most 1

# --- Builds and tests together have no more than -j.
new_jobs together
for i in 1 2; do add_build "build$i" 14; done
for i in 1 2 3 4 5 6; do add_plain "plain$i" 0.2; done
run -j4 --jobserver=on
expect_code 0
expect_jobs 34
most=$(most_at_once)
[ "$most" -le 4 ] || { fault "together: $most at once" && show "$journal"; }
[ "$(most_at_once build)" -gt 2 ] || { fault "together: the builds had no tokens" && show "$journal"; }

# --- PROCESSORS n: a build in there has n, however many are idle.
new_jobs own
add_build build 12 'PROCESSORS 2'
run -j6 --jobserver=on
expect_code 0
expect_jobs 12
expect_most 2

# --- What a killed build held is free at once, while another test runs on.
for how in kill timeout; do
  new_jobs "killed_by_$how"
  if [ $how = kill ]; then add_thief 'kill -KILL $$'; else add_thief 'exec sleep 60' 'TIMEOUT 5'; fi
  add_plain stays 0 '' '1 wide'
  add_plain wide 0 'PROCESSORS 2;DEPENDS thief'
  run -j3 --jobserver=on
  expect_code 1
  expect_status wide passed
  [ -s "$journal.tokens" ] || fault "killed_by_$how: no token was taken"
  awk '/^wide start/ { wide = NR } /^stays end/ { stays = NR } END { exit !(wide && wide < stays) }' "$journal" ||
    { fault "killed_by_$how: a test waits for what a killed build had" && show "$journal"; }
done

# --- What tests find in MAKEFLAGS
log_of() { cat "$build/paralleltests/logs/$1.log"; }
new_jobs flags
add_test flags '${victim} env MAKEFLAGS MFLAGS'
add_test wide '${victim} env MAKEFLAGS' 'PROCESSORS 3'
add_test own '${victim} env MAKEFLAGS' 'ENVIRONMENT "MAKEFLAGS=-k"'
unset MAKEFLAGS MFLAGS
# Where there is a make that ends with an error at a fifo, nobody is told of one.
mkdir "$work/old" "$work/new"
printf '#!/bin/sh\necho "GNU Make 4.3"\n' >"$work/old/make"
printf '#!/bin/sh\necho "GNU Make 4.4.1"\n' >"$work/new/make"
chmod +x "$work/old/make" "$work/new/make"
path=$PATH
PATH=$work/old:$path
run -j4
expect_code 0
[ "$(log_of flags)" = "$(printf 'MAKEFLAGS=-\nMFLAGS=-')" ] || fault "flags: make 4.3: $(log_of flags)"
PATH=$work/new:$path
run -j4
expect_code 0
expect_text "$build/paralleltests/logs/flags.log" 'MAKEFLAGS= -j4 --jobserver-auth=fifo:/'
PATH=$path
# A make around us has a jobserver of its own.
MAKEFLAGS='k -j8 --jobserver-auth=3,4'
MFLAGS='-k -j8 --jobserver-auth=3,4'
export MAKEFLAGS MFLAGS
run -j4 --jobserver=off
expect_code 0
[ "$(log_of flags)" = "$(printf 'MAKEFLAGS=k\nMFLAGS=-')" ] || fault "flags: off: $(log_of flags)"
run -j4 --jobserver=on
expect_code 0
case $(log_of flags) in "MAKEFLAGS=k -j4 --jobserver-auth=fifo:/tmp/ptests-$pid."*.jobs/pool*) ;; *) fault "flags: on: $(log_of flags)" ;; esac
case $(log_of wide) in "MAKEFLAGS=k -j3 --jobserver-auth=fifo:/tmp/ptests-$pid."*.jobs/own-1) ;; *) fault "flags: wide: $(log_of wide)" ;; esac
[ "$(log_of own)" = MAKEFLAGS=-k ] || fault "flags: own: $(log_of own)"
expect_no_traces 50 'at the end'
unset MAKEFLAGS MFLAGS

# --- kill -9 of ptests: no fifo stays either.
new_jobs ptests_killed
add_thief 'exec sleep 60'
add_plain wide 60 'PROCESSORS 2'
start -j4 --jobserver=on
both_run() { has_line "$journal" 'thief start' && has_line "$journal" 'wide start'; }
wait_until 200 both_run || { fault "ptests_killed: they do not start" && show "$build/out"; }
[ -p "$(echo /tmp/ptests-"$pid".*.jobs/own-1)" ] || fault "ptests_killed: no fifo for the wide test"
kill -KILL "$pid"
finish 2>"$work/ignored"
expect_no_traces 100 'after kill -9'
# With the reports that it was writing.
rm -rf "$build"
build=$work

expect_nothing_left
conclude
