#include "../check.h"
#include "../library.h"
int main(void) { return check("c", library_value()); }
