add_parallel_test(NAME a SUITE x LABELS fast)
