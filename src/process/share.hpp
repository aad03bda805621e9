#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/files.hpp"
#include "core/test.hpp"

namespace ptests {

/// What one test takes of a machine that several runs of ptests use.
struct SharedNeed {
  int millicpus = 1000;  ///< thousandths of a processor; more than there are means all of them
  enum class Company : std::uint8_t { others, none } company = Company::others;
  std::vector<GroupUse> uses;  ///< locks are groups of one
};

/// A flock(2) on an open file; lets it go when it goes.
class FileLock {
 public:
  enum class Mode : std::uint8_t { shared, exclusive };
  /// Makes the file `path` where need be, which is in the open `directory`; nothing when somebody else has the lock.
  static Result<std::optional<FileLock>> try_take(int directory, const fs::path& path, Mode mode = Mode::exclusive);
  FileLock(FileLock&&) noexcept = default;
  FileLock& operator=(FileLock&&) noexcept = default;
  ~FileLock();

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// The processors, locks and groups of one machine, shared by all runs of ptests that know the same directory. What a run takes are
/// flock(2)s on files there, which the kernel takes back from whatever ends it:
///
///     slot.I     one processor; the first `processors` numbers
///     use.H.I    one place in a lock or group, H = XXH3 of its name
///     alone      shared by every run in which a test runs, exclusive to one that tolerates no other
///     turn       held by a run that has waited for long: no other run takes anything until it could start a test
///
/// Nobody holds one thing while waiting for another, but for `turn`, and who has that lets it go before it waits for a lock. What it waits
/// for then is held by running tests only, so waiting always ends. Files are never removed: who did so would cut the runs apart.
class MachineShare {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Places = std::vector<FileLock>;  ///< in locks and groups

  /// What one running test took; gives it back when it goes. Must not outlive its MachineShare.
  class Hold {
   public:
    Hold() = default;
    Hold(Hold&& other) noexcept
        : share_(std::exchange(other.share_, nullptr)), millicpus_(other.millicpus_), places_(std::move(other.places_)) {}
    Hold& operator=(Hold&& other) noexcept {
      std::swap(share_, other.share_);
      std::swap(millicpus_, other.millicpus_);
      std::swap(places_, other.places_);
      return *this;
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      if (share_ != nullptr) share_->give_back(millicpus_);
    }

   private:
    friend class MachineShare;
    MachineShare* share_ = nullptr;
    int millicpus_ = 0;
    Places places_;
  };

  /// Another run has what is needed.
  struct Denied {
    enum class Kind : std::uint8_t {
      group,    ///< all places in the group or lock `name`; tests that do not need it may start
      machine,  ///< processors, or the right to run alone or next
    };
    Kind kind = Kind::machine;
    std::string name;
  };
  using Answer = std::variant<Hold, Denied>;

  /// /tmp/ptests-share-UID, whatever TMPDIR says: all runs of a user meet there.
  static fs::path default_directory();
  /// As many as are online: the same for every run, wherever it is pinned to.
  static int online_processors();
  /// Makes the directory, but not its parents. An error when it is not ours alone to write to.
  static Result<std::unique_ptr<MachineShare>> open(const fs::path& directory, int processors = online_processors());
  MachineShare(const MachineShare&) = delete;
  MachineShare& operator=(const MachineShare&) = delete;

  /// All of `need` or nothing, at once. An error means that nothing can be shared any more: the directory is gone, no descriptor is left.
  Result<Answer> try_take(const SharedNeed& need, Time now);
  /// When it is worth to ask again after Denied.
  std::chrono::milliseconds ask_again_in() const;
  /// Nothing of this run is to start for now: others may go before it.
  void stop_waiting();

 private:
  MachineShare(fs::path path, UniqueFd directory, int processors)
      : path_(std::move(path)), directory_(std::move(directory)), processors_(processors) {}
  Result<bool> may_start(const SharedNeed& need);
  Result<std::variant<Places, Denied>> take_places(const SharedNeed& need) const;
  Result<bool> hold_slots(int wanted);
  void trim_slots(int wanted);
  int slots_for(int millicpus) const;
  Result<Answer> wait_for_turn(Time now);
  void give_back(int millicpus);

  fs::path path_;
  UniqueFd directory_;
  int processors_;
  std::optional<FileLock> turn_;
  std::optional<FileLock> company_;  ///< while anything runs
  FileLock::Mode company_mode_ = FileLock::Mode::shared;
  std::map<int, FileLock> slots_;
  int millicpus_ = 0;  ///< of all that runs
  int running_ = 0;
  std::optional<Time> waiting_since_;
};

}  // namespace ptests
