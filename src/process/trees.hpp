#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/unique_fd.hpp"
#include "core/fact.hpp"
#include "process/mark.hpp"
#include "process/proc.hpp"

namespace ptests {

struct CpuTime {
  std::chrono::microseconds user{};
  std::chrono::microseconds system{};
  void add(const rusage& used);
  double seconds() const { return std::chrono::duration<double>(user + system).count(); }
};

/// Orphans that have ended: no member tells of them any more.
struct EndedOrphans {
  CpuTime time;                ///< with that of the children they waited for
  bool met_cpu_limit = false;  ///< one died of SIGXCPU. The kernel counts whole ticks for that: its time may still be below the limit
};

/// Which processes belong to which test, wherever they went. We are the subreaper of all we start: a process that outlives its
/// parent, setsid and double fork included, becomes our child, so the trees below our own children are all there is.
/// Whose such an orphan is tells its mark.
class Trees {
 public:
  /// Makes this process a subreaper.
  Trees(Proc proc, std::uint32_t run);

  /// The mark for the next process of a test, or of the build.
  Mark next_mark() { return {run_, ++serial_}; }
  Mark build_mark() const { return {run_, 0}; }
  /// A test's own process, which carries `mark`.
  void add(TestId test, pid_t leader, Mark mark);
  /// The leader was reaped. The test's orphans stay known.
  void leader_ended(TestId test);
  /// Nothing of the test is looked for any more.
  void remove(TestId test);
  /// A child of ours that is no test's: the guard, a build tool, a debugger.
  void add_helper(pid_t pid) { helpers_.insert(pid); }
  void remove_helper(pid_t pid) { helpers_.erase(pid); }

  /// Looks at our children: takes in orphans, reaps the dead. Costs one read when nothing is new.
  void look();
  /// Whether a live orphan of the test is known; as of the last look().
  bool has_orphans(TestId test) const;
  /// Every live process of the test, its leader included while that lives.
  std::vector<ProcessStat> members(TestId test) const;
  /// Live orphans of which nobody knows whose they are, or whose test is not looked after any more, with all below them.
  std::vector<ProcessStat> strays() const;
  /// Whether there are any; as of the last look().
  bool has_strays() const;
  EndedOrphans ended_orphans(TestId test) const;

  const Proc& proc() const { return proc_; }

  /// Told the pid of every orphan taken in, and of each that has gone.
  std::function<void(pid_t)> on_adopted = [](pid_t) {};
  std::function<void(pid_t)> on_gone = [](pid_t) {};

 private:
  struct Root {
    pid_t leader = 0;  ///< 0 when it was reaped
    pid_t group = 0;   ///< as long as that has members its number is nobody else's
    Mark mark;
    EndedOrphans ended;
  };
  struct Orphan {
    std::optional<TestId> test;
    std::uint64_t start_time = 0;
    bool of_build = false;  ///< started by the build: not ours to end
  };
  std::vector<pid_t> own_children();
  void take_in(pid_t pid);
  bool reap(pid_t pid, const Orphan& orphan);
  Orphan identify(const ProcessStat& stat) const;
  bool is_stray(const Orphan& orphan) const { return !orphan.of_build && !(orphan.test && roots_.contains(*orphan.test)); }

  Proc proc_;
  std::uint32_t run_;
  std::uint32_t serial_ = 0;
  pid_t self_;
  UniqueFd children_;   ///< /proc/self/task/PID/children, kept open; none when the kernel has no such file
  std::string listed_;  ///< what it read last
  std::unordered_map<TestId, Root> roots_;
  std::unordered_set<pid_t> leaders_;
  std::unordered_map<pid_t, Orphan> orphans_;
  std::unordered_set<pid_t> helpers_;
};

}  // namespace ptests
