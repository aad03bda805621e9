/* measure FILE NAME COMMAND...: runs COMMAND and appends "NAME <wall ns> <peak RSS in kB> <exit code> <CPU ns>" to FILE.
 *
 * Wall time is fork to wait4 on CLOCK_MONOTONIC. The peak is wait4's ru_maxrss: the largest of COMMAND and of the children
 * it waited for, and never below this small program's own size. A death by signal N gives exit code 128 + N. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long ns_of(struct timeval time) { return time.tv_sec * 1000000000LL + time.tv_usec * 1000LL; }

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: measure FILE NAME COMMAND...\n");
    return 2;
  }
  const long long begin = now_ns();
  const pid_t pid = fork();
  if (pid == 0) {
    execvp(argv[3], argv + 3);
    perror(argv[3]);
    _exit(127);
  }
  int status = 0;
  struct rusage usage;
  if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
    perror("measure");
    return 1;
  }
  const long long end = now_ns();
  const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);

  FILE* file = fopen(argv[1], "a");
  if (file == NULL ||
      fprintf(file, "%s\t%lld\t%ld\t%d\t%lld\n", argv[2], end - begin, usage.ru_maxrss, code,
              ns_of(usage.ru_utime) + ns_of(usage.ru_stime)) < 0 ||
      fclose(file) != 0) {
    perror(argv[1]);
    return 1;
  }
  return code;
}
