# The journal of the tests `order.*` and `fixture.*`, run two at a time: fails when a test started that should have waited.
function wrong(text) {
  print "line " NR ": " text
  bad = 1
}

function alone(name) {
  return name ~ /^(serial|wide|too_wide)/
}

function after(name, before) {
  if ($2 == name && !ended[before]) wrong(name " started before the end of " before)
}

$1 == "start" {
  if (started[$2]++) wrong($2 " started twice")
  for (other in running) {
    if (alone($2) || alone(other)) wrong($2 " started beside " other)
    if ($2 ~ /^lock/ && other ~ /^lock/) wrong($2 " started beside " other " in spite of their lock")
  }
  after("second", "first")
  after("set_up_too", "set_up")
  after("use", "set_up")
  after("use", "set_up_too")
  after("use_too", "set_up_too")
  after("clean_up", "use")
  after("clean_up", "use_too")
  running[$2] = 1
  ++starts
}

$1 == "end" {
  ended[$2] = 1
  delete running[$2]
}

END {
  if (starts != 20) wrong(starts " tests started, not 20")
  exit bad
}
