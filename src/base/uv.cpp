#include "base/uv.hpp"

#include <sys/epoll.h>

#include <array>
#include <cassert>

namespace ptests::uv {

Loop::Loop() {
  [[maybe_unused]] const int error = uv_loop_init(&loop_);
  assert(error == 0);
}

Loop::~Loop() {
  // The close callbacks of handles whose owners are gone. A handle that still has its owner would never close.
  run_nowait();
  [[maybe_unused]] const int error = uv_loop_close(&loop_);
  assert(error == 0);
}

Poll::Poll(Loop& loop, int fd, Callback on_readable) : Owner(std::move(on_readable)) {
  if (uv_poll_init(loop.get(), handle(), fd) != 0) {
    forget();
    return;
  }
  uv_poll_start(handle(), UV_READABLE | UV_DISCONNECT, [](uv_poll_t* poll, int, int) { call(poll); });
}

ReadySet::ReadySet(Loop& loop, Callback on_readable)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), on_readable_(std::move(on_readable)), poll_(loop, epoll_.get(), [this] { poll(); }) {}

bool ReadySet::add(int fd, std::uint64_t key) const {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = key;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void ReadySet::remove(int fd) const { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void ReadySet::poll() const {
  std::array<epoll_event, 64> ready{};
  const int count = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), 0);
  for (int i = 0; i < count; ++i) on_readable_(ready[static_cast<std::size_t>(i)].data.u64);
}

Timer::Timer(Loop& loop, Callback on_time) : Owner(std::move(on_time)) { uv_timer_init(loop.get(), handle()); }

void Timer::start(std::chrono::nanoseconds after) {
  // libuv counts whole milliseconds from the loop's cached time; round up so that a limit is never cut short.
  uv_update_time(handle()->loop);
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(after).count();
  uv_timer_start(
      handle(), [](uv_timer_t* timer) { call(timer); }, milliseconds < 0 ? 0 : static_cast<std::uint64_t>(milliseconds), 0);
}

void Timer::stop() { uv_timer_stop(handle()); }

Signal::Signal(Loop& loop, int signal_number, Callback on_signal) : Owner(std::move(on_signal)) {
  uv_signal_init(loop.get(), handle());
  uv_signal_start(
      handle(), [](uv_signal_t* signal, int) { call(signal); }, signal_number);
}

FsEvent::FsEvent(Loop& loop, const std::string& directory, std::string name, Callback on_change) : Owner(std::move(on_change)) {
  handle()->name = std::move(name);
  uv_fs_event_init(loop.get(), handle());
  const auto on_event = [](uv_fs_event_t* event, const char* changed, int, int) {
    auto* const watch = static_cast<NamedFsEvent*>(event);
    if (changed == nullptr || watch->name == changed) call(watch);
  };
  if (uv_fs_event_start(handle(), on_event, directory.c_str(), 0) != 0) close();
}

}  // namespace ptests::uv
