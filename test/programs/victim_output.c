/* What the victim prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "victim.h"

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

/* So many bytes, at most 1G, as fast as they are taken. */
static int do_print(char** args) {
  static char lines[1 << 16];
  for (size_t i = 0; i < sizeof lines; ++i) lines[i] = i % 64 == 63 ? '\n' : 'x';
  size_t left = parse_size(args[0]);
  if (left > (size_t)1 << 30) return 92;
  while (left > 0) {
    const size_t part = left < sizeof lines ? left : sizeof lines;
    put(1, lines, part);
    left -= part;
  }
  return 0;
}

/* Becomes the victim with these arguments, whose stdout is our stderr. */
static int do_on_stderr(char** args) {
  if (dup2(2, 1) < 0) return 92;
  execv("/proc/self/exe", args - 1);
  return 92;
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

/* <count> <seconds>: a line, a rest, a line ...; then silence for as long as a third argument says. */
static int do_tick(char** args) {
  char line[32];
  const int count = atoi(args[0]);
  for (int i = 1; i <= count; ++i) {
    put(1, line, (size_t)snprintf(line, sizeof line, "tick %d\n", i));
    sleep_for(atof(args[1]));
  }
  sleep_for(number_or(args + 2, 0));
  return 0;
}

const struct behaviour k_output_behaviours[] = {
    {"say", do_say},
    {"close_stdout", do_close_stdout},
    {"nul", do_nul},
    {"invalid_utf8", do_invalid_utf8},
    {"control_characters", do_control_characters},
    {"xml", do_xml},
    {"carriage_return", do_carriage_return},
    {"escapes", do_escapes},
    {"flood", do_flood},
    {"print", do_print},
    {"on_stderr", do_on_stderr},
    {"long_line", do_long_line},
    {"both_streams", do_both_streams},
    {"tick", do_tick},
    {NULL, NULL},
};
