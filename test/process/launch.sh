#!/bin/sh
# ptests launch: without a server it is the command; with one, which stands in for a run of ptests, it asks, runs, tells and prints.
# shellcheck disable=SC2016
. "$(dirname "$0")/common.sh"

out=$work/out
err=$work/err
# shellcheck disable=SC2034
build=$work

# launch <arguments>...: the code in $code, the words in $out and $err.
launch() {
  code=0
  env "$mark" "$ptests" launch "$@" >"$out" 2>"$err" || code=$?
}

# expect <code> <stdout> <what>
expect() {
  [ "$code" -eq "$1" ] || { fault "$3: expected exit code $1, got $code" && show "$err"; }
  printf '%s' "$2" >"$work/expected"
  same "$work/expected" "$out" "$3: output"
}

expect_silence() { [ ! -s "$err" ] || { fault "$1: words on stderr" && show "$err"; }; }

# --- Without a server
unset PTESTS_BUILD_SOCKET
launch -- sh -c 'echo out; exit 7'
expect 7 'out
' 'exit code'
launch --target=t --kind=link --language=CXX -- printf '[%s]' 'a b' '' -- '"$x"'
expect 0 '[a b][][--]["$x"]' words
expect_silence words
launch -- sh -c 'kill -SEGV $$'
expect 139 '' signal
launch -- no-such-program
expect 127 '' 'not found'
expect_text "$err" 'ptests: error: launch: Unable to start no-such-program: No such file or directory'
launch -- "$work"
expect 126 '' 'not executable'
expect_text "$err" 'Permission denied'
echo 'echo script "$1"' >"$work/script"
chmod +x "$work/script"
launch -- "$work/script" word
expect 0 'script word
' 'script without #!'
echo text >"$work/text"
launch -- cat <"$work/text"
expect 0 'text
' stdin

# misused <expected words> <arguments>...
misused() {
  words=$1
  shift
  launch "$@"
  expect 2 '' "misuse: $words"
  expect_text "$err" "ptests: error: launch: $words"
  expect_text "$err" '  hint: usage: ptests launch '
}
misused 'expected -- and a command'
misused 'expected -- and a command' --target=t
misused 'no command behind --' --target=t --
misused 'unexpected "--targt=t"' --targt=t -- true
misused 'unexpected "c++"' c++ -c a.cpp
misused '--kind=x: expected compile or link' --kind=x -- true

# surroundings: what a command finds in the process it is given. The shell that asks has one descriptor more.
cat >"$work/surroundings" <<'EOF2'
grep '^Sig[BIC]' /proc/self/status
for fd in /proc/$$/fd/*; do [ ! -e "$fd" ] || echo "${fd##*/}"; done
env | sort
ulimit -c
EOF2
# expect_same_surroundings <what> <env arguments>...: with and without us.
expect_same_surroundings() {
  what=$1
  shift
  env "$mark" "$@" sh "$work/surroundings" >"$work/direct" 3<"$work/script"
  env "$mark" "$@" "$ptests" launch -- sh "$work/surroundings" >"$work/launched" 3<"$work/script"
  same "$work/direct" "$work/launched" "surroundings, $what"
}
expect_same_surroundings plain
expect_same_surroundings 'ignored signals' --ignore-signal=PIPE --ignore-signal=CHLD --ignore-signal=HUP
expect_same_surroundings 'blocked signals' --block-signal=INT --block-signal=USR1
expect_same_surroundings 'without stdin' sh -c 'exec "$@" <&-' sh
for nobody in '' /no/such/socket "$work/script" "$(printf '%0200d' 0)"; do
  PTESTS_BUILD_SOCKET=$nobody
  export PTESTS_BUILD_SOCKET
  launch -- sh -c 'echo "${PTESTS_BUILD_SOCKET-none}"; exit 3'
  expect 3 'none
' "nobody listens at \"$nobody\""
  expect_silence "nobody listens at \"$nobody\""
done
unset PTESTS_BUILD_SOCKET
env "$mark" "$ptests" launch -- sh -c 'echo $$' >"$out" &
pid=$!
finish
[ "$(cat "$out")" -eq "$pid" ] || fault "it started another process"

# --- With one
if ! command -v perl >/dev/null; then
  echo "process.$topic: no perl: what launch does with a server is not tested here"
  expect_nothing_left
  conclude
  exit
fi

