#pragma once

#include <pthread.h>
#include <signal.h>

namespace ptests {

/// While it lives this thread hears no signals, and neither do threads that it starts: they are the main thread's.
class Deaf {
 public:
  Deaf() {
    sigset_t all{};
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~Deaf() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Deaf(const Deaf&) = delete;
  Deaf& operator=(const Deaf&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace ptests
