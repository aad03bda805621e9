#include "../check.h"
#include "value.h"
extern const char* const test_name = "plain";
int test() { return check("plain", std::string(GENERATED_VALUE).c_str()); }
