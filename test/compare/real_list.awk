# What a test executable lists -> "<name as ptests has it> <tab> <name> <tab> <which> <tab> <alike> <tab> <suite>", one line a case,
# without those that are disabled. <alike>: how many the framework's filter cannot tell apart; <which> of them it is.
# `framework`: gtest, of --gtest_list_tests, or doctest, of --list-test-cases --reporters=xml.
function attribute(key,    value) {
  if (!match($0, " " key "=\"[^\"]*\"")) return ""
  value = substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4)
  gsub(/&quot;/, "\"", value)
  gsub(/&lt;/, "<", value)
  gsub(/&gt;/, ">", value)
  gsub(/&amp;/, "\\&", value)
  return value
}

function add(ours, name, suite) {
  names[++cases] = name
  suites[cases] = suite
  our_names[cases] = ours (seen[ours]++ ? "#" seen[ours] : "")
  # A filter for the suite is given only where there is one.
  by_name[cases] = ++count[name]
  by_both[cases] = ++count[suite "\t" name]
}

framework == "doctest" && /<TestCase / && attribute("skipped") == "false" {
  suite = attribute("testsuite")
  add((suite == "" ? "" : suite "/") attribute("name"), attribute("name"), suite)
}

framework == "gtest" && /^[^ ].*\./ {
  sub(/  # TypeParam = .*/, "")
  suite = $0
}
framework == "gtest" && /^  [^ ]/ {
  sub(/  # GetParam\(\) = .*/, "")
  name = suite substr($0, 3)
  if (name !~ /(^|[.\/])DISABLED_/) add(name, name, "")
}

END {
  for (i = 1; i <= cases; ++i) {
    which = suites[i] == "" ? by_name[i] : by_both[i]
    all = suites[i] == "" ? count[names[i]] : count[suites[i] "\t" names[i]]
    print our_names[i] "\t" names[i] "\t" which "\t" all "\t" suites[i]
  }
}