# server.pl <socket> <log> <action>...: takes one launcher and does with it, in order: hear a message into the log; go:<entrance>, dismiss,
# raw:<bytes>: say it; wait:<file>: until that is there; end: hear the end of the file; close.
cat >"$work/server.pl" <<'EOF2'
use strict;
use IO::Socket::UNIX;
my ($path, $log, @actions) = @ARGV;
alarm 300;
my $listener = IO::Socket::UNIX->new(Local => "$path.new", Listen => 1) or die "listening: $!";
rename "$path.new", $path or die;
my $peer = $listener->accept or die;
open my $words, '>', $log or die;
$words->autoflush(1);
sub take { my ($size) = @_; my $bytes = ''; while (length $bytes < $size) { sysread($peer, $bytes, $size - length $bytes, length $bytes) or return undef; } return $bytes; }
sub say_json { my ($json) = @_; syswrite $peer, pack('V', length $json) . $json; }
for (@actions) {
  if ($_ eq 'hear') { my $head = take(4); print $words defined $head ? take(unpack 'V', $head) . "\n" : "end of file\n"; }
  elsif (/^go:?(.*)/) { say_json('{"message":"go","version":1,"entrances":[' . join(',', map { "\"$_\"" } split /,/, $1) . ']}'); }
  elsif ($_ eq 'dismiss') { say_json('{"message":"done"}'); }
  elsif (/^raw:(.*)/) { say_json($1); }
  elsif (/^wait:(.*)/) { select undef, undef, undef, 0.02 until -e $1; }
  elsif ($_ eq 'end') { my $byte; print $words sysread($peer, $byte, 1) ? "more\n" : "end of file\n"; }
  elsif ($_ eq 'close') { close $peer; }
}
EOF2

# serve <name> <action>...: the next launch talks to it; what it hears is in $heard.
serve() {
  case_name=$1
  shift
  socket=$work/$case_name.socket
  heard=$work/$case_name.heard
  env "$mark" perl "$work/server.pl" "$socket" "$heard" "$@" &
  server=$!
  wait_until 600 test -S "$socket" || die "$case_name: the server does not start"
  PTESTS_BUILD_SOCKET=$socket
  export PTESTS_BUILD_SOCKET
}

served() { wait "$server" || fault "$case_name: the server failed"; }

# expect_heard <text>: in one of the messages.
expect_heard() { expect_text "$heard" "$1"; }

serve words hear go hear dismiss end
code=0
(cd "$work/tmp" && launch --target=tgt --kind=link --language=CXX -- sh -c 'echo out; echo "a.c:1:2: warning: x" >&2; echo more; exit 3' 'a b' && exit $code) || code=$?
served
expect 3 'out
a.c:1:2: warning: x
more
' words
expect_silence words
expect_heard '"target":"tgt"'
expect_heard '"kind":"link"'
expect_heard '"language":"CXX"'
expect_heard "\"directory\":\"$work/tmp\""
expect_heard '"a b"]'
expect_heard '"exit_code":3'
expect_heard '"warnings":1'
expect_heard '"output":"out\na.c:1:2: warning: x\nmore\n"'
expect_heard 'end of file'

serve signal hear go hear dismiss
code=0
(cd "$work/tmp" && launch -- sh -c 'echo before; ulimit -c 0; kill -SEGV $$' && exit $code) || code=$?
served
expect 139 'before
' signal
expect_heard '"signal":11'
[ -z "$(ls "$work/tmp")" ] || fault "signal: left $(ls "$work/tmp")"

serve not_found hear go hear dismiss
launch -- no-such-program
served
expect 127 'ptests: error: launch: Unable to start no-such-program: No such file or directory
' 'not found, with a server'
expect_heard '"exit_code":127'

# The command finds all as it was; but it finds no server.
env -u PTESTS_BUILD_SOCKET "$mark" --ignore-signal=CHLD sh "$work/surroundings" 3<"$work/script" >"$work/direct" 2>&1
serve surroundings hear go hear dismiss
env "$mark" --ignore-signal=CHLD "$ptests" launch -- sh "$work/surroundings" >"$work/launched" 3<"$work/script"
served
same "$work/direct" "$work/launched" 'surroundings, with a server'
expect_heard '"exit_code":0'

serve stdin hear go hear dismiss
launch -- cat <"$work/text"
served
expect 0 'text
' 'stdin, with a server'

serve closed hear go hear dismiss
code=0
env "$mark" "$ptests" launch -- sh -c 'echo words; [ ! -e /proc/$$/fd/0 ] || readlink /proc/$$/fd/0' >"$out" <&- || code=$?
served
[ "$(head -n 1 "$out")" = words ] || { fault "closed: lost words" && show "$out"; }

serve again hear go hear go hear dismiss
launch -- sh -c 'echo run >>"$1"; wc -l <"$1"; exit "$(wc -l <"$1")"' sh "$work/runs"
served
expect 2 '2
' again
expect_heard '"exit_code":1'
expect_heard '"exit_code":2'

serve entrances hear "go:$work/entrance1,$work/entrance2" hear dismiss
: >"$work/entrance1"
: >"$work/entrance2"
launch -- cat "$work/entrance1" "$work/entrance2"
served
expect 0 00 entrances
serve no_entrance hear "go:$work/none" hear dismiss
launch -- true
served
expect 126 "ptests: error: launch: entering the cgroup of $work/none: No such file or directory
" 'an entrance that is not there'

