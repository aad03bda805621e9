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
  ctest_status = attribute("status")
  status = reason = element = ""
}
/^        <property name="status"/ { status = attribute("value") }
# A leak that is no failure has no message.
/^        <property name="left_processes"/ { n = attribute("value"); reason = "left " n (n == 1 ? " process behind" : " processes behind") }
/^      <(failure|error|skipped) / {
  reason = attribute("message")
  element = attribute("type") != "" ? attribute("type") : "skipped"
}
/^    <\/testcase>/ {
  if (element == "" && ctest_status == "run") element = status == "leaked" || status == "flaky" ? status : "passed"
  if (ctest_status == "disabled") element = "disabled"
  # What the element, CTest's status and the property say must be one.
  print name "\t" (status == element ? status : status "|" element "|" ctest_status) "\t" reason
}
