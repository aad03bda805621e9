# Sourced by the scripts of this folder. They take from the environment:
#   CMAKE, CTEST       the tools to use, default those in PATH
#   PTESTS_EXECUTABLE  the executor, for those that run it
#   PTESTS_BUILD       a build directory of this repository to install from
#   KEEP               if set, the temporary folder is kept and named
# Each makes a temporary folder, works in it, and removes it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
cmake=${CMAKE:-cmake}
ctest=${CTEST:-ctest}
# What ctest or a build tool above us sets would change the builds below.
unset MAKEFLAGS MFLAGS MAKELEVEL CMAKE_GENERATOR CMAKE_BUILD_TYPE CTEST_PARALLEL_LEVEL \
  CTEST_OUTPUT_ON_FAILURE NINJA_STATUS DESTDIR || :
export CMAKE_BUILD_PARALLEL_LEVEL=2

tmp=$(mktemp -d "${TMPDIR:-/tmp}/paralleltests-cmake.XXXXXX")
tmp=$(cd "$tmp" && pwd -P)
clean_up() {
  if [ -n "${KEEP:-}" ]; then echo "kept: $tmp"; else rm -rf "$tmp"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# Runs a command, its output in $tmp/out; shows that if it fails.
quietly() {
  "$@" >"$tmp/out" 2>&1 || {
    status=$?
    cat "$tmp/out" >&2
    fail "exit code $status: $*"
  }
}

# Runs a command that must fail with the given code, its output in $tmp/out.
exits() {
  wanted=$1
  shift
  status=0
  "$@" >"$tmp/out" 2>&1 || status=$?
  [ "$status" -eq "$wanted" ] || {
    cat "$tmp/out" >&2
    fail "exit code $status instead of $wanted: $*"
  }
}

# configure <source> <build> [options]: with what the projects here need.
configure() {
  source=$1
  build=$2
  shift 2
  quietly "$cmake" -S "$source" -B "$build" "-DREPOSITORY=$repo" "$@"
}

# json <file> <key>...: the value at that place, as text or as JSON.
json() {
  file=$1
  shift
  path=
  for key; do path="$path${path:+/}$key"; done
  "$cmake" "-DFILE=$file" "-DKEYS=$path" -P "$here/json.cmake" 2>&1
}

# expect <what> <actual> <wanted>
expect() {
  [ "$2" = "$3" ] || fail "$1
  wanted: $3
  got:    $2"
}

# output_has <text>: in the output of the last command.
output_has() {
  grep -qF -e "$1" "$tmp/out" || {
    cat "$tmp/out" >&2
    fail "the output lacks: $1"
  }
}

# same_as_ctest <build> <manifest> [ctest option]...: the manifest says what ctest does.
same_as_ctest() {
  in=$1
  manifest=$2
  shift 2
  (cd "$in" && "$ctest" "$@" --show-only=json-v1) >"$tmp/ctest.json" || fail "ctest --show-only"
  quietly "$cmake" "-DCTEST_JSON=$tmp/ctest.json" "-DMANIFEST=$manifest" -P "$here/compare.cmake"
}
