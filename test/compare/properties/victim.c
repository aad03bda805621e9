/* victim ACTION...: does what its arguments say, in order, then exits with 0.
 *
 *   print TEXT   error TEXT      a line on stdout, on stderr
 *   repeat N TEXT                N lines
 *   exit N       signal N        ends the process
 *   ignore N     sleep MS        ignores a signal, waits
 *   env NAME     cwd             prints a variable, the last part of the working directory
 *   args ...                     prints every further argument in brackets
 *   touch FILE                   makes a file
 *   hold FILE NAME               appends "start NAME" to FILE, waits 60 ms, appends "end NAME"
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void wait_ms(long ms) {
  const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

/* One write call a line, so that lines of processes that run at the same time do not mix. */
static void append(const char* file, const char* word, const char* name) {
  char line[200];
  const int size = snprintf(line, sizeof line, "%s %s\n", word, name);
  const int fd = open(file, O_WRONLY | O_APPEND | O_CREAT, 0644);
  if (fd < 0 || write(fd, line, (size_t)size) != size || close(fd) != 0) {
    perror(file);
    exit(100);
  }
}

static void print_cwd(void) {
  char path[4096];
  if (getcwd(path, sizeof path) == NULL) {
    perror("getcwd");
    exit(100);
  }
  printf("cwd %s\n", strrchr(path, '/') + 1);
}

static const char* next(char*** argument) {
  if (**argument == NULL) {
    fprintf(stderr, "victim: an argument is missing\n");
    exit(100);
  }
  return *(*argument)++;
}

static void act(const char* action, char*** argument) {
  if (strcmp(action, "print") == 0) {
    puts(next(argument));
  } else if (strcmp(action, "error") == 0) {
    fflush(stdout);
    fprintf(stderr, "%s\n", next(argument));
  } else if (strcmp(action, "repeat") == 0) {
    const long count = atol(next(argument));
    const char* text = next(argument);
    for (long n = 0; n < count; ++n) {
      puts(text);
    }
  } else if (strcmp(action, "exit") == 0) {
    exit(atoi(next(argument)));
  } else if (strcmp(action, "signal") == 0) {
    fflush(stdout);
    raise(atoi(next(argument)));
  } else if (strcmp(action, "ignore") == 0) {
    signal(atoi(next(argument)), SIG_IGN);
  } else if (strcmp(action, "sleep") == 0) {
    fflush(stdout);
    wait_ms(atol(next(argument)));
  } else if (strcmp(action, "env") == 0) {
    const char* name = next(argument);
    const char* value = getenv(name);
    printf(value != NULL ? "%s=[%s]\n" : "%s is unset\n", name, value);
  } else if (strcmp(action, "cwd") == 0) {
    print_cwd();
  } else if (strcmp(action, "args") == 0) {
    while (**argument != NULL) {
      printf("[%s]\n", next(argument));
    }
  } else if (strcmp(action, "touch") == 0) {
    append(next(argument), "made", "here");
  } else if (strcmp(action, "hold") == 0) {
    const char* file = next(argument);
    const char* name = next(argument);
    append(file, "start", name);
    wait_ms(60);
    append(file, "end", name);
  } else {
    fprintf(stderr, "victim: unknown action %s\n", action);
    exit(100);
  }
}

int main(int argc, char** argv) {
  (void)argc;
  for (char** argument = argv + 1; *argument != NULL;) {
    const char* action = next(&argument);
    act(action, &argument);
  }
  return 0;
}
