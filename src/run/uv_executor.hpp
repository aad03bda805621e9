#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/uv.hpp"
#include "build/driver.hpp"
#include "core/seams.hpp"
#include "process/spawn.hpp"

namespace ptests {

/// The real Executor: one libuv loop whose callbacks only queue facts.
class UvExecutor final : public Executor {
 public:
  /// `tree` must outlive it. SIGINT, SIGTERM, SIGHUP and SIGQUIT, unless ignored, become facts from here on.
  static Result<std::unique_ptr<UvExecutor>> create(const BuildTree& tree);
  /// Kills what still runs.
  ~UvExecutor() override;
  UvExecutor(const UvExecutor&) = delete;
  UvExecutor& operator=(const UvExecutor&) = delete;

  Result<void> start(TestId test, const LaunchSpec& spec) override;
  void kill(TestId test, int signal_number) override;
  void set_timer(TestId test, Seconds after) override;
  Result<void> start_build(const BuildRequest& request) override;
  void stop_build(int signal_number) override;
  Fact wait() override;

 private:
  struct Child {
    Process process;
    uv::Poll exit_poll;
    uv::Timer timer;
    bool kill_rest = false;  ///< what of its group outlives it is killed
  };

  UvExecutor(const BuildTree& tree, Spawner spawner, UniqueFd null);
  void on_exit(TestId test);
  /// libuv runs due timers and then polls, without an end when nothing else is due: a fact must stop that.
  template <class Any>
  void push(Any&& fact) {
    facts_.emplace_back(std::forward<Any>(fact));
    loop_.stop();
  }

  uv::Loop loop_;
  Spawner spawner_;
  UniqueFd null_;
  std::deque<Fact> facts_;
  std::unordered_map<TestId, Child> children_;
  std::vector<uv::Signal> signals_;
  BuildDriver build_;
};

}  // namespace ptests
