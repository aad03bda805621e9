#include "args.c"
