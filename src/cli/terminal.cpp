#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "cli/cli.hpp"

namespace ptests::cli {

namespace {

bool is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

bool use_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return is_terminal() && (no_colour == nullptr || *no_colour == '\0');
}

int terminal_columns() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// A dumb one cannot take a line back.
bool use_progress() {
  const char* terminal = std::getenv("TERM");
  return is_terminal() && terminal_columns() > 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

ConsoleOptions console_options() {
  return {.write = print, .colour = use_colour(), .columns = terminal_columns(), .progress = use_progress()};
}

}  // namespace ptests::cli
