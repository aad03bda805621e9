#include "base/uv.hpp"

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

}  // namespace ptests::uv
