# LastTest.log -> for every test that was started, its command, directory and output, each line led by the test's name, in the
# order of the names. Tests that did not start are left out.
/^[0-9]+\/[0-9]+ Testing: / {
  name = $0
  sub(/^[0-9]+\/[0-9]+ Testing: /, "", name)
  names[++count] = name
  output = 0
  next
}
name == "" { next }
/^Command: / && !output { text[name] = text[name] name ": " $0 "\n"; next }
/^Directory: / && !output { text[name] = text[name] name ": " $0 "\n"; next }
index($0, "\"" name "\" start time: ") == 1 && !output {
  started[name] = $0 !~ /start time: *$/
  next
}
/^Output:$/ && !output { output = 1; next }
output == 1 && /^-+$/ { output = 2; next }
output == 2 && /^<end of output>$/ { name = ""; next }
output == 2 { text[name] = text[name] name ": | " $0 "\n" }
END {
  # The counter keeps the lines of one test in order.
  for (n = 1; n <= count; ++n) {
    if (started[names[n]]) {
      lines = split(text[names[n]], line, "\n")
      for (l = 1; l < lines; ++l) printf "%s\t%09d\t%s\n", names[n], l, line[l] | "sort"
    }
  }
}
