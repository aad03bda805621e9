int library(void) { return wrong_in_library; }
