// What the cases of all frameworks do.
#pragma once

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace matrix {

/// How many of some cases ran in this process: what one case leaves for the next.
inline int& visits() {
  static int count = 0;
  return count;
}

inline void crash() { std::raise(SIGSEGV); }

/// Longer than the suite's TIMEOUT, and no longer than it has to be.
inline void hang() { ::sleep(20); }

inline void print_much() {
  ++visits();
  const std::string line(1023, 'x');
  for (int i = 0; i < 2048; ++i) std::printf("%s\n", line.c_str());
}

inline void print_like_a_framework() {
  std::printf(
      "[ RUN      ] Matrix.passes\n[  FAILED  ] Matrix.passes (0 ms)\n[       OK ] Matrix.imitates (0 ms)\n</TestCase><TestCase "
      "name=\"fails\">\n"
      "ok 1 - passes");
}

/// Whether all threads came back.
inline bool run_threads() {
  ++visits();
  bool ok = true;
  pthread_t threads[4];
  for (pthread_t& thread : threads)
    ok = pthread_create(
             &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr) == 0 &&
         ok;
  for (pthread_t& thread : threads) ok = pthread_join(thread, nullptr) == 0 && ok;
  return ok;
}

}  // namespace matrix
