#include "value.h"
const char* main_value() { return GENERATED_VALUE; }
int test();
int main() { return test(); }
