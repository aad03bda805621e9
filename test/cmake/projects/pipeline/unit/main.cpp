#include "../check.h"
int test();
extern const char* const test_name;
int main() { return test(); }
