/* What the files of the victim share. Everything it does has an end: waits, loops, allocations, and the life of every process. */
#ifndef VICTIM_H
#define VICTIM_H

#include <stddef.h>
#include <sys/types.h>

enum {
  k_long = 20,            /* seconds: longer than any test waits, and still an end */
  k_longest = 60,         /* seconds any process of ours lives, even a stopped one */
  k_most_processes = 200, /* at one time */
  k_most_memory = 256     /* MiB */
};

struct behaviour {
  const char* name; /* NULL ends a list */
  int (*run)(char** args);
};

extern const struct behaviour k_output_behaviours[];
extern const struct behaviour k_process_behaviours[];
extern const struct behaviour k_hog_behaviours[];

void sleep_for(double seconds);
/* args[0] as a number, or `otherwise` when there is none. */
double number_or(char** args, double otherwise);
/* "5M", "64k", "10": with the powers of 1024. */
size_t parse_size(const char* text);

void put(int fd, const char* bytes, size_t size);
#define PUT(literal) put(1, literal, sizeof literal - 1)

/* SIGKILL for this process after k_longest seconds. Children do not inherit it. */
void bound_life(void);
/* fork(), with a child whose life is bounded too; it ends the program when there is no process to be had. */
pid_t start_child(void);
/* start_child() for a child of init: 0 in it, 1 here. */
int start_orphan(void);
/* The same in a session of its own: it has left ours when this returns. */
int start_daemon(void);

#endif
