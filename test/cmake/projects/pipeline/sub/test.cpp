#include "check.h"
#include "library.h"
int main() { return check("sub", library_value()); }
