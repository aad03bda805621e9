#include "library.h"
#include "value.h"
const char* shared_value(void) { return GENERATED_VALUE; }
