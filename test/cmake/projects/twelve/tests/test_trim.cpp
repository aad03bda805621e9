#include "words.hpp"

#ifdef BROKEN
#error "this test does not compile"
#endif

bool passes() { return trim(" a ") == "a"; }
