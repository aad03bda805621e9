#include "../check.h"
#include "../library.h"
extern const char* const test_name = "static";
int test() { return check("static", library_value()); }
