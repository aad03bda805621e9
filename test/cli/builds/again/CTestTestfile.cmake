# `flaky` fails once, until its marker is there; what is slow sleeps.
add_test(flaky sh -c "test -e @DIR@/marker || { touch @DIR@/marker; echo 'not yet'; exit 1; }")
add_test(fails sh -c "echo broken; exit 3")
add_test(passes true)
add_test(hangs sleep 20)
set_tests_properties(hangs PROPERTIES TIMEOUT 0.2)
add_test(later true)
set_tests_properties(later PROPERTIES DEPENDS fails)
