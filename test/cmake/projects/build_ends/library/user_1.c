int library(void);
int main(void) { return library(); }
