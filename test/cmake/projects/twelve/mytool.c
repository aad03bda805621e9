#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
  if (argc < 2 || strcmp(argv[1], "--version") != 0) return 2;
  puts("mytool 1.0");
  return 0;
}
