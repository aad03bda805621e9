/* The processes the victim starts, and those it leaves behind. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "victim.h"

pid_t start_child(void) {
  const pid_t pid = fork();
  if (pid < 0) exit(94);
  if (pid == 0) bound_life();
  return pid;
}

int start_orphan(void) {
  const pid_t middle = start_child();
  if (middle == 0) {
    if (start_child() == 0) return 0;
    _exit(0);
  }
  waitpid(middle, NULL, 0);
  return 1;
}

int start_daemon(void) {
  int ready[2];
  char byte = 0;
  if (pipe(ready) != 0) exit(92);
  if (start_orphan() == 0) {
    setsid();
    close(ready[0]);
    close(ready[1]);
    return 0;
  }
  close(ready[1]);
  if (read(ready[0], &byte, 1) != 0) exit(92);
  close(ready[0]);
  return 1;
}

static void wait_for_all(void) {
  while (wait(NULL) > 0) {
  }
}

/* How many at once: never more than the machine bears. */
static int count_of(char** args) {
  const int count = atoi(args[0]);
  return count < k_most_processes ? count : k_most_processes;
}

/* --- While it runs */

/* The child does not end when it is asked to. */
static int do_grandchild(char** args) {
  (void)args;
  if (start_child() == 0) signal(SIGTERM, SIG_IGN);
  sleep_for(k_long);
  return 0;
}

/* Waits for a process of its group that is init's child, holds none of its output and does not end when it is asked to. */
static int do_orphan(char** args) {
  (void)args;
  if (start_orphan() == 0) {
    signal(SIGTERM, SIG_IGN);
    close(1);
    close(2);
  }
  sleep_for(k_long);
  return 0;
}

/* The same with a daemon. */
static int do_with_daemon(char** args) {
  (void)args;
  if (start_daemon() == 0) {
    signal(SIGTERM, SIG_IGN);
  }
  PUT("waiting\n");
  sleep_for(k_long);
  return 0;
}

/* So many at once. */
static int do_children(char** args) {
  const int count = count_of(args);
  for (int i = 0; i < count; ++i)
    if (start_child() == 0) {
      sleep_for(0.5);
      _exit(0);
    }
  wait_for_all();
  return 0;
}

static void run_vforked(void) {
  const pid_t pid = vfork();
  if (pid < 0) exit(94);
  if (pid == 0) _exit(0);
  waitpid(pid, NULL, 0);
}

/* So many one after the other. */
static int do_vfork(char** args) {
  const int count = count_of(args);
  for (int i = 0; i < count; ++i) run_vforked();
  return 0;
}

/* Nobody waits for them. */
static int do_zombies(char** args) {
  const int count = count_of(args);
  for (int i = 0; i < count; ++i)
    if (start_child() == 0) _exit(0);
  sleep_for(0.3);
  return 0;
}

static void* rest(void* nothing) {
  sleep_for(0.3);
  return nothing;
}

static int do_threads(char** args) {
  pthread_t threads[k_most_processes];
  const int count = count_of(args);
  for (int i = 0; i < count; ++i)
    if (pthread_create(&threads[i], NULL, rest, NULL) != 0) return 94;
  for (int i = 0; i < count; ++i) pthread_join(threads[i], NULL);
  return 0;
}

