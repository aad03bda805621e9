/* Writes its arguments, each a line of hexadecimal bytes, to args.txt. */
#include <stdio.h>

int main(int argc, char** argv) {
  FILE* out = fopen("args.txt", "w");
  if (!out) return 1;
  for (int i = 1; i < argc; ++i) {
    for (const char* c = argv[i]; *c; ++c) fprintf(out, "%02x", (unsigned char)*c);
    fputc('\n', out);
  }
  return fclose(out) != 0;
}
