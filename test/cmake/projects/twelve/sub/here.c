/* Passes in the folder of its source. */
#include <stdio.h>

int main(void) { return fopen("here.c", "r") == NULL; }
