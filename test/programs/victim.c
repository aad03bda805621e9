/* A test program that behaves badly on demand: victim <behaviour> [<argument>...]
   expected.tsv says what ptests makes of it. Here: how it ends and what it was given. */
#define _GNU_SOURCE
#include "victim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void sleep_for(double seconds) {
  struct timespec rest = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
  }
}

double number_or(char** args, double otherwise) { return args[0] != NULL ? atof(args[0]) : otherwise; }

size_t parse_size(const char* text) {
  char* end = NULL;
  const double number = strtod(text, &end);
  return (size_t)(number * (*end == 'G' ? 1 << 30 : *end == 'M' ? 1 << 20 : *end == 'k' ? 1 << 10 : 1));
}

void put(int fd, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t n = write(fd, bytes, size);
    if (n <= 0) exit(90);
    bytes += n;
    size -= (size_t)n;
  }
}

/* A timer and not alarm(): nothing blocks or ignores SIGKILL, and it ends stopped processes too. */
void bound_life(void) {
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
  const struct itimerspec end = {.it_value = {.tv_sec = k_longest}};
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &end, NULL) != 0) _exit(93);
}

/* --- How it ends */

static int do_exit(char** args) { return atoi(args[0]); }

/* By name without SIG, or by number. No core file, whatever the system does with them. */
static int do_raise(char** args) {
  prctl(PR_SET_DUMPABLE, 0);
  int number = atoi(args[0]);
  for (int i = 1; number == 0 && i < NSIG; ++i)
    if (sigabbrev_np(i) != NULL && strcmp(sigabbrev_np(i), args[0]) == 0) number = i;
  kill(getpid(), number);
  sleep_for(1);
  return 91;
}

static int do_abort(char** args) {
  (void)args;
  prctl(PR_SET_DUMPABLE, 0);
  abort();
}

static int do_null_pointer(char** args) {
  (void)args;
  prctl(PR_SET_DUMPABLE, 0);
  volatile int* volatile nowhere = NULL;
  *nowhere = 1;
  return 91;
}

/* With a core dump, from one function or from the other. */
static __attribute__((noinline)) void dump_here(void) { abort(); }
static __attribute__((noinline)) void dump_there(void) {
  raise(SIGQUIT);
  sleep_for(1);
}

static int do_dump_core(char** args) {
  (strcmp(args[0], "here") == 0 ? dump_here : dump_there)();
  return 91;
}

static void* crash_in_thread(void* nothing) {
  do_null_pointer(NULL);
  return nothing;
}

static int do_thread_crash(char** args) {
  (void)args;
  pthread_t thread;
  if (pthread_create(&thread, NULL, crash_in_thread, NULL) != 0) return 92;
  sleep_for(k_long);
  return 91;
}

static int do_sleep(char** args) {
  sleep_for(number_or(args, k_long));
  return 0;
}

static void say_asked(int number) {
  (void)number;
  PUT("asked to end\n");
}

/* Says that it was asked, and goes on. */
static int do_ignore_term(char** args) {
  (void)args;
  signal(SIGTERM, say_asked);
  PUT("waiting\n");
  sleep_for(k_long);
  return 0;
}

static int do_ignore_all(char** args) {
  (void)args;
  for (int i = 1; i < NSIG; ++i) signal(i, SIG_IGN);
  PUT("waiting\n");
  sleep_for(k_long);
  return 0;
}

static void say_ended(int number) {
  (void)number;
  PUT("asked to end\n");
  _exit(0);
}

static int do_obey_term(char** args) {
  (void)args;
  signal(SIGTERM, say_ended);
  PUT("waiting\n");
  sleep_for(k_long);
  return 0;
}

static int do_stop_itself(char** args) {
  (void)args;
  raise(SIGSTOP);
  sleep_for(k_long);
  return 0;
}

static void* exit_later(void* seconds) {
  sleep_for(*(double*)seconds);
  exit(0);
}

/* The first thread ends before the others: what the process does then is not to be seen in /proc/PID, only in its threads. */
static int do_first_thread_ends(char** args) {
  static double seconds;
  seconds = number_or(args, k_long);
  pthread_t thread;
  if (pthread_create(&thread, NULL, exit_later, &seconds) != 0) return 92;
  pthread_exit(NULL);
}

