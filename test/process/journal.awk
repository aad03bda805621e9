# events.jsonl -> "<name> TAB <status> TAB <reason>" for each test that finished. A cut last line is none.
function member(name) {
  if (!match($0, "\"" name "\": ?\"([^\"\\\\]|\\\\.)*\"")) return ""
  value = substr($0, RSTART, RLENGTH)
  sub("^\"" name "\": ?\"", "", value)
  sub(/"$/, "", value)
  gsub(/\\"/, "\"", value)
  gsub(/\\\\/, "\\", value)
  return value
}
/"event": ?"test_finished"/ && /}$/ { print member("name") "\t" member("status") "\t" member("reason") }
