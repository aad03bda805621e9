# The targets; the samples of each are in ../corpus/<target>.
set(fuzz_adapters doctest gtest catch2 boost) # the list parser and the reader of that FRAMEWORK
set(fuzz_targets ${fuzz_adapters} listener tap)
