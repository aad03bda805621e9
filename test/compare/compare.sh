#!/bin/sh
# Usage: compare.sh <ptests> <project> [<folder>]
#
# Builds the Debian source package of a real CMake project, runs its own test suite through the real ctest and through ptests,
# and compares them test by test. <folder>/<project> keeps source and build for the next time; without it they are temporary.
# Needs a Debian machine whose own package sources can be reached, and the packages of packages.txt; changes nothing in /etc.
compare=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$compare/common.sh"

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

# fetch: the source package from the machine's own Debian mirror. A copy of its sources with deb in place of deb-src, its suite
# only (not its updates), goes into a temporary apt configuration.
fetch() {
  . /etc/os-release
  [ -n "${VERSION_CODENAME:-}" ] || die "no VERSION_CODENAME in /etc/os-release"
  apt=$work/apt
  mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/cache/archives/partial"
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    awk -v suite="$VERSION_CODENAME" 'BEGIN { RS = ""; ORS = "\n\n" } {
      text = ""
      wanted = 0
      count = split($0, line, "\n")
      for (n = 1; n <= count; ++n) {
        if (line[n] ~ /^#/) continue
        if (line[n] ~ /^Types:/) line[n] = "Types: deb-src"
        if (line[n] ~ /^Suites:/) {
          wanted = line[n] ~ ("[: \t]" suite "([ \t]|$)")
          line[n] = "Suites: " suite
        }
        text = text line[n] "\n"
      }
      if (wanted) print text
    }' "$file"
  done >"$apt/sources/source.sources"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] || continue
    grep -E "^deb .* $VERSION_CODENAME( |\$)" "$file" | sed 's/^deb /deb-src /' || :
  done >"$apt/sources/source.list"
  cat >"$apt/apt.conf" <<CONF
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/sources";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "root";
CONF
  APT_CONFIG=$apt/apt.conf
  export APT_CONFIG
  run_quietly "apt-get update" apt-get update
  cd "$work"
  run_quietly "apt-get source" apt-get source --only-source "$project"
  cd - >/dev/null
  for source in "$work/$project"-*/; do
    [ -f "$source/CMakeLists.txt" ] || continue
    rm -rf "$folder/source"
    mv "$source" "$folder/source"
    return
  done
  die "the source package of $project holds no CMakeLists.txt"
}

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
