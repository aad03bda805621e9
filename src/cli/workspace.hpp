#pragma once

#include <optional>
#include <string>

#include "base/files.hpp"
#include "base/result.hpp"
#include "process/sweep.hpp"

namespace ptests::cli {

/// Our folder in the build directory, ours alone while the lock is held.
class Workspace {
 public:
  /// An error when another ptests runs there.
  static Result<Workspace> open(const std::string& build_directory);
  Workspace(Workspace&&) noexcept = default;
  Workspace& operator=(Workspace&&) noexcept = default;
  ~Workspace();

  const fs::path& directory() const { return directory_; }
  /// Of the last run here; --stress has one of its own.
  fs::path journal() const { return directory_ / "events.jsonl"; }
  fs::path logs() const { return directory_ / "logs"; }

  /// What the last run here left when it was killed together with its guard; nothing when it ended as it should.
  std::optional<RunRemains> remains_of_last_run() const;
  /// Notes what a killed run would leave, until this object goes.
  Result<void> note(const RunRemains& remains);

 private:
  Workspace(fs::path directory, UniqueFd lock) : directory_(std::move(directory)), lock_(std::move(lock)) {}
  fs::path note_path() const { return directory_ / "running.json"; }

  fs::path directory_;
  UniqueFd lock_;
  bool has_note_ = false;
};

}  // namespace ptests::cli
