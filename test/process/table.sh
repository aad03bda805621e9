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

# How the names of rows begin that this machine cannot show: cgroups for all limits that need one, and a disk below.
not_here=none
"$ptests" doctor >"$work/doctor" || die 'ptests doctor fails'
if [ "$(grep -Ec '^  (MEMORY|CPUS|IO_READ_BPS|IO_WRITE_BPS) +cgroup ' "$work/doctor")" -ne 4 ]; then
  not_here=cgroup.
elif [ ! -b "$(df --output=source "$work" | tail -n 1)" ]; then
  not_here=cgroup.io_
fi
[ $not_here = none ] || echo "process.$topic: SKIPPED: rows $not_here* of the table, this machine cannot show them"

# table_rows: those for the user that ptests runs as, in $table.
table_rows() {
  table=$work/table
  not_ours=cgroup.
  [ "$(id -u)" -ne 0 ] || [ -n "$as" ] || not_ours=unprivileged.
  awk -F '\t' -v not_ours=$not_ours -v not_here=$not_here \
    '!/^#/ && index($1, not_ours) != 1 && index($1, not_here) != 1' "$programs/expected.tsv" >"$table"
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

# expect_outcomes <file> <where it is from>: lines "<name> TAB <status> TAB <reason>".
expect_outcomes() {
  awk -F '\t' '
    FNR == NR { status[$1] = $2; reason[$1] = $3; next }
    !($1 in status) { print $1 ": no result"; next }
    status[$1] != $2 { print $1 ": expected " $2 ", got " status[$1] " (" reason[$1] ")"; next }
    $4 != "-" && !index(reason[$1], $4) { print $1 ": expected the reason \"" $4 "\", got \"" reason[$1] "\"" }
  ' "$1" "$table" >"$work/wrong"
  [ ! -s "$work/wrong" ] || { fault "$(basename "$build"): outcomes in $2:" && show "$work/wrong"; }
  [ "$(wc -l <"$1")" -eq "$(wc -l <"$table")" ] || fault "$(wc -l <"$table") tests, $(wc -l <"$1") results in $2"
}

# What the console says at its end: lists, and the figure.
expect_console() {
  awk -F '\t' '$3 != "-" { printf "%d - %s (%s)\n", NR, $1, $3 }' "$table" >"$work/expected_lists"
  awk '/^The following tests/ { inside = 1; next } /^$/ { inside = 0 } inside { sub(/^[\t ]*/, ""); print }' "$build/out" |
    sort -n >"$work/lists"
  same "$work/expected_lists" "$work/lists" "$(basename "$build"): lists at the end of the console"
  expect_text "$build/out" "tests passed, $(wc -l <"$work/failed") tests failed out of $(awk -F '\t' '$2 != "disabled"' "$table" | wc -l)"
}

# expect_table: all of that in $build, whose tests are the rows of $table. The failed ones are in $work/failed, as CTest writes them.
expect_table() {
  awk -F '\t' '$2 !~ /^(passed|leaked|skipped|disabled)$/ { print NR ":" $1 }' "$table" >"$work/failed"
  expect_code 1
  expect_xml
  outcomes >"$work/got"
  expect_outcomes "$work/got" "the JUnit file"
  awk -f "$here/journal.awk" "$build/paralleltests/events.jsonl" >"$work/got"
  expect_outcomes "$work/got" "the journal"
  expect_journal
  expect_console
}