/* Becomes the victim with these arguments. */
static int do_exec(char** args) {
  execv("/proc/self/exe", args - 1);
  return 92;
}

/* --- What it was given */

static int do_stdin(char** args) {
  (void)args;
  char byte = 0;
  alarm(2);
  return read(0, &byte, 1) == 0 ? 0 : 1;
}

/* The values of the variables named; "-" for one that is not set. */
static int do_env(char** args) {
  for (; *args != NULL; ++args) {
    const char* value = getenv(*args);
    printf("%s=%s\n", *args, value != NULL ? value : "-");
  }
  return 0;
}

static int do_args(char** args) {
  for (; *args != NULL; ++args) printf("[%s]\n", *args);
  return 0;
}

static int do_cwd(char** args) {
  (void)args;
  char* directory = getcwd(NULL, 0);
  puts(directory != NULL ? directory : "?");
  free(directory);
  return 0;
}

/* 0 when nothing but stdin, stdout and stderr is open. */
static int do_descriptors(char** args) {
  (void)args;
  int others = 0;
  DIR* folder = opendir("/proc/self/fd");
  if (folder == NULL) return 92;
  for (struct dirent* entry = NULL; (entry = readdir(folder)) != NULL;) {
    const int fd = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || fd <= 2 || fd == dirfd(folder)) continue;
    printf("descriptor %d is open\n", fd);
    ++others;
  }
  closedir(folder);
  return others;
}

/* 0 when it leads its own process group and no signal is blocked or ignored. */
static int do_signals(char** args) {
  (void)args;
  int wrong = getpgrp() == getpid() ? 0 : 1;
  if (wrong) puts("not the leader of its process group");
  sigset_t blocked;
  sigprocmask(SIG_SETMASK, NULL, &blocked);
  for (int i = 1; i < NSIG; ++i) {
    struct sigaction action;
    if (sigaction(i, NULL, &action) != 0) continue;
    if (sigismember(&blocked, i) != 1 && action.sa_handler == SIG_DFL) continue;
    printf("signal %d is blocked or ignored\n", i);
    wrong = 1;
  }
  return wrong;
}

/* 0 when stdout and stderr are one terminal with a size, and it is the controlling one. */
static int do_tty(char** args) {
  (void)args;
  struct winsize size = {0};
  const char* out = ttyname(1);
  char name[64] = "";
  if (out != NULL) snprintf(name, sizeof name, "%s", out);
  const char* err = ttyname(2);
  const int control = open("/dev/tty", O_RDWR);
  printf("stdout %s, stderr %s, /dev/tty %d\n", name, err != NULL ? err : "", control >= 0);
  if (*name == '\0' || err == NULL || strcmp(name, err) != 0 || control < 0) return 1;
  return ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0 ? 0 : 2;
}

static int do_tty_or_crash(char** args) {
  if (!isatty(1)) do_null_pointer(args);
  puts("there is a terminal");
  return 0;
}

static void print_limit(const char* name, int resource) {
  struct rlimit limit = {0, 0};
  getrlimit(resource, &limit);
  printf("%s %jd\n", name, limit.rlim_cur == RLIM_INFINITY ? (intmax_t)-1 : (intmax_t)limit.rlim_cur);
}

/* -1 is no limit. */
static int do_limits(char** args) {
  (void)args;
  print_limit("open_files", RLIMIT_NOFILE);
  print_limit("file_size", RLIMIT_FSIZE);
  print_limit("stack", RLIMIT_STACK);
  print_limit("cpu_time", RLIMIT_CPU);
  return 0;
}

static int do_nice(char** args) {
  (void)args;
  printf("%d\n", getpriority(PRIO_PROCESS, 0));
  return 0;
}

static int do_processors(char** args) {
  (void)args;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 92;
  printf("%d\n", CPU_COUNT(&set));
  return 0;
}

static int is_empty(const char* path) {
  DIR* folder = opendir(path);
  if (folder == NULL) return 0;
  int entries = 0;
  while (readdir(folder) != NULL) ++entries;
  closedir(folder);
  return entries == 2;
}

