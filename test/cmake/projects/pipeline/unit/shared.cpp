#include "../check.h"
#include "../library.h"
extern const char* const test_name = "shared";
int test() { return check("shared", shared_value()); }
