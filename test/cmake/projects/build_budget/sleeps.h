#include <time.h>

int main(void) {
  const struct timespec half_a_second = {0, 500000000};
  return nanosleep(&half_a_second, NULL);
}
