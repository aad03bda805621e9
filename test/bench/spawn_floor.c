/* spawn_floor COUNT JOBS PROGRAM: runs PROGRAM COUNT times, JOBS at a time, and does nothing else.
 *
 * The floor of the benchmarks: what the kernel and posix_spawn cost without any test runner. Fails when one run fails. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char** environ;

static void start(char* program) {
  char* arguments[] = {program, NULL};
  pid_t pid;
  const int error = posix_spawn(&pid, program, NULL, NULL, arguments, environ);
  if (error != 0) {
    fprintf(stderr, "spawn_floor: %s: %s\n", program, strerror(error));
    exit(1);
  }
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: spawn_floor COUNT JOBS PROGRAM\n");
    return 2;
  }
  const long count = atol(argv[1]);
  const long jobs = atol(argv[2]);
  long started = 0;
  for (; started < count && started < jobs; ++started) {
    start(argv[3]);
  }
  for (long ended = 0; ended < count; ++ended) {
    int status = 0;
    if (wait(&status) < 0 || status != 0) {
      fprintf(stderr, "spawn_floor: run %ld failed\n", ended);
      return 1;
    }
    if (started < count) {
      start(argv[3]);
      ++started;
    }
  }
  return 0;
}