/* Each process starts others as fast as it can, until there were k_most_processes of them. */
static int do_fork_bomb(char** args) {
  (void)args;
  int* started = mmap(NULL, sizeof *started, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (started == MAP_FAILED) return 92;
  while (__atomic_add_fetch(started, 1, __ATOMIC_SEQ_CST) < k_most_processes) {
    const pid_t pid = fork();
    if (pid < 0) break;
    if (pid == 0) bound_life();
  }
  sleep_for(2);
  wait_for_all();
  return 0;
}

/* --- When it has ended */

/* A child that has the output for a while longer. */
static int do_background(char** args) {
  if (start_child() == 0) sleep_for(number_or(args, k_long));
  return 0;
}

/* The same, for an end with this code. */
static int do_fail_with_background(char** args) {
  if (start_child() == 0) sleep_for(k_long);
  return atoi(args[0]);
}

static int do_leave(char** args) {
  const int count = count_of(args);
  for (int i = 0; i < count; ++i)
    if (start_child() == 0) {
      sleep_for(k_long);
      _exit(0);
    }
  return 0;
}

/* In the group still, but nobody's child. */
static int do_double_fork(char** args) {
  (void)args;
  if (start_orphan() == 0) sleep_for(k_long);
  return 0;
}

static int do_setsid(char** args) {
  (void)args;
  int ready[2];
  char byte = 0;
  if (pipe(ready) != 0) return 92;
  if (start_child() == 0) {
    setsid();
    close(ready[0]);
    close(ready[1]);
    sleep_for(k_long);
    _exit(0);
  }
  close(ready[1]);
  return (int)read(ready[0], &byte, 1);
}

static int do_daemon(char** args) {
  if (start_daemon() == 0) {
    sleep_for(number_or(args, k_long));
  }
  return 0;
}

/* As a real one: no environment, no output, another working directory. */
static int do_daemon_without_trace(char** args) {
  (void)args;
  if (start_daemon() == 0) {
    char* const command[] = {(char*)"d", (char*)"sleep", NULL};
    char* const nothing[] = {NULL};
    if (chdir("/") != 0 || freopen("/dev/null", "w", stdout) == NULL || dup2(1, 2) < 0) _exit(92);
    execve("/proc/self/exe", command, nothing);
    _exit(92);
  }
  sleep_for(0.1);
  return 0;
}

static int do_daemon_stopped(char** args) {
  (void)args;
  if (start_daemon() == 0) {
    raise(SIGSTOP);
    sleep_for(k_long);
  }
  return 0;
}

static int do_daemon_ignoring_all(char** args) {
  (void)args;
  if (start_daemon() == 0) {
    for (int i = 1; i < NSIG; ++i) signal(i, SIG_IGN);
    sleep_for(k_long);
  }
  return 0;
}

static void* exit_late(void* nothing) {
  sleep_for(k_long);
  exit(0);
  return nothing;
}

/* Its first thread has ended: a zombie to the eye, and alive. */
static int do_daemon_without_first_thread(char** args) {
  (void)args;
  if (start_daemon() == 0) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, exit_late, NULL) == 0) pthread_exit(NULL);
  }
  sleep_for(0.1);
  return 0;
}

/* A daemon that is another process every few milliseconds, for 10 s. It prints a dot in each: a look at /proc may miss it. */
static int do_daemon_that_runs_away(char** args) {
  (void)args;
  if (start_orphan() != 0) return 0;
  for (int i = 0; i < 2000; ++i) {
    setsid();
    if (start_child() != 0) _exit(0);
    PUT(".");
    sleep_for(0.005);
  }
  return 0;
}

/* As one that was told to have no limits: the mark that it is known by is gone too. It was never an orphan in our group. */
static int do_daemon_without_limits(char** args) {
  (void)args;
  const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
  if (setrlimit(RLIMIT_RTTIME, &none) != 0) return 92;
  const pid_t middle = start_child();
  if (middle == 0) {
    setsid();
    if (start_child() == 0) sleep_for(k_long);
    _exit(0);
  }
  waitpid(middle, NULL, 0);
  return 0;
}

static int local_socket(const char* path, struct sockaddr_un* address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
  return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* Leaves a daemon that tells whoever asks who it is. Its socket is in TMPDIR, and a link to it where the argument says. */
static int do_serve(char** args) {
  struct sockaddr_un address;
  char path[100];
  snprintf(path, sizeof path, "%s/socket", getenv("TMPDIR"));
  const int server = local_socket(path, &address);
  if (bind(server, (struct sockaddr*)&address, sizeof address) != 0 || listen(server, 16) != 0) return 92;
  if (symlink(path, args[0]) != 0) return 92;
  if (start_daemon() != 0) return 0;
  while (1) {
    const int client = accept(server, NULL, NULL);
    char line[32];
    put(client, line, (size_t)snprintf(line, sizeof line, "served by %d\n", (int)getpid()));
    close(client);
  }
}

/* Prints the answer of the server there. */
static int do_ask(char** args) {
  struct sockaddr_un address;
  char answer[32];
  const int server = local_socket(args[0], &address);
  if (connect(server, (struct sockaddr*)&address, sizeof address) != 0) return 92;
  const ssize_t size = read(server, answer, sizeof answer);
  if (size <= 0) return 92;
  put(1, answer, (size_t)size);
  return 0;
}

const struct behaviour k_process_behaviours[] = {
    {"grandchild", do_grandchild},
    {"orphan", do_orphan},
    {"with_daemon", do_with_daemon},
    {"children", do_children},
    {"vfork", do_vfork},
    {"zombies", do_zombies},
    {"threads", do_threads},
    {"fork_bomb", do_fork_bomb},
    {"background", do_background},
    {"fail_with_background", do_fail_with_background},
    {"leave", do_leave},
    {"double_fork", do_double_fork},
    {"setsid", do_setsid},
    {"daemon", do_daemon},
    {"daemon_without_trace", do_daemon_without_trace},
    {"daemon_stopped", do_daemon_stopped},
    {"daemon_ignoring_all", do_daemon_ignoring_all},
    {"daemon_without_first_thread", do_daemon_without_first_thread},
    {"daemon_that_runs_away", do_daemon_that_runs_away},
    {"daemon_without_limits", do_daemon_without_limits},
    {"serve", do_serve},
    {"ask", do_ask},
    {NULL, NULL},
};
