// TAP 14: subtests, YAML blocks, escapes.
#include <iostream>

int main() {
  std::cout << R"(TAP version 14
1..4
# Subtest: arithmetic
    1..2
    ok 1 - adds
    not ok 2 - divides
      ---
      message: 'expected 2, got 3'
      at:
        file: subtests.cpp
        line: 7
      duration_ms: 250
      ...
not ok 1 - arithmetic
# Subtest: nested
    # Subtest: deeper
        ok 1 - a \# b
        1..1
    ok 1 - deeper
    # Subtest: left out
        1..0 # SKIP not here
    ok 2 - left out # SKIP not here
    1..2
ok 2 - nested
# Subtest: later
    not ok 1 - not yet
    1..1
not ok 3 - later # TODO
    ok 1 - without a header
    1..1
ok 4 - bare
)";
  return 1;
}
