# sh changed_since.sh <generator>: which tests --changed-since selects in a project, from what git says and the build tool knows.
. "$(dirname "$0")/common.sh"
generator=$1
config=
[ "$generator" != "Ninja Multi-Config" ] || config=Release
command -v git >/dev/null || fail "git is needed: apt-get install git"
# Of a repository around us, and of its user, nothing counts.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX || :
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_CEILING_DIRECTORIES="$tmp"

# The project is not at the top of its repository, and git knows nothing of the build directory.
repository=$tmp/repository
project=$repository/project
build=$project/build
mkdir "$repository"
cp -R "$here/projects/changed_since" "$project"
echo "What it is." >"$repository/README"

in_git() { git -C "$repository" "$@" >"$tmp/git" 2>&1 || fail "git $*: $(cat "$tmp/git")"; }
commit() {
  in_git add -u
  in_git -c user.name=x -c user.email=x@y commit -q -m "$1"
}
in_git init -q -b main
in_git add README project
commit all

# ptests <subcommand> [<option>...]: in the build directory.
ptests() {
  subcommand=$1
  shift
  "$PTESTS_EXECUTABLE" "$subcommand" -B "$build" ${config:+-C "$config"} "$@"
}

# selects <what changed> <wanted> [<revision>]: the names of the tests, "" for none; none is exit code 4.
selects() {
  code=0
  [ -n "$2" ] || code=4
  exits $code ptests list --changed-since "${3:-HEAD}"
  expect "$1" "$(sed -n 's/^ *Test *#[0-9]*: //p' "$tmp/out" | sort | paste -s -d ' ')" "$2"
  [ -n "$2" ] || output_has "no test is concerned by what changed since ${3:-HEAD}"
}

# changing <file> <wanted>: another line in that file of the project, which goes again.
changing() {
  echo >>"$project/$1"
  selects "$1 changed" "$2"
  in_git checkout -q -- .
}

configure "$project" "$build" -G "$generator" "-DEXECUTOR=$PTESTS_EXECUTABLE"
selects "nothing changed, nothing was ever compiled" "drawing lone"
quietly "$cmake" --build "$build" ${config:+--config "$config"}
selects "nothing changed" ""

changing shapes/area.c drawing
changing shapes/checked.h drawing
changing shapes/area.h drawing
changing drawing/drawing.c drawing
changing drawing/size.txt drawing
changing lone/lone.c lone
changing lone/inner.h lone
changing ../README ""
changing drawing/CMakeLists.txt drawing
changing shapes/CMakeLists.txt drawing
changing lone/CMakeLists.txt lone
output_has "lone/CMakeLists.txt changed: selects everything built in its directory and below"
changing CMakeLists.txt "drawing lone"
echo >>"$project/shapes/area.c"
changing lone/inner.h "drawing lone"
rm "$project/lone/inner.h"
selects "a header went" lone
in_git checkout -q -- .

# New files: those that git is not told of count, those that it is to ignore do not.
echo >"$project/lone/unused.h"
selects "a new file that nothing includes" ""
in_git rm -q --cached project/lone/inner.h
commit "inner.h is local"
selects "a header that git does not know" lone
echo inner.h >"$repository/.git/info/exclude"
selects "a header that git ignores" ""

# Other revisions than the last.
echo >>"$project/shapes/area.h"
commit "area.h"
selects "since the last commit" ""
selects "since the one before" drawing HEAD~1
selects "since a commit of both" "drawing lone" HEAD~2

# A run builds and runs them, and no others.
exits 4 ptests run --changed-since HEAD
sed -i 's/RESULT 0/RESULT 1/' "$project/lone/inner.h"
echo 'not C' >"$project/lone/lone.c"
commit "lone fails, if it compiles"
sed -i 's/) \* CHECKED/) + CHECKED/' "$project/shapes/area.c"
exits 1 ptests run --changed-since HEAD
output_has "1 tests failed out of 1"
in_git checkout -q -- .
echo >>"$project/shapes/checked.h"
quietly ptests run --changed-since HEAD
output_has "100% tests passed, 0 tests failed out of 1"
expect "tests in JUnit" "$(sed -n 's/.*<testcase name="\([^"]*\)".*/\1/p' "$build/paralleltests/junit.xml")" drawing
