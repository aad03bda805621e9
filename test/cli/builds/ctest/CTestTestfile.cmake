add_test(adds "/bin/sh" "-c" "echo sum")
set_tests_properties(adds PROPERTIES LABELS "fast;numbers" TIMEOUT "5")
add_test([==[with spaces; and more]==] "/bin/sh" "-c" "echo wrong; exit 1")
add_test(missing "@DIR@/ctest/no_such_test")
