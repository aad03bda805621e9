# JUnit file -> "name <tab> status", one line a test.
BEGIN { RS = "<testcase " }
NR > 1 {
  tag = $0
  sub(/>.*/, "", tag)
  print attribute("name") "\t" attribute("status")
}

function attribute(key,    value) {
  if (!match(tag, "(^|[ \t\n])" key "=\"[^\"]*\"")) {
    return "NO " key
  }
  value = substr(tag, RSTART, RLENGTH)
  sub(/^[^"]*"/, "", value)
  sub(/"$/, "", value)
  gsub(/&quot;/, "\"", value)
  gsub(/&apos;/, "'", value)
  gsub(/&lt;/, "<", value)
  gsub(/&gt;/, ">", value)
  gsub(/&amp;/, "\\&", value)
  return value
}
