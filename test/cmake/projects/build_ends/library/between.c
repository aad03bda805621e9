int library(void);
int between(void) { return library(); }
