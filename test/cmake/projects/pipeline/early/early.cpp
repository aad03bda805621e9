#include "../check.h"
const char* main_value();
// GENERATED_VALUE comes with the precompiled header.
int test() { return check("early", GENERATED_VALUE) + check("early_main", main_value()); }
