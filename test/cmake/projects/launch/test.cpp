#include "one.hpp"
int test();
int test() { return one() - static_cast<int>(std::vector<int>(1).size()); }
