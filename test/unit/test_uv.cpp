#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "base/unique_fd.hpp"
#include "base/uv.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using namespace std::chrono_literals;

namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    read_end = UniqueFd(ends[0]);
    write_end = UniqueFd(ends[1]);
  }
  UniqueFd read_end;
  UniqueFd write_end;
};

std::ptrdiff_t open_files() { return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()); }

}  // namespace

TEST_CASE("a timer calls back once") {
  uv::Loop loop;
  int calls = 0;
  uv::Timer timer(loop, [&] { ++calls; });
  timer.start(0ns);
  loop.run_once();
  loop.run_nowait();
  CHECK(calls == 1);
}

TEST_CASE("a timer of a moment in the past calls back at once") {
  uv::Loop loop;
  int calls = 0;
  uv::Timer timer(loop, [&] { ++calls; });
  timer.start(-5s);
  loop.run_once();
  CHECK(calls == 1);
}

TEST_CASE("a stopped timer does not call back") {
  uv::Loop loop;
  int calls = 0;
  uv::Timer timer(loop, [&] { ++calls; });
  timer.start(0ns);
  timer.stop();
  loop.run_nowait();
  CHECK(calls == 0);
}

TEST_CASE("timers call back in the order of their times") {
  uv::Loop loop;
  std::string order;
  uv::Timer late(loop, [&] { order += "late"; });
  uv::Timer early(loop, [&] { order += "early "; });
  late.start(2ms);
  early.start(1ms);
  while (order.size() < 10) loop.run_once();
  CHECK(order == "early late");
}

TEST_CASE("an owner may be closed, or given another handle, inside its own callback") {
  uv::Loop loop;
  int calls = 0;
  uv::Timer timer;
  // What the callback captured must live until it returns.
  const std::string text(100, 'x');
  std::string seen;
  timer = uv::Timer(loop, [&, text] {
    timer.close();
    timer = uv::Timer(loop, [&] { ++calls; });
    timer.start(0ns);
    seen = text;
    ++calls;
  });
  timer.start(0ns);
  while (calls < 2) loop.run_once();
  CHECK(seen == text);
  CHECK(timer);
}

TEST_CASE("a closed owner is empty and never calls back") {
  uv::Loop loop;
  int calls = 0;
  uv::Timer timer(loop, [&] { ++calls; });
  timer.start(0ns);
  timer.close();
  timer.close();
  CHECK_FALSE(timer);
  loop.run_nowait();
  CHECK(calls == 0);
}

TEST_CASE("a moved owner keeps its callback") {
  uv::Loop loop;
  int calls = 0;
  uv::Timer timer(loop, [&] { ++calls; });
  timer.start(0ns);
  const uv::Timer moved = std::move(timer);
  loop.run_once();
  CHECK(calls == 1);
}

TEST_CASE("a poll calls back when there is something to read, and at the end") {
  uv::Loop loop;
  Pipe pipe;
  int calls = 0;
  const uv::Poll poll(loop, pipe.read_end.get(), [&] { ++calls; });
  REQUIRE(poll);
  loop.run_nowait();
  CHECK(calls == 0);
  REQUIRE(::write(pipe.write_end.get(), "x", 1) == 1);
  loop.run_nowait();
  CHECK(calls == 1);
  std::array<char, 8> buffer{};
  CHECK(::read(pipe.read_end.get(), buffer.data(), buffer.size()) == 1);
  pipe.write_end.reset();
  loop.run_nowait();
  CHECK(calls == 2);
}

TEST_CASE("a poll of what cannot be watched is empty") {
  uv::Loop loop;
  const UniqueFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const uv::Poll regular(loop, file.get(), [] {});
  CHECK_FALSE(regular);
  const uv::Poll none(loop, -1, [] {});
  CHECK_FALSE(none);
}

TEST_CASE("a signal calls back for each arrival") {
  uv::Loop loop;
  int calls = 0;
  const uv::Signal signal(loop, SIGUSR2, [&] { ++calls; });
  ::raise(SIGUSR2);
  loop.run_once();
  CHECK(calls == 1);
  ::raise(SIGUSR2);
  loop.run_once();
  CHECK(calls == 2);
}

TEST_CASE("a loop that goes takes its file descriptors with it") {
  // libuv's own pipe for signals comes with the first loop of the process and stays.
  { uv::Loop first; }
  const std::ptrdiff_t before = open_files();
  {
    uv::Loop loop;
    Pipe pipe;
    const uv::Poll poll(loop, pipe.read_end.get(), [] {});
    const uv::Timer timer(loop, [] {});
    const uv::Signal signal(loop, SIGUSR2, [] {});
    loop.run_nowait();
  }
  CHECK(open_files() == before);
}
