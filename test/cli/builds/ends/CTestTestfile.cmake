# For runs that end early: `passes` and `fails` end at once, `blocks` does not before it is killed, `last` comes after all of them.
add_test(passes true)
add_test(blocks sleep 60)
add_test(fails false)
add_test(breaks false)
add_test(last true)
set_tests_properties(last PROPERTIES DEPENDS "passes;blocks;fails;breaks")