/* 0 when TMPDIR is an empty folder of our own. Prints it, and leaves things in it: a file, a folder without rights, and for each
   argument a link to it. */
static int do_tmpdir(char** args) {
  const char* folder = getenv("TMPDIR");
  const char* same = getenv("PTESTS_TMPDIR");
  struct stat info;
  if (folder == NULL || same == NULL || strcmp(folder, same) != 0) return 1;
  puts(folder);
  if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != getuid() || (info.st_mode & 077) != 0) return 2;
  if (!is_empty(folder) || chdir(folder) != 0) return 3;
  if (mkdir("closed", 0700) != 0 || mkdir("closed/deep", 0700) != 0 || creat("closed/deep/file", 0400) < 0) return 92;
  if (creat("file", 0600) < 0 || chmod("closed/deep", 0) != 0 || chmod("closed", 0) != 0) return 92;
  char name[] = "link.0";
  for (; *args != NULL; ++args, ++name[5])
    if (symlink(*args, name) != 0) return 92;
  return 0;
}

/* --- Where it stands among others: a line "<name> start|end" for each run in the file named. With a number and a beginning of names it
   waits, for 30 s, until as many of those have started: who is to run beside others does, however slow the machine is. It is busy all the
   time, for a sleeping test would lend its processor. */

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void be_busy_for(double seconds) {
  const double end = seconds_now() + seconds;
  while (seconds_now() < end) continue;
}

static int starts_in(const char* journal, const char* beginning) {
  FILE* file = fopen(journal, "r");
  if (file == NULL) return 0;
  int starts = 0;
  char line[256];
  while (fgets(line, sizeof line, file) != NULL)
    starts += strncmp(line, beginning, strlen(beginning)) == 0 && strstr(line, " start\n") != NULL;
  fclose(file);
  return starts;
}

static int do_journal(char** args) {
  const char* const code = args[2] != NULL ? args[3] : NULL;
  const char* const others = code != NULL ? args[4] : NULL;
  char line[256];
  for (int half = 0; half < 2; ++half) {
    FILE* file = fopen(args[0], "a");
    if (file == NULL) return 92;
    const int size = snprintf(line, sizeof line, "%s %s\n", args[1], half == 0 ? "start" : "end");
    put(fileno(file), line, (size_t)size);
    fclose(file);
    if (half == 1) continue;
    for (int i = 0; i < 1500 && others != NULL && starts_in(args[0], args[5]) < atoi(others); ++i) be_busy_for(0.02);
    be_busy_for(number_or(args + 2, 0));
  }
  return code != NULL ? atoi(code) : 0;
}

static const struct behaviour k_behaviours[] = {
    {"exit", do_exit},
    {"raise", do_raise},
    {"abort", do_abort},
    {"null_pointer", do_null_pointer},
    {"dump_core", do_dump_core},
    {"thread_crash", do_thread_crash},
    {"sleep", do_sleep},
    {"ignore_term", do_ignore_term},
    {"ignore_all", do_ignore_all},
    {"obey_term", do_obey_term},
    {"stop_itself", do_stop_itself},
    {"first_thread_ends", do_first_thread_ends},
    {"exec", do_exec},
    {"stdin", do_stdin},
    {"env", do_env},
    {"args", do_args},
    {"cwd", do_cwd},
    {"descriptors", do_descriptors},
    {"signals", do_signals},
    {"tty", do_tty},
    {"tty_or_crash", do_tty_or_crash},
    {"limits", do_limits},
    {"nice", do_nice},
    {"processors", do_processors},
    {"tmpdir", do_tmpdir},
    {"journal", do_journal},
    {NULL, NULL},
};

int main(int argc, char** argv) {
  const struct behaviour* const lists[] = {k_behaviours, k_output_behaviours, k_process_behaviours, k_hog_behaviours};
  bound_life();
  for (size_t i = 0; argc > 1 && i < sizeof lists / sizeof *lists; ++i)
    for (const struct behaviour* each = lists[i]; each->name != NULL; ++each)
      if (strcmp(argv[1], each->name) == 0) return each->run(argv + 2);
  fprintf(stderr, "victim: unknown behaviour \"%s\"\n", argc > 1 ? argv[1] : "");
  return 99;
}
