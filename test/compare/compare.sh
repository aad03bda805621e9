#!/bin/sh
# Usage: compare.sh <ptests> <project> [<folder>]
#
# Builds the Debian source package of a real CMake project, runs its own test suite through the real ctest and through ptests,
# and compares them test by test. <folder>/<project> keeps source and build for the next time; without it they are temporary.
compare=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$compare/common.sh"
# shellcheck source-path=SCRIPTDIR source=fetch.sh
. "$compare/fetch.sh"

[ $# -ge 2 ] || die "usage: compare.sh <ptests> <project> [<folder>]"
ptests=$(absolute "$1")
project=$2
folder=${3:+$3/$project}

# The fewest tests that the project must have, and its CMake options: tests on, whatever takes long off.
case $project in
  fmtlib)
    fewest=15
    set -- -DFMT_DOC=OFF
    ;;
  jansson)
    fewest=200
    set -- -DJANSSON_BUILD_DOCS=OFF
    ;;
  libzip)
    fewest=100
    set -- -DENABLE_BZIP2=OFF -DENABLE_LZMA=OFF -DENABLE_ZSTD=OFF -DENABLE_GNUTLS=OFF -DENABLE_MBEDTLS=OFF \
      -DENABLE_OPENSSL=OFF -DBUILD_DOC=OFF -DBUILD_EXAMPLES=OFF
    ;;
  *) die "unknown project $project; known: fmtlib, jansson, libzip" ;;
esac

make_work_folder
[ -n "$folder" ] || folder=$work
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

[ -f "$folder/source/CMakeLists.txt" ] || fetch
run_quietly "configure" cmake -S "$folder/source" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=None "$@"
run_quietly "build" ninja -C "$folder/build" -j 2

differences=0
run_both "$work/results" "$ptests" "$folder/build"
tests=$(wc -l <"$work/results/ctest.outcomes")
[ "$tests" -ge "$fewest" ] || die "$project: only $tests tests, expected at least $fewest"

echo "$project: $tests tests"
compare_all "$work/results"
conclude "$project"
