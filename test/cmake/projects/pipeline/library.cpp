#include "library.h"
#include "value.h"
const char* library_value(void) { return GENERATED_VALUE; }
