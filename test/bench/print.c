/* Prints so many bytes, in lines: the test of process.sh that floods. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char** argv) {
  static char block[1 << 16];
  long left = argc > 1 ? atol(argv[1]) : 0;
  memset(block, 'x', sizeof block);
  for (size_t i = 79; i < sizeof block; i += 80) block[i] = '\n';
  while (left > 0) {
    const size_t size = left < (long)sizeof block ? (size_t)left : sizeof block;
    const ssize_t n = write(1, block, size);
    if (n < 0) return 1;
    left -= n;
  }
  return 0;
}
