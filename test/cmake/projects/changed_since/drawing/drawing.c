#include "area.h"
#include "size.h"

int main(void) { return area(SIZE, SIZE) == SIZE * SIZE ? 0 : 1; }
