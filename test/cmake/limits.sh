# sh limits.sh <generator>: limits arrive in the manifest as the project gives them, set_tests_properties wins, and ctest
# runs the project as if there were none.
. "$(dirname "$0")/common.sh"

build=$tmp/build
configure "$here/projects/limits" "$build" -G "$1" -DCMAKE_BUILD_TYPE=Debug "-DEXECUTOR=${PTESTS_EXECUTABLE:-}"
manifest=$build/paralleltests/manifest-Debug.json
quietly "$cmake" --build "$build"

# value <test> <property>
value() { json "$manifest" tests "$1" properties "$2"; }
# values <test> <keyword>=<value>...
values() {
  test=$1
  shift
  for pair; do
    expect "test $test: ${pair%%=*}" "$(value "$test" "PTESTS_${pair%%=*}")" "${pair#*=}"
  done
}
every='IDLE_TIMEOUT=2.5 PROCESSES=20 OPEN_FILES=64 FILE_SIZE=1.5G CORE_SIZE=0 STACK=8MiB OUTPUT_SIZE=100k
  IO_READ_BPS=10M IO_WRITE_BPS=20m IO_READ_IOPS=100 IO_WRITE_IOPS=200 CPUS=0.5 CAPTURE=split LEAK_GRACE=.5'
# shellcheck disable=SC2086 # words
{
  values 0 $every CPU_TIME=7 MEMORY=512M NICE=-5 LEAK=fail
  values 1 $every CPU_TIME=7 MEMORY=1G 'NICE=(none)' LEAK=ignore
  values 2 $every CPU_TIME=30 MEMORY=512M NICE=-5 LEAK=fail
  values 0 PRIORITY=P1 LEVEL=integration "RETRIES=2;.5" "GROUP=net;4;db;1"
  values 1 PRIORITY=P0 LEVEL=integration "RETRIES=1;2;3" "GROUP=net;4;db;1"
}
values 3 CAPTURE=pty NICE=19 MEMORY=2G STACK=16M 'CPU_TIME=(none)'
values 4 PROCESSES=3 'MEMORY=(none)' RETRIES=3 "GROUP=net 4"
# What is the suite's a source may say otherwise; what is the test's stays.
suites() { json "$manifest" tests "$1" suite_properties; }
has() { case $(suites "$1") in *"\"$2\""*) ;; *) fail "test $1: $2 is the suite's" ;; esac }
lacks() { case $(suites "$1") in *"\"$2\""*) fail "test $1: $2 is its own" ;; esac }
for name in TIMEOUT PTESTS_MEMORY PTESTS_PRIORITY PTESTS_RETRIES PTESTS_GROUP PTESTS_CPU_TIME; do has 0 $name; done
for name in TIMEOUT PTESTS_MEMORY PTESTS_PRIORITY PTESTS_RETRIES PTESTS_NICE; do lacks 1 $name; done
has 1 PTESTS_GROUP
lacks 2 PTESTS_CPU_TIME
expect "properties of a test by itself" "$(suites 4)" "(none)"
expect "keywords as arguments" "$(json "$manifest" tests 5 command 3) $(json "$manifest" tests 5 command 4)" "MEMORY STACK"
values 5 'MEMORY=(none)' 'STACK=(none)'
values 8 OUTPUT_SIZE=2k LEAK_GRACE=3
expect "signal" "$(value 0 TIMEOUT_SIGNAL_NAME)" SIGINT
expect "grace" "$(value 0 TIMEOUT_SIGNAL_GRACE_PERIOD)" 1.5
expect "affinity" "$(value 0 PROCESSOR_AFFINITY)" ON
expect "timeout" "$(json "$manifest" tests 0 timeout) $(json "$manifest" tests 1 timeout)" "60 30"
grep -q '"PTESTS_PROCESSES": "20"' "$manifest" || fail "a limit is a string"

# ctest reads our properties without a word.
(cd "$build" && "$ctest" --show-only=json-v1 >"$tmp/ctest.json" 2>"$tmp/complaints")
expect "complaints of ctest" "$(cat "$tmp/complaints")" ""
grep -q PTESTS_ "$build/CTestTestfile.cmake" || fail "no limit in CTestTestfile.cmake"
(cd "$build" && quietly "$ctest")
output_has "100% tests passed, 0 tests failed out of 9"
! grep -qi -e warning -e error -e unknown "$tmp/out" || fail "ctest complains: $(cat "$tmp/out")"
same_as_ctest "$build" "$manifest"

if [ -n "${PTESTS_EXECUTABLE:-}" ]; then
  quietly "$PTESTS_EXECUTABLE" list -B "$build" --format json
  output_has '"PTESTS_MEMORY"'
  quietly "$cmake" --build "$build" --target check-rlimits
  output_has "100% tests passed, 0 tests failed out of 2"
fi
