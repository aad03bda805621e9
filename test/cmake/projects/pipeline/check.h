/* The value a test was given must be the one in the file; that it ran stands in the journal. */
#pragma once
#include <stdio.h>
#include <string.h>

static inline int read_value(const char* path, char* value, int size) {
  FILE* file = fopen(path, "r");
  if (file == NULL) return 0;
  char* line = fgets(value, size, file);
  fclose(file);
  if (line == NULL) return 0;
  value[strcspn(value, "\n")] = '\0';
  return 1;
}

static inline int check(const char* name, const char* given) {
  char wanted[64];
  FILE* journal = fopen(JOURNAL, "a");
  if (journal == NULL || !read_value(VALUE_FILE, wanted, sizeof wanted)) return 2;
  fprintf(journal, "%s\n", name);
  fclose(journal);
  if (strcmp(given, wanted) == 0) return 0;
  printf("%s has \"%s\", it should have \"%s\"\n", name, given, wanted);
  return 1;
}
