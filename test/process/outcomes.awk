# JUnit file -> "<name> TAB <status> TAB <reason>" for each test.
function attribute(name) {
  if (!match($0, " " name "=\"[^\"]*\"")) return ""
  return plain(substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4))
}
function plain(text) {
  gsub(/&quot;/, "\"", text)
  gsub(/&lt;/, "<", text)
  gsub(/&gt;/, ">", text)
  gsub(/&amp;/, "\\&", text)
  return text
}
/^    <testcase / {
  name = attribute("name")
  status = attribute("status") == "disabled" ? "disabled" : "passed"
  reason = ""
}
/^      <(failure|error|skipped) / {
  reason = attribute("message")
  if (attribute("type") != "") status = attribute("type")
  else if (status != "disabled") status = "skipped"
}
/^    <\/testcase>/ { print name "\t" status "\t" reason }
