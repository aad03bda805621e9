# Console output of ctest or ptests -> "number <tab> name <tab> outcome", one line a test. The outcome is all that stands between
# the dots and the time; of an outcome that goes on in the next line (a regular expression) the first line.
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
  gsub(/^ +| +$/, "", outcome)
  print number "\t" name "\t" outcome
}
