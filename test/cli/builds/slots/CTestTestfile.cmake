# Two slots of one GPU, one of another; what prints says what it got.
add_test(prints sh -c "env | grep ^CTEST_RESOURCE | sort")
set_tests_properties(prints PROPERTIES RESOURCE_GROUPS "2,gpus:1;crypto_chips:1")
add_test(greedy true)
set_tests_properties(greedy PROPERTIES RESOURCE_GROUPS "gpus:9")
add_test(first sleep 0.3)
add_test(second sleep 0.3)
set_tests_properties(first second PROPERTIES RESOURCE_GROUPS "gpus:2")
