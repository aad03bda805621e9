#include "one.hpp"
int one() { return 1; }
