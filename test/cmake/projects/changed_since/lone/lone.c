#include "outer.h"

int main(void) { return RESULT; }
