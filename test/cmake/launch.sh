# sh launch.sh <generator>: our launcher stands before every compiler and linker. It tells the ptests that runs the build, for
# which a script stands in here, and changes nothing in any other build.
. "$(dirname "$0")/common.sh"
unset PTESTS_BUILD_DIRECTORY PTESTS_BUILD_SOCKET PTESTS_BUILD_LAUNCHER || :
build="$tmp/a build"
project=$here/projects/launch

cat >"$tmp/ptests" <<EOF
#!/bin/sh
echo "\$*" >>"$tmp/log"
shift 5
exec "\$@"
EOF
# A launcher as a project may have: own <word> COMMAND...
cat >"$tmp/own" <<EOF
#!/bin/sh
echo "\$*" >>"$tmp/own.log"
shift
exec "\$@"
EOF
chmod +x "$tmp/ptests" "$tmp/own"

fresh() {
  rm -rf "$build"
  configure "$project" "$build" -G "$generator" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "$@"
}
# Builds as the ptests would that is named, and logs what it is told.
build_for() {
  : >"$tmp/log"
  : >"$tmp/own.log"
  PTESTS_BUILD_DIRECTORY="$build" PTESTS_BUILD_SOCKET="$tmp/nobody" PTESTS_BUILD_LAUNCHER="$1" quietly "$cmake" --build "$build"
}
# What was built; precompiled headers differ from one time to the next.
built() {
  (cd "$build" && find . -type f \( -name '*.o' -o -name '*.a' -o -name '*.so' -o -perm -100 \) \
    ! -path './CMakeFiles/[0-9]*' ! -name paralleltests-launch -exec sha256sum {} +) | sort -k 2
}
same_built() {
  built >"$tmp/got"
  diff "$tmp/wanted" "$tmp/got" >&2 || fail "other files are built $1"
}
# All lines that CMake generated, each with the name of its file.
generated() {
  (cd "$build" && find . -type f \( -name '*.ninja' -o -name '*.make' -o -name link.txt -o -name Makefile -o -name Makefile2 \
    -o -name 'manifest*.json' -o -name compile_commands.json \) -exec grep -H '' {} +) | sort -s -t : -k 1,1
}

generator=$1
fresh -DParallelTests_LAUNCHER=OFF
quietly "$cmake" --build "$build"
built >"$tmp/wanted"
[ "$(grep -c '\.o$' "$tmp/wanted")" -ge 10 ] || fail "found of what was built: $(cat "$tmp/wanted")"
generated >"$tmp/without"
grep -q c++-tool "$tmp/without" || fail "what CMake generated was not found"
if grep -qe --kind= -e paralleltests-launch "$tmp/without"; then fail "launchers although they are switched off"; fi

# A build that no ptests runs, then one by a ptests that is there no longer. CMake 4 has launchers in variables.
fresh
generated | sed -e "s|\"$build/CMakeFiles/paralleltests-launch\" --target=[^ ]* --kind=[a-z]* --language=[A-Z]* -- ||" \
  -e '/:  LAUNCHER = *$/d' >"$tmp/with"
diff "$tmp/without" "$tmp/with" >&2 || fail "more than the launchers differs"
if grep -q paralleltests-launch "$build/compile_commands.json"; then fail "a launcher in compile_commands.json"; fi
quietly "$cmake" --build "$build"
same_built "with launchers"
quietly "$cmake" --build "$build" --target clean
build_for "$tmp/uninstalled"
same_built "when ptests is not there"

# Configuring again changes nothing.
configure "$project" "$build"
build_for "$tmp/ptests"
expect "compiled after configuring again" "$(cat "$tmp/log")" ""

# What ptests is told.
quietly "$cmake" --build "$build" --target clean
build_for "$tmp/ptests"
same_built "under ptests"
expect "what ptests is told" "$(cut -d ' ' -f 1-5 "$tmp/log" | sort | uniq -c | sed 's/^ *//')" \
  "$(sed 's/^\([0-9]\) /\1 launch /; s/$/ --/' <<EOF
1 --target=both --kind=compile --language=C
1 --target=both --kind=compile --language=CXX
1 --target=both --kind=link --language=CXX
1 --target=c++-tool.x --kind=compile --language=C
1 --target=c++-tool.x --kind=link --language=C
1 --target=late --kind=compile --language=C
1 --target=late --kind=link --language=C
1 --target=module+lib --kind=compile --language=CXX
1 --target=module+lib --kind=link --language=CXX
1 --target=object_lib --kind=compile --language=CXX
1 --target=paralleltests-main-unit --kind=compile --language=CXX
2 --target=paralleltests-pch-unit --kind=compile --language=CXX
1 --target=shared-lib --kind=compile --language=CXX
1 --target=shared-lib --kind=link --language=CXX
1 --target=static.lib --kind=compile --language=CXX
1 --target=unit.plain --kind=compile --language=C
1 --target=unit.plain --kind=link --language=C
1 --target=unit.test --kind=compile --language=CXX
1 --target=unit.test --kind=link --language=CXX
EOF
)"

# The real ptests, when nobody listens.
if [ -n "${PTESTS_EXECUTABLE:-}" ]; then
  quietly "$cmake" --build "$build" --target clean
  build_for "$PTESTS_EXECUTABLE"
  same_built "by ptests launch"
fi

# A project's own launchers run behind ours. That of C is for another configuration only.
fresh "-DCMAKE_CXX_COMPILER_LAUNCHER=\$<1:$tmp/own>;compile" "-DCMAKE_CXX_LINKER_LAUNCHER=$tmp/own;link" \
  "-DCMAKE_C_COMPILER_LAUNCHER=\$<\$<CONFIG:None>:$tmp/own;a,b>"
build_for "$tmp/ptests"
same_built "with launchers of the project"
for kind in compile link; do
  ours=$(grep -c -e "--kind=$kind --language=CXX -- $tmp/own $kind /" "$tmp/log")
  expect "$kind: ours alone" "$(grep -e "--kind=$kind --language=CXX" "$tmp/log" | grep -vc "$tmp/own $kind /" || :)" 0
  expect "$kind: the project's" "$(grep -c "^$kind /" "$tmp/own.log")" "$ours"
done
expect "the project's launchers ran" "$(wc -l <"$tmp/own.log")" "$(grep -c language=CXX "$tmp/log")"
expect "C has none" "$(grep -c -e '--language=C -- /' "$tmp/log")" "$(grep -c -e '--language=C ' "$tmp/log")"
expect "all of it" "$(wc -l <"$tmp/log")" 20
