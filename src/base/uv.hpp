#pragma once

#include <uv.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "base/unique_fd.hpp"

namespace ptests::uv {

/// Owns the event loop. Every handle of it must be gone before it is.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Blocks until at least one callback has run.
  void run_once() { uv_run(&loop_, UV_RUN_ONCE); }
  /// From a callback: run_once() returns after this round, even if it has not polled yet.
  void stop() { uv_stop(&loop_); }
  void run_nowait() { uv_run(&loop_, UV_RUN_NOWAIT); }
  uv_loop_t* get() { return &loop_; }

 private:
  uv_loop_t loop_{};
};

/// A libuv handle on the heap with its callback: libuv keeps a handle until its close callback, which comes after the
/// owner is gone.
template <class Handle>
class Owner {
 public:
  using Callback = std::function<void()>;

  Owner() = default;
  Owner(Owner&& other) noexcept : box_(std::exchange(other.box_, nullptr)) {}
  Owner& operator=(Owner&& other) noexcept {
    std::swap(box_, other.box_);
    return *this;
  }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  ~Owner() { close(); }

  explicit operator bool() const { return box_ != nullptr; }
  void close() {
    if (box_ == nullptr) return;
    uv_close(reinterpret_cast<uv_handle_t*>(&box_->handle), [](uv_handle_t* handle) { delete static_cast<Box*>(handle->data); });
    box_ = nullptr;
  }

 protected:
  struct Box {
    Handle handle{};
    Callback callback;
  };
  explicit Owner(Callback callback) : box_(new Box{{}, std::move(callback)}) { box_->handle.data = box_; }
  Handle* handle() { return &box_->handle; }
  /// Takes the box back when libuv refused to initialise the handle.
  void forget() { delete std::exchange(box_, nullptr); }
  static void call(Handle* handle) { static_cast<Box*>(handle->data)->callback(); }

 private:
  Box* box_ = nullptr;
};

/// Calls back when `fd` is readable. Empty (false) when libuv cannot watch it.
class Poll : public Owner<uv_poll_t> {
 public:
  Poll() = default;
  Poll(Loop& loop, int fd, Callback on_readable);
};

/// Many descriptors behind one handle: to watch one more costs two system calls instead of a handle's six.
class ReadySet {
 public:
  /// Called with the key of each descriptor that is readable, again and again until that is removed or read.
  using Callback = std::function<void(std::uint64_t key)>;
  ReadySet(Loop& loop, Callback on_readable);
  ReadySet(const ReadySet&) = delete;
  ReadySet& operator=(const ReadySet&) = delete;

  /// False when the kernel cannot watch it.
  bool add(int fd, std::uint64_t key) const;
  /// Before it is closed: a process that was just born may hold a copy of it, and the kernel would go on watching that.
  void remove(int fd) const;

 private:
  void poll() const;

  UniqueFd epoll_;
  Callback on_readable_;
  Poll poll_;
};

/// Calls back once, `after` from start(); start() again moves it.
class Timer : public Owner<uv_timer_t> {
 public:
  Timer() = default;
  Timer(Loop& loop, Callback on_time);
  void start(std::chrono::nanoseconds after);
  void stop();
};

/// Calls back for each arrival of a signal.
class Signal : public Owner<uv_signal_t> {
 public:
  Signal() = default;
  Signal(Loop& loop, int signal_number, Callback on_signal);
};

/// A watch of a directory that cares for one name.
struct NamedFsEvent : uv_fs_event_t {
  std::string name;
};

/// Calls back when the file `name` in `directory` is made, written, renamed or removed; it need not be there yet. Several changes may
/// come as one call. Empty (false) when the kernel does not watch it: inotify has limits for each user.
class FsEvent : public Owner<NamedFsEvent> {
 public:
  FsEvent() = default;
  FsEvent(Loop& loop, const std::string& directory, std::string name, Callback on_change);
};

}  // namespace ptests::uv
