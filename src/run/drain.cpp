#include "run/drain.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/files.hpp"

namespace ptests {

namespace {

/// What is read at most before others get their turn.
constexpr int k_most_reads = 16;

void set_nonblocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

void make_plain(int terminal) {
  termios settings{};
  if (::tcgetattr(terminal, &settings) == 0) {
    settings.c_oflag &= ~static_cast<tcflag_t>(OPOST);
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(terminal, TCSANOW, &settings);
  }
  const winsize size{24, 80, 0, 0};
  ::ioctl(terminal, TIOCSWINSZ, &size);
}

}  // namespace

Result<Drain::Ends> Drain::open_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(describe_errno("making a pipe for", "the output", errno));
  set_nonblocking(ends[0]);
  return Ends{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<Drain::Ends> Drain::open_terminal() {
  UniqueFd ours(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  std::array<char, 64> name{};
  if (!ours || ::grantpt(ours.get()) != 0 || ::unlockpt(ours.get()) != 0 || ::ptsname_r(ours.get(), name.data(), name.size()) != 0)
    return fail(describe_errno("making a terminal for", "the output", errno));
  UniqueFd childs(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!childs) return fail(describe_errno("opening", name.data(), errno));
  make_plain(childs.get());
  set_nonblocking(ours.get());
  return Ends{std::move(ours), std::move(childs)};
}

Drain::Drain(uv::Loop& loop, UniqueFd source, int log) : flow_(new Flow{std::move(source), log, {}}) {
  Flow* const flow = flow_.get();
  flow->poll = uv::Poll(loop, flow->source.get(), [flow] {
    if (!flow->copy_once()) flow->poll.close();
  });
}

bool Drain::Flow::copy_once() const {
  std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read fills it
  const ssize_t n = ::read(source.get(), buffer.data(), buffer.size());
  // A terminal whose other end is closed by all says EIO.
  if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR);
  write_all(log, std::string_view(buffer.data(), static_cast<std::size_t>(n)));
  return true;
}

void Drain::copy() {
  if (!flow_) return;
  int waiting = 0;
  for (int i = 0; i < k_most_reads; ++i) {
    if (::ioctl(flow_->source.get(), FIONREAD, &waiting) != 0 || waiting == 0 || !flow_->copy_once()) return;
  }
}

}  // namespace ptests
