# Console output of ctest or ptests -> "number <tab> name <tab> outcome", one line a test. The outcome is what stands between the
# dots and the time, without the reason that ctest adds to "***Failed" for a regular expression: ptests says it in the next line.
/^ *[0-9]+\/[0-9]+ +Test +#[0-9]+: / {
  line = $0
  sub(/^ *[0-9]+\/[0-9]+ +Test +#/, "", line)
  number = line
  sub(/: .*/, "", number)
  sub(/^[0-9]+: /, "", line)
  if (!match(line, / \.\.\.+/)) {
    print number "\t" line "\tUNREADABLE"
    next
  }
  name = substr(line, 1, RSTART - 1)
  outcome = substr(line, RSTART + RLENGTH)
  sub(/ +[0-9.]+ sec.*$/, "", outcome)
  sub(/^\*\*\*Failed  .*/, "***Failed", outcome)
  gsub(/^ +| +$/, "", outcome)
  print number "\t" name "\t" outcome
}
