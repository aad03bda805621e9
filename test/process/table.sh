# shellcheck shell=sh disable=SC2154
# The table of the victims as a build directory; sourced after common.sh.

# Executables that are none.
mkdir -p "$work/files/closed"
cp "$victim" "$work/files/vic tim"
cp "$victim" "$work/files/not_executable"
cp "$victim" "$work/files/wrong_architecture"
cp "$victim" "$work/files/closed/victim"
head -c 100 "$victim" >"$work/files/truncated"
echo '#!/no/such/interpreter' >"$work/files/no_interpreter"
echo 'exit 0' >"$work/files/without_hash_bang"
chmod +x "$work/files/truncated" "$work/files/no_interpreter" "$work/files/without_hash_bang"
chmod a-x "$work/files/not_executable"
chmod 000 "$work/files/closed"
# e_machine is EM_VAX.
printf '\113\000' | dd of="$work/files/wrong_architecture" bs=1 seek=18 conv=notrunc 2>/dev/null

# table_rows: those for the user that ptests runs as, in $table.
table_rows() {
  table=$work/table
  unprivileged=1
  [ "$(id -u)" -ne 0 ] || [ -n "$as" ] || unprivileged=0
  awk -F '\t' -v unprivileged=$unprivileged '!/^#/ && (unprivileged || $1 !~ /^unprivileged\./)' "$programs/expected.tsv" >"$table"
}

# shuffle_rows <seed>: so that other rows are the first ones. What is about numbers of tests goes by $table.
shuffle_rows() {
  awk -v seed="$1" 'BEGIN { srand(seed) } { printf "%.9f\t%s\n", rand(), $0 }' "$table" | sort -n | cut -f 2- >"$work/shuffled"
  mv "$work/shuffled" "$table"
}

# new_table_build <name>: its tests are the rows of $table.
new_table_build() {
  new_build "$1"
  awk -F '\t' '
    { printf "add_test([==[%s]==] %s)\n", $1, $5 }
    $6 != "-" { printf "set_tests_properties([==[%s]==] PROPERTIES %s)\n", $1, $6 }' "$table" >>"$build/CTestTestfile.cmake"
}
