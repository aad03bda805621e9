add_parallel_test(NAME a SUITE unit COMMAND true RETRIES 2 soon)