# A server that goes, or that is none, is one that never was.
serve gone_before hear
launch -- sh -c 'echo alone; exit 4'
served
expect 4 'alone
' 'gone before go'
serve gone_at_once close
launch -- sh -c 'echo alone; exit 4'
served
expect 4 'alone
' 'gone at once'
serve gone_after hear go
launch -- sh -c 'echo alone; exit 4'
served
expect 4 'alone
' 'gone after go'
for raw in nonsense '{"message":"go","version":2,"entrances":[]}' '{"message":"done"}'; do
  serve "raw$(printf %s "$raw" | wc -c)" hear "raw:$raw" hear
  launch -- sh -c 'echo alone; exit 4'
  served
  expect 4 'alone
' "says $raw"
  expect_heard 'end of file'
done

# What is left running does not keep it, though it holds the pipe.
serve left hear go hear dismiss
launch -- sh -c 'sleep 60 & echo $! >"$1"; echo words' sh "$work/left"
served
expect 0 'words
' left
kill -0 "$(cat "$work/left")" || fault "left: it waited for what the command left running"
kill "$(cat "$work/left")"

# Much output has its ends; the server gets less of it.
serve much hear go hear dismiss
launch -- sh -c 'echo first; head -c 20000000 /dev/zero | tr "\0" x; echo; echo last'
served
[ "$code" -eq 0 ] || fault "much: exit code $code"
[ "$(wc -c <"$out")" -le 16777300 ] || fault "much: printed $(wc -c <"$out") bytes"
[ "$(wc -c <"$out")" -ge 16777216 ] || fault "much: printed only $(wc -c <"$out") bytes"
[ "$(head -n 1 "$out")" = first ] && [ "$(tail -n 1 "$out")" = last ] || fault "much: the ends are missing"
expect_text "$out" ' bytes are left out here ...]'
[ "$(tail -n 1 "$heard" | wc -c)" -le 263000 ] || fault "much: told $(tail -n 1 "$heard" | wc -c) bytes"
expect_heard '"output":"first\nxxx'
expect_heard 'xxx\nlast\n"'

# --- Signals
# launch_beside <arguments>...: in the background and in a group of its own, in $pid.
launch_beside() {
  env --default-signal "$mark" setsid "$ptests" launch "$@" >"$out" 2>"$err" &
  pid=$!
}

serve waits hear end
launch_beside -- touch "$work/started"
wait_until 600 test -s "$heard" || fault 'waits: it asks for nothing'
kill -TERM "$pid"
finish 2>"$work/ignored"
served
expect 143 '' 'a signal while it waits'
[ ! -e "$work/started" ] || fault "a signal while it waits: the command ran"
expect_heard 'end of file'

# A command that cleans up.
cat >"$work/careful" <<'EOF2'
trap 'echo cleaned; exit 5' "$2"
echo running
echo >"$1"
while :; do sleep 0.05; done
EOF2
# signalled <name> <signal> <process: "pid" or "group"> <exit code>
signalled() {
  serve "$1" hear go hear
  launch_beside -- sh "$work/careful" "$work/$1.runs" "$2"
  wait_until 600 test -s "$work/$1.runs" || fault "$1: the command does not start"
  if [ "$3" = group ]; then kill "-$2" "-$pid"; else kill "-$2" "$pid"; fi
  finish 2>"$work/ignored"
  served
  # The shell may tell of its sleep; and a command that is slow to end hears it from us as well.
  sed -i '/^Terminated$/d; /^Hangup$/d' "$out"
  uniq "$out" >"$work/once"
  mv "$work/once" "$out"
  expect "$4" 'running
cleaned
' "$1"
  expect_heard '"exit_code":5'
}
signalled term_group TERM group 143
signalled int_group INT group 130
signalled hup_group HUP group 129
signalled term_alone TERM pid 143
signalled int_alone INT pid 130

# While it waits for the server's word about the end.
has_lines() { [ -f "$heard" ] && [ "$(wc -l <"$heard")" -ge "$1" ]; }
serve asks hear go hear end
launch_beside -- echo words
wait_until 600 has_lines 2 || fault 'asks: it tells nothing'
kill -TERM "$pid"
finish 2>"$work/ignored"
served
expect 143 'words
' 'a signal while it waits for the answer'

# Killed it takes its command along.
serve killed hear go end
launch_beside -- sh -c 'echo $$ >"$1.new"; mv "$1.new" "$1"; while :; do sleep 0.05; done' sh "$work/killed.pid"
wait_until 600 test -s "$work/killed.pid" || fault 'killed: the command does not start'
kill -KILL "$pid"
finish 2>"$work/ignored"
served
command_gone() { [ ! -d "/proc/$(cat "$work/killed.pid")" ] || grep -qs '^State:.Z' "/proc/$(cat "$work/killed.pid")/status"; }
wait_until 600 command_gone || fault 'killed: its command lives on'

unset PTESTS_BUILD_SOCKET
expect_nothing_left
conclude
