# sh stream.sh <what>: prints that stream.
case $1 in
all)
  cat <<'END'
TAP version 13
1..7
# all there is in version 13
ok 1 - passes
not ok 2 - fails
# because of this
not ok 3 - fails with a block
  ---
  message: "in \"YAML\""
  ...
ok 4 - left out # SKIP no network
not ok 5 - later # TODO one day
ok 6 - already # TODO one day
ok
END
  exit 2
  ;;
plan_behind) printf 'ok 1 - a\r\nok 2 - b\r\n1..2\r\n' ;;
no_plan) printf 'ok 1 - a\n' ;;
too_few) printf '1..3\nok 1 - a\n' ;;
too_many) printf '1..1\nok 1 - a\nok 2 - b\n' ;;
twice) printf '1..2\nok 1 - a\nok 1 - b\n' ;;
out_of_range) printf '1..2\nok 1 - a\nok 3 - b\n' ;;
silent) ;;
no_tap) echo 'okay, nothing of this is TAP' ;;
skipped) echo '1..0 # SKIP no network' ;;
bails_out)
  printf '1..9\nok 1 - a\nBail out! no \\# disk\nok 2 - b\n'
  exit 255
  ;;
exit_code)
  printf '1..1\nok 1 - a\n'
  exit 4
  ;;
strict) printf 'pragma +strict\n1..1\nwords\nok 1 - a\n' ;;
unended) printf '1..1\nok 1 - a\n# Subtest: b\n    ok 1 - c\n' ;;
numbers) printf '1..4\nok 3\nok 4 - 5\nok 1 - a\nok 2 - a\n' ;;
# As output that is buffered looks when something goes to stderr meanwhile.
mixed | unmixed)
  printf '1..2\nok 1 - a\no'
  echo noise >&2
  printf 'k 2 - b\n'
  ;;
nasty)
  printf '1..3\nok 1 - a, b; [c] \\\\ "d" * /e: f & <g> %%41 \303\251\n'
  printf 'ok 2 - \377\001\303\n'
  printf 'not ok 3 - a, b; [c] \\\\ "d" * /e: f & <g> %%41 \303\251 and more\n'
  ;;
terminal)
  [ -t 1 ] || exit 5
  printf '1..2\nok 1 - a\nok 2 - b\n'
  ;;
isolated) printf '1..2\nok 1 - a\nok 2 - b\n' ;;
flaky)
  [ "$PTESTS_ATTEMPT" -gt 1 ] && [ "$PTESTS_ATTEMPT" -lt 3 ] && first='not '
  [ "$PTESTS_ATTEMPT" -lt 2 ] && second='not '
  printf '1..3\nok 1 - a\n%sok 2 - b\n%sok 3 - c\n' "${first-}" "${second-}"
  ;;
crashes_once)
  printf '1..2\nok 1 - a\n'
  [ "$PTESTS_ATTEMPT" -gt 1 ] || kill -SEGV $$
  printf 'ok 2 - b\n'
  ;;
never) printf '1..2\nok 1 - a\nnot ok 2 - b\n' ;;
set_up | needs | needs_missing) printf '1..1\nok 1 - a\n' ;;
set_up_fails) printf '1..1\nnot ok 1 - a\n' ;;
esac
