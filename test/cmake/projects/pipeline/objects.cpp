#include "library.h"
#include "value.h"
const char* objects_value(void) { return GENERATED_VALUE; }
