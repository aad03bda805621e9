add_parallel_test(NAME a SUITE unit COMMAND true CAPTURE none FRAMEWORK boost)
