/* told <open files> <bytes of a file> : whether ptests limits this process so; ctest does not, and is not asked. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static int has(int resource, const char* wanted) {
  struct rlimit limit;
  getrlimit(resource, &limit);
  printf("resource %d: %llu, wanted %s\n", resource, (unsigned long long)limit.rlim_cur, wanted);
  return limit.rlim_cur == strtoull(wanted, NULL, 10);
}

int main(int argc, char** argv) {
  if (getenv("PTESTS_RUN_ID") == NULL) return 0;
  if (argc != 3) return 2;
  return has(RLIMIT_NOFILE, argv[1]) && has(RLIMIT_FSIZE, argv[2]) ? 0 : 1;
}
