/* What the victim takes more of than it should: memory, CPU time, files, stack. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "victim.h"

enum { k_step = 8 << 20, k_most_files = 4096 };

static int wait_for(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 95;
}

static size_t megabytes_of(char** args) {
  const int wanted = atoi(args[0]);
  return (size_t)(wanted < k_most_memory ? wanted : k_most_memory) << 20;
}

/* In steps, so that whoever looks now and then sees it grow; kept for a moment at the end. */
static void eat(size_t bytes) {
  for (size_t eaten = 0; eaten < bytes; eaten += k_step) {
    char* volatile part = malloc(k_step);
    if (part == NULL) _exit(94);
    memset(part, 1, k_step);
    sleep_for(0.02);
  }
  sleep_for(0.3);
}

static int do_memory(char** args) {
  eat(megabytes_of(args));
  return 0;
}

static int do_memory_in_child(char** args) {
  const pid_t child = start_child();
  if (child != 0) return wait_for(child);
  eat(megabytes_of(args));
  _exit(0);
}

/* The sum of four. */
static int do_memory_in_children(char** args) {
  for (int i = 0; i < 4; ++i)
    if (start_child() == 0) {
      eat(megabytes_of(args) / 4);
      _exit(0);
    }
  int code = 0;
  for (int i = 0; i < 4; ++i) code |= wait_for(-1);
  return code;
}

static int do_memory_in_daemon(char** args) {
  if (start_daemon() == 0) {
    eat(megabytes_of(args));
    _exit(0);
  }
  sleep_for(3);
  return 0;
}

static double cpu_seconds(void) {
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void burn(double seconds) {
  volatile unsigned sum = 0;
  const double end = cpu_seconds() + seconds;
  while (cpu_seconds() < end)
    for (unsigned i = 0; i < 100000; ++i) sum += i;
}

static int do_cpu(char** args) {
  burn(number_or(args, 5));
  return 0;
}

static int do_cpu_ignoring(char** args) {
  signal(SIGXCPU, SIG_IGN);
  return do_cpu(args);
}

/* <how many> at once, 5 s each. */
static int do_cpu_in_children(char** args) {
  const int count = atoi(args[0]) < 8 ? atoi(args[0]) : 8;
  for (int i = 0; i < count; ++i)
    if (start_child() == 0) {
      burn(5);
      _exit(0);
    }
  for (int i = 0; i < count; ++i) wait_for(-1);
  return 0;
}

/* One after the other: no process uses much. */
static int do_cpu_in_short_children(char** args) {
  (void)args;
  for (int i = 0; i < 50; ++i) {
    const pid_t child = start_child();
    if (child == 0) {
      burn(0.1);
      _exit(0);
    }
    wait_for(child);
  }
  return 0;
}

static int do_cpu_in_daemon(char** args) {
  (void)args;
  if (start_daemon() == 0) {
    burn(5);
    _exit(0);
  }
  sleep_for(k_longest);
  return 0;
}

/* The code is the errno of the open that failed. */
static int do_open_files(char** args) {
  (void)args;
  for (int i = 3; i < k_most_files; ++i) {
    if (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0) continue;
    const int error = errno;
    printf("%d files: %s\n", i, strerror(error));
    return error;
  }
  return 0;
}

/* A file of so many bytes, at most 64M, that has no name when it has been made. The code is the errno of the write that failed. */
static int do_file(char** args) {
  static char block[1 << 16];
  const char* folder = getenv("TMPDIR");
  char path[4096];
  snprintf(path, sizeof path, "%s/victim.XXXXXX", folder != NULL ? folder : "/tmp");
  const int fd = mkstemp(path);
  if (fd < 0 || unlink(path) != 0) return 92;
  const size_t wanted = parse_size(args[0]) < (size_t)64 << 20 ? parse_size(args[0]) : (size_t)64 << 20;
  for (size_t written = 0; written < wanted;) {
    const ssize_t n = write(fd, block, sizeof block);
    if (n < 0) return errno;
    written += (size_t)n;
  }
  return 0;
}

static int do_file_ignoring(char** args) {
  signal(SIGXFSZ, SIG_IGN);
  return do_file(args);
}

/* So many bytes of stack, at most 6M. */
static size_t descend(size_t bytes) {
  volatile char frame[4096];
  frame[0] = 1;
  const size_t below = bytes > sizeof frame ? descend(bytes - sizeof frame) : 0;
  return below + (size_t)frame[0];
}

static int do_stack(char** args) {
  const size_t bytes = parse_size(args[0]);
  return descend(bytes < (size_t)6 << 20 ? bytes : (size_t)6 << 20) > 0 ? 0 : 1;
}

const struct behaviour k_hog_behaviours[] = {
    {"memory", do_memory},
    {"memory_in_child", do_memory_in_child},
    {"memory_in_children", do_memory_in_children},
    {"memory_in_daemon", do_memory_in_daemon},
    {"cpu", do_cpu},
    {"cpu_ignoring", do_cpu_ignoring},
    {"cpu_in_children", do_cpu_in_children},
    {"cpu_in_short_children", do_cpu_in_short_children},
    {"cpu_in_daemon", do_cpu_in_daemon},
    {"open_files", do_open_files},
    {"file", do_file},
    {"file_ignoring", do_file_ignoring},
    {"stack", do_stack},
    {NULL, NULL},
};
