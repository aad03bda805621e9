#include "../check.h"
#include "../library.h"
extern const char* const test_name = "objects";
int test() { return check("objects", objects_value()); }
