/* Two points, then an end that is none. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char** words) {
  const char* how = count > 1 ? words[1] : "";
  puts("1..3\nok 1 - before\nnot ok 2 - fails before");
  fflush(stdout);
  if (strcmp(how, "crashes") == 0) raise(SIGSEGV);
  if (strcmp(how, "exits") == 0) exit(3);
  if (strcmp(how, "hangs") == 0)
    for (;;) pause();
  if (strcmp(how, "leaks") == 0 && fork() == 0) {
    alarm(30);
    for (;;) pause();
  }
  puts("ok 3 - behind");
  return 1;
}
