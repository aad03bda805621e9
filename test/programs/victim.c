/* A test program that behaves badly on demand: victim <behaviour> [<argument>...]
   expected.tsv says what ptests makes of it. Every wait, loop and allocation is bounded. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { k_long = 20 }; /* seconds: longer than any test waits, and still an end */

static void sleep_for(double seconds) {
  struct timespec rest = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
  }
}

static void put(int fd, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t n = write(fd, bytes, size);
    if (n <= 0) exit(90);
    bytes += n;
    size -= (size_t)n;
  }
}

#define PUT(literal) put(1, literal, sizeof literal - 1)

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

static int do_sleep(char** args) {
  sleep_for(args[0] != NULL ? atof(args[0]) : k_long);
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

/* --- What it leaves behind */

static int do_grandchild(char** args) {
  (void)args;
  if (fork() == 0) signal(SIGTERM, SIG_IGN);
  sleep_for(k_long);
  return 0;
}

/* Ends at once; its child has the output file for a while longer. */
static int do_background(char** args) {
  (void)args;
  if (fork() == 0) sleep_for(2);
  return 0;
}

static int do_daemon(char** args) {
  (void)args;
  if (fork() == 0) {
    setsid();
    if (fork() == 0) sleep_for(0.5);
    _exit(0);
  }
  wait(NULL);
  return 0;
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

/* --- What it prints */

static int do_say(char** args) {
  for (; *args != NULL; ++args) puts(*args);
  return 0;
}

static int do_close_stdout(char** args) {
  (void)args;
  close(1);
  close(2);
  return 0;
}

static int do_nul(char** args) {
  (void)args;
  PUT("before\0after\n\0");
  return 1;
}

static int do_invalid_utf8(char** args) {
  (void)args;
  /* A lone continuation byte, an overlong slash, a surrogate, beyond U+10FFFF, cut short. */
  PUT("\x80|\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80|\xff\xfe|\xe2\x82");
  return 1;
}

static int do_control_characters(char** args) {
  (void)args;
  char bytes[33];
  for (int i = 0; i < 32; ++i) bytes[i] = (char)(i + 1);
  bytes[32] = 0x7f;
  put(1, bytes, sizeof bytes);
  return 1;
}

static int do_xml(char** args) {
  (void)args;
  PUT("]]> <![CDATA[ </system-out> & &amp; \xef\xbf\xbe \xef\xbf\xbf \xc2\x85 \"'\n");
  return 1;
}

static int do_carriage_return(char** args) {
  (void)args;
  PUT("10%\r20%\r100%\r\nend");
  return 1;
}

static int do_escapes(char** args) {
  (void)args;
  PUT("\033[1;31mred\033[0m \033]0;title\a \033]8;;http://x\033\\link \033[");
  return 1;
}

/* 5 MB in lines of 80 characters. */
static int do_flood(char** args) {
  (void)args;
  char line[81];
  for (int i = 0; i < 65536; ++i) {
    snprintf(line, sizeof line, "%079d", i);
    line[79] = '\n';
    put(1, line, 80);
  }
  return 1;
}

static int do_long_line(char** args) {
  (void)args;
  static char line[1 << 20];
  memset(line, 'x', sizeof line);
  put(1, line, sizeof line);
  return 1;
}

static int do_both_streams(char** args) {
  (void)args;
  char line[32];
  for (int i = 0; i < 2000; ++i) put(1 + i % 2, line, (size_t)snprintf(line, sizeof line, "%d on %d\n", i, 1 + i % 2));
  return 1;
}

/* --- Where it stands among others: a line "<name> start|end" for each run in the file named */

static int do_journal(char** args) {
  char line[256];
  for (int half = 0; half < 2; ++half) {
    FILE* file = fopen(args[0], "a");
    if (file == NULL) return 92;
    const int size = snprintf(line, sizeof line, "%s %s\n", args[1], half == 0 ? "start" : "end");
    put(fileno(file), line, (size_t)size);
    fclose(file);
    if (half == 0) sleep_for(args[2] != NULL ? atof(args[2]) : 0);
  }
  return args[2] != NULL && args[3] != NULL ? atoi(args[3]) : 0;
}

struct behaviour {
  const char* name;
  int (*run)(char** args);
};

static const struct behaviour k_behaviours[] = {
    {"exit", do_exit},
    {"raise", do_raise},
    {"abort", do_abort},
    {"null_pointer", do_null_pointer},
    {"sleep", do_sleep},
    {"ignore_term", do_ignore_term},
    {"obey_term", do_obey_term},
    {"stop_itself", do_stop_itself},
    {"grandchild", do_grandchild},
    {"background", do_background},
    {"daemon", do_daemon},
    {"stdin", do_stdin},
    {"env", do_env},
    {"args", do_args},
    {"cwd", do_cwd},
    {"descriptors", do_descriptors},
    {"signals", do_signals},
    {"say", do_say},
    {"close_stdout", do_close_stdout},
    {"nul", do_nul},
    {"invalid_utf8", do_invalid_utf8},
    {"control_characters", do_control_characters},
    {"xml", do_xml},
    {"carriage_return", do_carriage_return},
    {"escapes", do_escapes},
    {"flood", do_flood},
    {"long_line", do_long_line},
    {"both_streams", do_both_streams},
    {"journal", do_journal},
};

int main(int argc, char** argv) {
  for (size_t i = 0; argc > 1 && i < sizeof k_behaviours / sizeof *k_behaviours; ++i)
    if (strcmp(argv[1], k_behaviours[i].name) == 0) return k_behaviours[i].run(argv + 2);
  fprintf(stderr, "victim: unknown behaviour \"%s\"\n", argc > 1 ? argv[1] : "");
  return 99;
}
