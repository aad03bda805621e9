/* The program every test of the benchmarks runs: it does nothing, successfully.
 *
 * The variant built with -DTICK_FILE="..." appends one byte to that file first, so that the file's size says how many
 * tests really ran. */
#ifdef TICK_FILE
#include <fcntl.h>
#include <unistd.h>

int main(void) {
  const int file = open(TICK_FILE, O_WRONLY | O_APPEND | O_CREAT, 0644);
  return file >= 0 && write(file, "x", 1) == 1 ? 0 : 1;
}
#else
int main(void) {
  return 0;
}
#endif
