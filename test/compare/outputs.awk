# Names of tests (one a line), then LastTest.log -> the command, directory and output of each of these tests:
# "name <tab> line number <tab> line", sorted. Times in milliseconds, as GoogleTest prints them, become "? ms".
function say(text) {
  printf "%s\t%09d\t%s\n", name, ++line, text | "sort"
}

FNR == NR { wanted[$0] = 1; next }
/^[0-9]+\/[0-9]+ Testing: / && !inside {
  name = $0
  sub(/^[0-9]+\/[0-9]+ Testing: /, "", name)
  if (!(name in wanted)) name = ""
  line = 0
  next
}
/^(Command|Directory): / && !inside && name != "" {
  # ctest writes where in PATH it found a program that was given without a folder.
  sub(/^Command: "[^"]*\//, "Command: \"")
  say($0)
  next
}
/^Output:$/ && !inside { inside = 1; next }
inside == 1 { inside = 2; next }
/^<end of output>$/ { inside = 0; name = ""; next }
inside && name != "" {
  gsub(/[0-9.]+ ms/, "? ms")
  say("| " $0)
}
