#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <string_view>

#include "build/launcher.hpp"
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  // Before every compiler of a build: it finds all as it was.
  if (argc > 1 && std::string_view(argv[1]) == "launch") return ptests::launch(argc, argv);
  // Nothing we open may land on 0, 1 or 2; a reader of our output that goes away, or a limit on file sizes, must not kill us.
  int fd = 0;
  do fd = ::open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= 2);
  if (fd > 2) ::close(fd);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  try {
    return ptests::cli::main({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    ptests::cli::print_error({fmt::format("internal: {}", error.what()), ""});
    return ptests::cli::k_internal;
  }
}
