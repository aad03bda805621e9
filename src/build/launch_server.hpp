#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "base/uv.hpp"
#include "build/launch_message.hpp"
#include "core/fact.hpp"

namespace ptests {

/// Where the launchers of a build ask whether their commands may start, and tell how these ended: a unix socket in a folder of its own that
/// only this user can enter; who connects is looked at as well. Tells StepWanted, then exactly one StepEnded for it, and another for each
/// again() that said yes. Launchers whose server has gone run their commands without it.
class LaunchServer {
 public:
  using Sink = std::function<void(Fact)>;

  /// The folder is made in `parent`, or where that is "", in XDG_RUNTIME_DIR or TMPDIR; in /tmp when the path would be too long for a
  /// socket or nothing can be made there. `loop` must outlive it. Not to be destroyed by the sink.
  static Result<std::unique_ptr<LaunchServer>> open(uv::Loop& loop, Sink sink, const fs::path& parent = {});
  ~LaunchServer();
  LaunchServer(const LaunchServer&) = delete;
  LaunchServer& operator=(const LaunchServer&) = delete;

  /// The value of PTESTS_BUILD_SOCKET for the build tool.
  const std::string& socket_path() const { return socket_path_; }

  /// A wanted step may start, as a member of the cgroups whose cgroup.procs files these are. False when its launcher has gone, or is about
  /// to: then its StepEnded was told, or will be.
  bool grant(StepId step, const std::vector<std::string>& entrances);
  /// An ended step shall run once more, as if it had not. False when its launcher has gone: then no other StepEnded follows.
  bool again(StepId step, const std::vector<std::string>& entrances);
  /// The end of a step is taken: its launcher prints what the command printed, and ends. Nothing when that has gone.
  void finish(StepId step);
  /// The build is to end: launchers that wait, and all that ask from now on, end as if they were interrupted. The signal that ends the
  /// build misses one that a shell is about to start.
  void stop();

  /// The launcher's process; 0 when it has gone. Its command is a child of it.
  pid_t pid(StepId step) const;
  /// Whether it waits for grant().
  bool is_waiting(StepId step) const;

 private:
  struct Client {
    enum class State : std::uint8_t { greeting, waiting, running, ended, dismissed };
    UniqueFd socket;
    uv::Poll poll;
    FrameReader reader;
    pid_t pid = 0;
    State state = State::greeting;
  };

  LaunchServer(uv::Loop& loop, Sink sink) : loop_(&loop), sink_(std::move(sink)) {}
  Result<void> listen_in(const fs::path& parent);
  void accept_all();
  UniqueFd accept_one();
  /// For want of descriptors; false when there was nobody.
  bool turn_away_one();
  void add(UniqueFd socket);
  void on_readable(StepId step);
  /// False for a message that does not come at this time.
  bool take(StepId step, Client& client, LaunchMessage message);
  void drop(StepId step);
  Client* find(StepId step, Client::State state) const;
  static bool tell(Client& client, const LaunchMessage& message);

  uv::Loop* loop_;
  Sink sink_;
  std::string folder_;
  std::string socket_path_;
  UniqueFd listener_;
  UniqueFd spare_;  ///< given up to turn somebody away when there is no other descriptor left
  uv::Poll listener_poll_;
  std::map<StepId, std::unique_ptr<Client>> clients_;
  StepId next_ = 1;
  bool is_stopping_ = false;
};

}  // namespace ptests
