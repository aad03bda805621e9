#include "area.h"
#include "checked.h"

int area(int width, int height) { return CHECKED(width) * CHECKED(height); }
